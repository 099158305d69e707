import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";
import { systemClock } from "../../lambdas/clock.ts";
import { liveFor, report } from "./child.ts";
import { vendorRequest } from "./vendor-request.ts";
import { startWorkload } from "./workload.ts";

/*
 * A workload as a process of its own. It is told in its environment what to run, finds Secrets Manager as every AWS
 * client does, reports its counts to its parent, and ends when the parent goes away.
 */
const { SECRET_ID, VENDOR, VENDOR_URL, EVERY_MS, CACHE_MS } = z
  .object({
    SECRET_ID: z.string(),
    VENDOR: z.enum(["pictograph", "pictify"]),
    VENDOR_URL: z.url(),
    EVERY_MS: z.coerce.number().positive(),
    CACHE_MS: z.coerce.number().positive(),
  })
  .parse(process.env);

const secrets = new SecretsManagerClient({});

const readKey = async (): Promise<string> => {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: SECRET_ID }));
  return z.object({ apiKey: z.string() }).parse(JSON.parse(SecretString ?? "{}")).apiKey;
};

liveFor(
  startWorkload({
    clock: systemClock,
    readKey,
    request: vendorRequest(VENDOR, VENDOR_URL),
    everyMs: EVERY_MS,
    cacheMs: CACHE_MS,
    onCounts: report,
  }),
);
