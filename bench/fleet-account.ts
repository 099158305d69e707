import { randomUUID } from "node:crypto";
import { FUNCTIONS, functionName } from "../constructs/functions.ts";
import { declarationTags } from "../lambdas/contracts/declaration.ts";
import { generationOf, keyName, serviceId } from "../lambdas/contracts/key-name.ts";
import { secretNameOf } from "../lambdas/contracts/secret-name.ts";
import { secretValueText } from "../lambdas/contracts/secret-value.ts";
import { Redacted } from "../lambdas/redacted.ts";
import { createAccount } from "../sandbox/in-process/account.ts";
import { HANDLERS } from "../sandbox/in-process/handlers.ts";
import { createPictify } from "../sandbox/vendors/pictify.ts";
import { seededRandom } from "../sandbox/vendors/random-source.ts";
import type { VendorSimulator } from "../sandbox/vendors/simulator.ts";
import { VirtualClock } from "../sandbox/virtual-clock.ts";
import { type QuotaCounts, withConcurrency, withQuotas } from "./aws-quotas.ts";
import { ACCESSES, ADMIN_SECRET, BASE_URLS, DAY_MS, declarationFor, grantsFor, SERVICE, tagList } from "./declared.ts";

export const REQUESTS_A_MINUTE = 300;
export const PROPAGATION_MS = 30_000;
const VENDOR_CALL_MS = 100;

export interface FleetAccountOptions {
  readonly size: number;
  /** Whether the vendor's list comes in pages of 100 (its further documentation), or whole (its page on keys). */
  readonly pages: boolean;
  /** How long the rotation function may run. @default as it is deployed */
  readonly timeoutMs?: number;
}

export interface FleetCounts extends QuotaCounts {
  /** Requests with the admin key that the vendor answered, by what they asked for. */
  readonly answered: Record<string, number>;
  /** Answers with 429. */
  refused: number;
  /** The most of them in one minute. */
  readonly refusedByMinute: Map<number, number>;
  /** Runs of the rotation function that ended with an error, by its name. */
  readonly failures: Record<string, number>;
}

export interface FleetAccount {
  readonly clock: VirtualClock;
  readonly counts: FleetCounts;
  /** Begins a rotation of so many keys at one moment, and returns when the last one has its new key. @returns how long it took */
  rotateAtOnce(size: number): Promise<number>;
  close(): void;
}

const countedFetch = (clock: VirtualClock, simulator: VendorSimulator, counts: FleetCounts): typeof fetch =>
  (async (url: string, init: RequestInit) => {
    await clock.sleep(VENDOR_CALL_MS);
    const request = new Request(url, init);
    const isAdmin = request.headers.get("authorization")?.endsWith(simulator.adminKey) ?? false;
    const response = await simulator.fetch(request);
    if (response.status === 429) {
      counts.refused += 1;
      const minute = Math.floor(clock.now() / 60_000);
      counts.refusedByMinute.set(minute, (counts.refusedByMinute.get(minute) ?? 0) + 1);
    } else if (isAdmin) counts.answered[request.method] = (counts.answered[request.method] ?? 0) + 1;
    return response;
  }) as typeof fetch;

/** An account with a fleet whose keys all have their first generation. It is laid down, not deployed. */
export const createFleetAccount = async ({
  size,
  pages,
  timeoutMs = FUNCTIONS.rotate.timeoutSeconds * 1_000,
}: FleetAccountOptions): Promise<FleetAccount> => {
  const clock = new VirtualClock(Date.UTC(2026, 2, 1));
  const rateLimit = { requestsPerMinute: REQUESTS_A_MINUTE, requestsPerDay: 1_000_000 };
  const simulator = createPictify({ clock, plan: "enterprise", rateLimit, switches: { pages } });
  const counts: FleetCounts = {
    throttled: 0,
    mostRunsAtOnce: 0,
    answered: {},
    refused: 0,
    refusedByMinute: new Map(),
    failures: {},
  };
  const done = new Map<string, number>();
  const onInvoked = (event: unknown, error: string | undefined): void => {
    const { Step, SecretId } = event as { readonly Step?: string; readonly SecretId?: string };
    if (error === undefined && Step === "finishSecret" && SecretId) done.set(SecretId, clock.now());
    if (error === undefined) return;
    const [name = ""] = error.split(":");
    counts.failures[name] = (counts.failures[name] ?? 0) + 1;
  };
  const vendors = new Map([[BASE_URLS.pictify, simulator.fetch]]);
  const account = createAccount({
    clock,
    vendors,
    write: () => {},
    onInvoked,
    parameters: { configureTest: "no version" },
  });
  const { secretsManager, functions } = account;
  const world = account.world(grantsFor("pictify", undefined), {});
  const rotate = functionName(SERVICE, "rotate");
  functions.create({
    name: rotate,
    timeoutMs,
    handler: withConcurrency(
      // A container each, as Lambda gives one to each run that goes on beside others.
      (event, context) =>
        HANDLERS.rotate({
          ...world,
          fetch: countedFetch(clock, simulator, counts),
          secretsManager: quotas,
        })(event, context),
      counts,
    ),
    secretsManagerMayInvoke: true,
  });
  const quotas = withQuotas(clock, world.secretsManager, counts, seededRandom(1));
  const aws = <Answer>(operation: string, input: object) => secretsManager.call(operation, input) as Promise<Answer>;
  await aws("CreateSecret", { Name: ADMIN_SECRET, SecretString: JSON.stringify({ apiKey: simulator.adminKey }) });

  const lay = async (index: number): Promise<string> => {
    const name = `key-${index}`;
    const versionId = randomUUID();
    const declaration = declarationFor("pictify", name);
    const owned = keyName(name, serviceId(SERVICE, functions.arnOf(rotate)), generationOf(versionId));
    const { id, value } = simulator.issueKey({ name: owned, access: ACCESSES.pictify.value, propagationMs: 0 });
    const stored = {
      apiKey: new Redacted(value),
      keyId: id,
      vendor: "pictify",
      name: owned,
      access: ACCESSES.pictify,
      issuedAtMs: clock.now(),
    };
    const { ARN } = await aws<{ ARN: string }>("CreateSecret", {
      Name: secretNameOf(SERVICE, name),
      ClientRequestToken: versionId,
      SecretString: secretValueText(stored),
      Tags: tagList(declarationTags(declaration)),
    });
    await aws("RotateSecret", {
      SecretId: ARN,
      RotationLambdaARN: functions.arnOf(rotate),
      RotationRules: { AutomaticallyAfterDays: 90 },
      RotateImmediately: false,
    });
    return ARN;
  };
  const arns: string[] = [];
  for (let index = 0; index < size; index++) arns.push(await lay(index));
  await clock.advance(DAY_MS);

  // What the laying down asked for is no rotation.
  for (const name of Object.keys(counts.failures)) delete counts.failures[name];
  Object.assign(counts, { throttled: 0, mostRunsAtOnce: 0 });

  return {
    clock,
    counts,
    async rotateAtOnce(due) {
      const startedMs = clock.now();
      done.clear();
      for (const SecretId of arns.slice(0, due)) await aws("RotateSecret", { SecretId });
      while (done.size < due) {
        await clock.advance(10_000);
        if (clock.now() - startedMs > 3 * DAY_MS)
          throw new Error(`${due - done.size} keys have no new generation after 3 days`);
      }
      return Math.max(...done.values()) - startedMs;
    },
    close: () => account.close(),
  };
};
