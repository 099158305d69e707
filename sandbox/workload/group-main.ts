import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";
import { systemClock } from "../../lambdas/clock.ts";
import { secretValueOf } from "../../lambdas/contracts/secret-value.ts";
import { drawFor } from "../draw.ts";
import { liveFor, report } from "./child.ts";
import { startGroup } from "./group.ts";
import { vendorRequest } from "./vendor-request.ts";

/*
 * Workloads of one vendor in one process: a process for each would need more memory and time than a small machine has. It
 * is told in its environment what to run, reports every second and after every failure, and ends when its parent goes away.
 */
const { MEMBERS, VENDOR, VENDOR_URL, EVERY_MS, LONGEST_HOLD_MS, SEED } = z
  .object({
    MEMBERS: z
      .string()
      .transform((text) => z.array(z.object({ name: z.string(), secretId: z.string() })).parse(JSON.parse(text))),
    VENDOR: z.enum(["pictograph", "pictify"]),
    VENDOR_URL: z.url(),
    EVERY_MS: z.coerce.number().positive(),
    LONGEST_HOLD_MS: z.coerce.number().positive(),
    SEED: z.coerce.number(),
  })
  .parse(process.env);

const REPORT_MS = 1_000;
/** A request that gets no answer within this time is a failure. */
const PATIENCE_MS = 20_000;

const secrets = new SecretsManagerClient({});
const draw = drawFor(SEED, `holds of ${VENDOR}`);

const group = startGroup({
  clock: systemClock,
  members: MEMBERS,
  read: async (secretId) => {
    const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
    return secretValueOf(SecretString, secretId);
  },
  request: vendorRequest(VENDOR, VENDOR_URL, (request) => fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) })),
  everyMs: EVERY_MS,
  holdMs: () => draw.between(0, LONGEST_HOLD_MS),
  onFailure: (reason) => report(group.counts(), reason),
});

const reporting = setInterval(() => report(group.counts()), REPORT_MS);

liveFor({
  counts: group.counts,
  async stop() {
    clearInterval(reporting);
    await group.stop();
    report(group.counts());
  },
});
