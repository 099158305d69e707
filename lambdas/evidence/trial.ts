import type { Connection } from "../contracts/grants.ts";
import { type Mark, marks } from "../contracts/labels.ts";
import type { LastUse, VendorKey } from "../vendors/vendor.ts";

/*
 * Whether a vendor would show that a key is in use. A list may tell nothing, stand still, be behind, tell another zone's time, or move on
 * every other hour: what it says of other keys proves nothing for this one. So Keyturn calls with the very key, twice, and each time the
 * list has to show that call in time, as the last one: for a quiet period after the first, so that nobody else called, and right after the
 * second, so that a call would have been shown within that time.
 */

/** Our own calls with a key that is to go, and how exactly its list tells times. */
export interface Trials extends Pick<VendorKey, "lastUseSpanMs"> {
  /** When the last one was made. */
  readonly atMs?: number | undefined;
  /** Whether that was the second of two. */
  readonly isSecond: boolean;
  /** When one was found not to be shown in time, if none was shown since. */
  readonly unshownMs?: number | undefined;
}

/**
 * What a version's labels say of our calls with its key since it retires.
 * @param isVerifyOpen whether its vendor answers them with success; else none are made, as nobody knows whether they count as a use
 */
export const trialsOf = (
  labels: readonly string[],
  retiringSinceMs: number,
  { lastUseSpanMs }: Pick<VendorKey, "lastUseSpanMs">,
  isVerifyOpen = false,
): Trials | undefined => {
  if (!isVerifyOpen) return undefined;
  const latest = (mark: Mark): number | undefined =>
    marks(mark, labels).find(({ atMs }) => atMs >= retiringSinceMs)?.atMs;
  const [first, second] = [latest("tried"), latest("tried-again")];
  return { atMs: second ?? first, isSecond: second !== undefined, unshownMs: latest("unshown"), lastUseSpanMs };
};

/** What is known of a key's use, and of our own calls with it. */
export interface TrialFacts extends Trials {
  readonly lastUse: number | "never";
  readonly quietMs: number;
  readonly connection: Pick<Connection, "reportingDelay" | "skew" | "lastUseResolution">;
  /** When the key is wanted no more. */
  readonly overlapEndMs: number;
  /** When it is quiet by what the list says. */
  readonly quietUntilMs: number;
  readonly nowMs: number;
}

/** What is to be done: the first call of two, the second, or a note that the last one was not shown in time. */
export type TrialStep = "first call" | "second call" | "note as unshown";

/**
 * due: a call is to be made. awaited: it may still be shown, or its quiet period is not over. used: somebody called after us. standing
 * still: a call that was answered was not shown in time. proven: nobody else has called for the quiet period, and it would have been shown.
 */
export type Trial =
  | { readonly kind: "due"; readonly step: TrialStep }
  | { readonly kind: "awaited"; readonly untilMs: number }
  | { readonly kind: "used" }
  | { readonly kind: "standing still"; readonly step?: TrialStep }
  | { readonly kind: "proven" };

const DAY_MS = 86_400_000;

const lateOf = ({ reportingDelay, skew }: TrialFacts["connection"]): number => reportingDelay + skew;

/** How the list shows a call of ours: as the last one, as an earlier one, or not. */
const showsAs = (
  facts: Pick<TrialFacts, "lastUse" | "lastUseSpanMs" | "connection">,
  atMs: number,
): "last" | "earlier" | "not" => {
  const { lastUse, lastUseSpanMs = 0, connection } = facts;
  if (lastUse === "never") return "not";
  if (lastUse - lastUseSpanMs > atMs + connection.skew) return "earlier";
  return lastUse + connection.skew + (connection.lastUseResolution ?? 0) >= atMs ? "last" : "not";
};

/** The first call comes so early that its quiet period is over with the overlap. */
const firstFromMs = ({ overlapEndMs, quietMs, connection }: TrialFacts): number =>
  overlapEndMs - quietMs - lateOf(connection) - (connection.lastUseResolution ?? 0);

/** After one that was not shown another one is made, ever more rarely: a person has been told. */
const isTimeAgain = ({ overlapEndMs, quietMs, connection, nowMs }: TrialFacts, unshownMs: number): boolean =>
  nowMs >= unshownMs + Math.min(Math.max(quietMs + lateOf(connection), (unshownMs - overlapEndMs) / 2), DAY_MS);

const withoutCall = (facts: TrialFacts): Trial => {
  const { unshownMs, nowMs } = facts;
  if (unshownMs !== undefined)
    return { kind: "standing still", ...(isTimeAgain(facts, unshownMs) ? { step: "first call" } : {}) };
  const fromMs = firstFromMs(facts);
  return nowMs >= fromMs ? { kind: "due", step: "first call" } : { kind: "awaited", untilMs: fromMs };
};

const notShown = ({ unshownMs, connection, nowMs }: TrialFacts, atMs: number): Trial => {
  const lateMs = atMs + lateOf(connection);
  if (nowMs > lateMs) return { kind: "standing still", step: "note as unshown" };
  return unshownMs === undefined ? { kind: "awaited", untilMs: lateMs } : { kind: "standing still" };
};

/** What our calls with a key that is to go have shown so far. */
export const trialOf = (facts: TrialFacts): Trial => {
  const { atMs, isSecond, unshownMs = Number.NEGATIVE_INFINITY, quietUntilMs, nowMs } = facts;
  if (atMs === undefined || atMs <= unshownMs) return withoutCall(facts);
  const isQuiet = nowMs >= quietUntilMs;
  switch (showsAs(facts, atMs)) {
    case "earlier":
      return isQuiet ? { kind: "due", step: "first call" } : { kind: "used" };
    case "not":
      return notShown(facts, atMs);
    case "last":
      if (isSecond) return { kind: "proven" };
      return isQuiet ? { kind: "due", step: "second call" } : { kind: "awaited", untilMs: quietUntilMs };
  }
};

/** Whether the last call that is shown is the second one of ours: then nobody else has called for the quiet period before it, nor since. */
export const isSecondCall = (facts: Trials & Pick<TrialFacts, "lastUse" | "lastUseSpanMs" | "connection">): boolean =>
  facts.isSecond && facts.atMs !== undefined && showsAs(facts, facts.atMs) === "last";

/** Whether a list tells of a key's use in a way that a call of ours can be looked for. */
export const isTold = (lastUse: LastUse): lastUse is number | "never" =>
  typeof lastUse === "number" || lastUse === "never";
