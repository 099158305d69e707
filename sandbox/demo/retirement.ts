import { marks } from "../../lambdas/contracts/labels.ts";
import { trialsOf } from "../../lambdas/evidence/trial.ts";
import { retirementVerdict } from "../../lambdas/rotation/retirement.ts";
import { secretsOf } from "../../lambdas/secrets.ts";
import type { VendorKey } from "../../lambdas/vendors/vendor.ts";
import type { VendorName } from "../vendor-stand.ts";
import type { KeyWatch, WatchedKey } from "./key-watch.ts";
import type { Stage } from "./stage.ts";
import type { View } from "./view.ts";

/** A retirement that waits for more than the run can: a day's end, or a person. */
export interface Deferral {
  readonly name: string;
  readonly vendor: VendorName;
  readonly keyId: string;
  readonly reason: string;
  /** True when only a person can revoke the key. */
  readonly byHand: boolean;
}

export interface RetirementOptions {
  readonly stage: Stage;
  readonly view: View;
  readonly watch: KeyWatch;
  readonly old: readonly { readonly key: WatchedKey; readonly keyId: string }[];
}

const POLL_MS = 2_000;
/** A vendor that gives only the date of a key's last use makes it wait for the day's end: nobody watches for so long. */
const LONG_WAIT_MS = 30 * 60_000;
/** Past the moment at which a key may be retired, the schedule has this long to do it. */
const SCHEDULE_MS = 5 * 60_000;

interface Waiting {
  readonly untilMs: number;
  /** What it waits for now, and at the end. */
  readonly reason: string;
  readonly lastReason: string;
}

/** The version that retires since last. */
interface Retiring {
  readonly sinceMs: number;
  readonly labels: readonly string[];
}

const retiringOf = async (stage: Stage, key: WatchedKey): Promise<Retiring> => {
  const facts = await secretsOf(stage).describe(key.secretArn);
  const all = Object.values(facts?.stages ?? {}).map((labels) => ({
    sinceMs: marks("retiring", labels)[0]?.atMs ?? 0,
    labels,
  }));
  return all.reduce((last, one) => (one.sinceMs > last.sinceMs ? one : last), { sinceMs: 0, labels: [] });
};

const waitingFor = (
  stage: Stage,
  key: WatchedKey,
  listed: VendorKey,
  { sinceMs: retiringSinceMs, labels }: Retiring,
): Waiting => {
  const { reportingMs, skewMs } = stage.delays;
  const { isVerifyOpen } = stage.vendors[key.vendor].vendor;
  const verdictAt = (nowMs: number) =>
    retirementVerdict({
      retiringSinceMs,
      lastUse: listed.lastUse,
      reportedUntilMs: nowMs,
      trials: trialsOf(labels, retiringSinceMs, listed, isVerifyOpen),
      declaration: key.declaration,
      connection: { reportingDelay: reportingMs, skew: skewMs },
      nowMs,
    });
  const { untilMs, reason, retire } = verdictAt(stage.clock.now());
  return {
    untilMs,
    reason: retire ? "the next pass of reconcile" : reason,
    lastReason: verdictAt(untilMs - 1).reason,
  };
};

const deferralOf = (
  { clock }: Stage,
  { name, vendor }: WatchedKey,
  keyId: string,
  waiting: Waiting,
  log: string,
): Deferral | undefined => {
  const byHand = log.split("\n").some((line) => line.includes("key.revoke-by-hand") && line.includes(keyId));
  if (byHand)
    return { name, vendor, keyId, byHand, reason: `${vendor} has no request that revokes ${keyId}: revoke it by hand` };
  if (waiting.untilMs - clock.now() > LONG_WAIT_MS) return { name, vendor, keyId, byHand, reason: waiting.lastReason };
  return undefined;
};

const counted = (keys: number): string => (keys === 1 ? "1 old key" : `${keys} old keys`);

/**
 * Waits until the deployed schedule has retired the old keys, and says what it waits for.
 * @returns the retirements that wait for more than the run can
 * @throws Error when the schedule does not retire a key that may be retired
 */
export const waitForRetirement = async ({
  stage,
  view,
  watch,
  old,
}: RetirementOptions): Promise<readonly Deferral[]> => {
  const deferrals: Deferral[] = [];
  const done = new Set<string>();
  while (done.size < old.length) {
    const reasons = new Set<string>();
    const log = await stage.log();
    for (const { key, keyId } of old.filter((one) => !done.has(one.keyId))) {
      const stand = stage.vendors[key.vendor];
      const { keys } = await stand.vendor.list(stand.direct);
      const listed = keys.find((one) => one.id === keyId && one.active);
      if (!listed) {
        done.add(keyId);
        view.line(`${key.name}: ${keyId} is revoked`);
        continue;
      }
      const waiting = waitingFor(stage, key, listed, await retiringOf(stage, key));
      const deferral = deferralOf(stage, key, keyId, waiting, log);
      if (deferral) {
        done.add(keyId);
        deferrals.push(deferral);
        view.line(`${key.name}: deferred, ${deferral.reason}`);
      } else if (stage.clock.now() > waiting.untilMs + SCHEDULE_MS)
        throw new Error(`reconcile did not retire ${keyId} of ${key.name}`);
      else reasons.add(waiting.reason);
    }
    if (reasons.size > 0) view.waiting(`${counted(old.length - done.size)}: ${[...reasons].sort()[0]}`);
    await stage.clock.sleep(POLL_MS);
  }
  await watch.lookAtVendors();
  return deferrals;
};
