import type { VendorName } from "../vendor-stand.ts";
import { CALL_EVERY_MS, LONGEST_HOLD_MS } from "./delays.ts";
import { baselineOf, earlierKeys, secretsOfSoak } from "./observe.ts";
import { createRotationLedger } from "./rotation-ledger.ts";
import { type Run, requestCounts, type SoakOptions } from "./run.ts";

const VENDORS: readonly VendorName[] = ["pictograph", "pictify"];
const POLL_MS = 1_000;
const FIRST_REQUESTS_MS = 120_000;
/** Failures told in the summary; the rest are counted. */
const MOST_TOLD = 20;

/** Deploys the stack, and starts a workload for each key. */
const start = async (options: SoakOptions): Promise<Run> => {
  const { stage, view, seed } = options;
  const earlier = await earlierKeys(stage);
  await stage.deploy();
  const secrets = await secretsOfSoak(stage);
  view.line(`deployed: ${secrets.length} keys, each with a verified first generation`);
  const failures: string[] = [];
  const onFailure = (reason: string): void => {
    if (failures.length < MOST_TOLD) failures.push(reason);
    view.line(`FAILED: ${reason}`);
  };
  const groups = VENDORS.map((vendor) => {
    const ofVendor = secrets.filter(({ tags }) => tags["keyturn:vendor"] === vendor);
    const callers = ofVendor.map(({ name, arn }) => ({ name, secretId: arn }));
    const pace = { everyMs: CALL_EVERY_MS, longestHoldMs: LONGEST_HOLD_MS, seed };
    return stage.startCallers({ vendor, callers, onFailure, ...pace });
  });
  const secretArns = secrets.map(({ arn }) => arn);
  const ledger = createRotationLedger(secretArns);
  stage.listen({ onStart: ledger.stepStarted, onEnd: ledger.stepEnded });
  return { ...options, secretArns, baseline: baselineOf(earlier, secrets), ledger, groups, failures, kills: {} };
};

const firstRequests = async (run: Run): Promise<void> => {
  const { stage, secretArns, view } = run;
  const endMs = stage.clock.now() + FIRST_REQUESTS_MS;
  while (requestCounts(run).requests < secretArns.length) {
    if (stage.clock.now() > endMs) throw new Error("the workloads did not get to their first requests");
    await stage.clock.sleep(POLL_MS);
  }
  view.line(`${secretArns.length} workloads call their vendors`);
};

/**
 * Deploys the stack, and has every workload call.
 * @throws Error when it cannot be deployed, or a workload does not get to its first request
 */
export const setUp = async (options: SoakOptions): Promise<Run> => {
  const run = await start(options);
  await firstRequests(run);
  return run;
};
