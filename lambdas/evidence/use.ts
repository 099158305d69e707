import type { Connection } from "../contracts/grants.ts";
import type { Check, LastUse, VendorKey } from "../vendors/vendor.ts";
import { works } from "../vendors/verify.ts";

/*
 * What a listing proves about the use of a key. A readable time always counts as use. That a key was not used since proves nothing
 * by itself: the vendor's reporting may stand still. It has to be seen to move, once for a connection.
 */

/** What a key's time of last use is worth where it is to be proven that there was none since: nothing, if a later one may be hidden. */
export const lastUseToGoBy = ({ lastUse, mayBeUsedLater }: Pick<VendorKey, "lastUse" | "mayBeUsedLater">): LastUse =>
  mayBeUsedLater ? "not understood" : lastUse;

type Delays = Pick<Connection, "reportingDelay" | "skew" | "lastUseResolution">;

/** By how much a listing may be behind with a use, in milliseconds. */
export const lateMsOf = ({ reportingDelay, skew, lastUseResolution = 0 }: Delays): number =>
  reportingDelay + skew + lastUseResolution;

/** The moment of use as early as its form allows; `undefined` where the listing shows none. */
const usedFromMs = ({ lastUse, lastUseSpanMs = 0 }: VendorKey): number | undefined =>
  typeof lastUse === "number" ? lastUse - lastUseSpanMs : undefined;

/** The active key that a listing shows the newest call of; `undefined`: it shows none. */
const newestUsed = (keys: readonly VendorKey[]): VendorKey | undefined => {
  let newest: VendorKey | undefined;
  for (const key of keys) {
    const usedMs = key.active ? usedFromMs(key) : undefined;
    if (usedMs !== undefined && usedMs > ((newest && usedFromMs(newest)) ?? Number.NEGATIVE_INFINITY)) newest = key;
  }
  return newest;
};

/**
 * Until when a listing shows calls at all, by the vendor's clock: evidence that a key was not used reaches no further than the newest
 * call of any active key, whosever it is. `undefined`: it shows none.
 */
export const reportedUntilMs = (keys: readonly VendorKey[]): number | undefined => {
  const newest = newestUsed(keys);
  return newest && usedFromMs(newest);
};

/** What a listing, and a call of our own if one was made, say of a connection's reporting. */
export const reportingOf = (keys: readonly VendorKey[], probe?: Probe): Reporting => {
  const newest = newestUsed(keys);
  return { reportedUntilMs: newest && usedFromMs(newest), reportedSpanMs: newest?.lastUseSpanMs, probe };
};

/** A call of our own with a current key, made to see whether its vendor's reporting moves. */
export interface Probe {
  readonly atMs: number;
  readonly keyId: string;
  /** How it was answered: only a success is sure to count as use, and only what shows that the key works counts as a call. */
  readonly answer: Check;
}

/** What is known of a connection's reporting. */
export interface Reporting {
  readonly reportedUntilMs: number | undefined;
  /** How much of that time its form leaves open, such as a day. @default 0 */
  readonly reportedSpanMs?: number | undefined;
  /** Not there: no call of our own has been made for this. */
  readonly probe?: Probe | undefined;
}

/**
 * What the reporting of a connection says of a time in which a key shows no use.
 * proven: calls after that time were reported, so one with the key would have been. as listed: the vendor counts no call of ours, so
 * that nothing can be known but what it lists. standing still: it does not show a call of ours that it answered with success.
 * awaited: a call of ours may still be reported. not asked: a call of ours is needed, one that proves it once it is reported.
 */
export type Proof = "proven" | "as listed" | "standing still" | "awaited" | "not asked";

/**
 * By when the time that is shown has to move on for a call that comes now: at once, but where it is told by the day, or moved on once
 * an hour, the shown one may stand for later calls too.
 */
const movesFromMs = ({ reportedUntilMs: untilMs, reportedSpanMs = 0 }: Reporting, delays: Delays): number => {
  const openMs = reportedSpanMs + (delays.lastUseResolution ?? 0);
  return untilMs === undefined || openMs === 0 ? Number.NEGATIVE_INFINITY : untilMs + openMs + delays.skew;
};

/** @param quietEndMs until when no use is to be proven */
export const proofOf = (reporting: Reporting, quietEndMs: number, delays: Delays, nowMs: number): Proof => {
  const { reportedUntilMs: untilMs, probe } = reporting;
  if (untilMs !== undefined && untilMs >= quietEndMs) return "proven";
  if (!probe || !works(probe.answer) || probe.atMs < quietEndMs + delays.skew) return "not asked";
  if (probe.answer === "limited") return "as listed";
  if (nowMs < probe.atMs + delays.reportingDelay + delays.skew) return "awaited";
  const movesMs = movesFromMs(reporting, delays);
  if (probe.atMs > movesMs) return "standing still";
  return nowMs > movesMs ? "not asked" : "awaited";
};
