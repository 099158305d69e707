import type { Grants } from "../../contracts/grants.ts";
import {
  CURRENT,
  isCompromised,
  isDestroyed,
  isPendingElsewhere,
  isRevoking,
  type Mark,
  marks,
  versionWith,
} from "../../contracts/labels.ts";
import { isAskedByPerson, type ReconcileRequest } from "../../contracts/reconcile.ts";
import { hasTargets } from "../../contracts/target-tags.ts";
import { mintsInVain } from "../../rotation/in-vain.ts";
import { crossed, isTimeAgain } from "./backoff.ts";
import { countedFromMs, placeOf } from "./memory.ts";
import type { ObservedKey } from "./observation.ts";

const HOUR_MS = 3_600_000;
const BLOCKED_LOOK_MS = 15 * 60_000;

/** A retirement is looked at when its overlap is just over, and then every 15 minutes, or every overlap if that is less. */
const retirementIsDue = (retiringSinceMs: number, overlapMs: number, nowMs: number, intervalMs: number): boolean => {
  const overlapEndMs = retiringSinceMs + overlapMs;
  if (nowMs < overlapEndMs) return false;
  return nowMs - overlapEndMs <= 1.5 * intervalMs || crossed(nowMs, Math.min(BLOCKED_LOOK_MS, overlapMs), intervalMs);
};

const DAY_MS = 24 * HOUR_MS;

/** What was decided is looked at in each pass for a day, as something may wait for it, and then ever more rarely. */
const decisionIsDue = (sinceMs: number, nowMs: number, intervalMs: number): boolean =>
  nowMs - sinceMs < DAY_MS || isTimeAgain(sinceMs, nowMs, intervalMs);

/** A mint that waited for earlier ones, which came to nothing. */
const nextMintIsDue = ({ secret }: ObservedKey, nowMs: number, reconcileInterval: number): boolean => {
  const nextMs = mintsInVain(secret.stages, { reconcileInterval })?.nextMs;
  return nextMs !== undefined && nowMs >= nextMs && secret.rotationEnabled && !isPendingElsewhere(secret.stages);
};

const keyIsDue = (
  key: ObservedKey,
  nowMs: number,
  intervalMs: number,
  asked: ReadonlyMap<string, number> | undefined,
): boolean =>
  nextMintIsDue(key, nowMs, intervalMs) ||
  Object.entries(key.secret.stages).some(([versionId, labels]) => {
    const place = placeOf(key.secret.arn, versionId);
    const isTime = (atMs: number) => isTimeAgain(countedFromMs(asked, place, atMs), nowMs, intervalMs);
    const isDue = (mark: Mark) =>
      marks(mark, labels).some(({ atMs }) =>
        asked?.has(place) ? isTime(atMs) : decisionIsDue(atMs, nowMs, intervalMs),
      );
    if (isDue("compromised") || isDue("compromised-first")) return true;
    if (labels.includes(CURRENT)) return false;
    if (marks("abandoned", labels).some(({ atMs }) => isTime(atMs))) return true;
    const revoking = marks("revoking", labels)[0];
    if (revoking) return isTime(revoking.atMs);
    return marks("retiring", labels).some(({ atMs }) =>
      retirementIsDue(atMs, key.declaration.overlapMs, nowMs, intervalMs),
    );
  });

/** A rotation is under way, or will be within the hour: its mint needs a slot. */
const needsSlot = ({ secret }: ObservedKey, nowMs: number): boolean =>
  isPendingElsewhere(secret.stages) ||
  (secret.nextRotationAtMs !== undefined && Math.abs(secret.nextRotationAtMs - nowMs) <= HOUR_MS);

/** A retirement that may be let go whenever its quiet period is over. */
const mayFreeSlot = ({ secret, declaration }: ObservedKey, nowMs: number): boolean =>
  Object.values(secret.stages).some(
    (labels) =>
      !labels.includes(CURRENT) && marks("retiring", labels).some(({ atMs }) => nowMs >= atMs + declaration.overlapMs),
  );

/** Connections at which a mint is near and an old generation waits: what may go, goes before it is in the way. */
const shortOfSlots = (keys: readonly ObservedKey[], nowMs: number): readonly string[] => {
  const wanting = new Set(keys.filter((key) => needsSlot(key, nowMs)).map((key) => key.declaration.connection));
  return keys
    .filter((key) => mayFreeSlot(key, nowMs))
    .map((key) => key.declaration.connection)
    .filter((connection) => wanting.has(connection));
};

/** Whether every connection is listed in this pass, whatever is due. */
export const isHourly = (nowMs: number, intervalMs: number): boolean => crossed(nowMs, HOUR_MS, intervalMs);

/** What is known of the connections' earlier listings. */
interface Listed {
  /** Those that are to be listed again, as the last listing was not whole. */
  readonly again?: readonly string[];
  /** When the container listed them last, in milliseconds since the epoch. */
  readonly listedAt?: ReadonlyMap<string, number>;
  /** The versions whose revocation this container has asked for: they are looked at ever more rarely. */
  readonly asked?: ReadonlyMap<string, number>;
  /** How often a connection is looked at for nothing but what changed there, in milliseconds. @default an hour */
  readonly lookEvery?: (connection: string) => number;
  readonly isSpent?: (connection: string) => boolean;
}

/**
 * Which vendor connections are to be listed in this pass: those of which something is due, and every one about once an
 * hour, or as often as its budget pays for it. Listing costs the vendor's rate limit (Pictify's free plan allows 1,000 requests a day). Where a generation turns
 * out to be at another connection than is declared, that one is listed besides. What the container has just listed is not listed again by
 * a pass that is repeated; and a budget that is spent pays for the hourly listing alone.
 */
export const connectionsDue = (
  keys: readonly ObservedKey[],
  connections: readonly string[],
  request: ReconcileRequest,
  nowMs: number,
  intervalMs: number,
  { again = [], listedAt, asked, isSpent = () => false, lookEvery = () => HOUR_MS }: Listed = {},
): ReadonlySet<string> => {
  if (isAskedByPerson(request)) return new Set(connections);
  // A clock that was ahead has noted a time that is still to come.
  const isOlder = (name: string, ageMs: number): boolean => {
    const sinceMs = nowMs - (listedAt?.get(name) ?? Number.NEGATIVE_INFINITY);
    return sinceMs >= ageMs || sinceMs < 0;
  };
  if (isHourly(nowMs, intervalMs))
    return new Set(connections.filter((name) => isOlder(name, Math.min(HOUR_MS / 2, 2 * intervalMs))));
  const looked = connections.filter((name) => crossed(nowMs, lookEvery(name), intervalMs));
  const due = keys.filter((key) => keyIsDue(key, nowMs, intervalMs, asked)).map((key) => key.declaration.connection);
  const wanted = new Set([...again, ...looked, ...due, ...shortOfSlots(keys, nowMs)]);
  return new Set([...wanted].filter((name) => isOlder(name, intervalMs / 2) && !isSpent(name)));
};

/** A retirement or the like may be decided in this pass, and would need the targets' adoption. */
const needsAdoption = (due: ReadonlySet<string>, nowMs: number, { secret, declaration }: ObservedKey): boolean =>
  due.size > 0 &&
  Object.values(secret.stages).some(
    (labels) =>
      !labels.includes(CURRENT) &&
      (isCompromised(labels) ||
        isRevoking(labels) ||
        marks("retiring", labels).some(({ atMs }) => nowMs >= atMs + declaration.overlapMs)),
  );

/**
 * The keys whose targets are to be looked at in this pass, those first that something waits for: where adoption may decide,
 * for an hour after anything of the secret was changed (a rotation, a retirement, labels moved by hand), and all about once
 * an hour. Looking costs an invocation for 100 keys, and some requests to the clusters for each target.
 */
export const targetsDue = (
  keys: readonly ObservedKey[],
  due: ReadonlySet<string>,
  request: ReconcileRequest,
  { reconcileInterval }: Pick<Grants, "reconcileInterval">,
  nowMs: number,
): readonly ObservedKey[] => {
  const isForAll = request.revokeStrays !== undefined || crossed(nowMs, HOUR_MS, reconcileInterval);
  const isAsked = ({ secret: { arn, lastChangedAtMs } }: ObservedKey): boolean =>
    request.only?.includes(arn) ?? (isForAll || nowMs - (lastChangedAtMs ?? nowMs) <= HOUR_MS);
  const alive = keys.filter(
    ({ secret: { tags, stages, deletedAtMs } }) =>
      deletedAtMs === undefined &&
      !isDestroyed(stages) &&
      versionWith(stages, CURRENT) !== undefined &&
      hasTargets(tags),
  );
  const waiting = alive.filter(
    (key) => needsAdoption(due, nowMs, key) && request.only?.includes(key.secret.arn) !== false,
  );
  return [...waiting, ...alive.filter((key) => !waiting.includes(key) && isAsked(key))];
};
