import type { Grants } from "../contracts/grants.ts";
import {
  CURRENT,
  isCompromised,
  isDestroyed,
  isPendingElsewhere,
  isRevoking,
  type Mark,
  marks,
  versionWith,
} from "../contracts/labels.ts";
import type { ReconcileRequest } from "../contracts/reconcile.ts";
import { hasTargets } from "../contracts/target-tags.ts";
import { mintsInVain } from "../rotation/in-vain.ts";
import { crossed, isTimeAgain } from "./backoff.ts";
import type { Observation, ObservedKey } from "./observation.ts";

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

const keyIsDue = (key: ObservedKey, nowMs: number, intervalMs: number): boolean =>
  nextMintIsDue(key, nowMs, intervalMs) ||
  Object.values(key.secret.stages).some((labels) => {
    const isDue = (mark: Mark) => marks(mark, labels).some(({ atMs }) => decisionIsDue(atMs, nowMs, intervalMs));
    if (isDue("compromised") || isDue("compromised-first")) return true;
    if (labels.includes(CURRENT)) return false;
    if (isDue("abandoned")) return true;
    const revoking = marks("revoking", labels)[0];
    if (revoking) return isTimeAgain(revoking.atMs, nowMs, intervalMs);
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

/**
 * Which vendor connections are to be listed in this pass: those of which something is due, and every one about once an
 * hour. Listing costs the vendor's rate limit (Pictify's free plan allows 1,000 requests a day). Where a generation turns
 * out to be at another connection than is declared, that one is listed besides.
 */
export const connectionsDue = (
  keys: readonly ObservedKey[],
  connections: readonly string[],
  request: ReconcileRequest,
  nowMs: number,
  intervalMs: number,
): ReadonlySet<string> => {
  const asked = [request.only, request.revokeStrays, request.replaceDead].some((part) => part !== undefined);
  if (asked || crossed(nowMs, HOUR_MS, intervalMs)) return new Set(connections);
  const due = keys.filter((key) => keyIsDue(key, nowMs, intervalMs)).map((key) => key.declaration.connection);
  return new Set([...due, ...shortOfSlots(keys, nowMs)]);
};

/** A retirement or the like may be decided in this pass, and would need the targets' adoption. */
const needsAdoption = ({ vendors, nowMs }: Observation, { secret, declaration }: ObservedKey): boolean =>
  vendors.size > 0 &&
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
  observation: Observation,
  request: ReconcileRequest,
  { reconcileInterval }: Pick<Grants, "reconcileInterval">,
): readonly ObservedKey[] => {
  const { keys, nowMs } = observation;
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
    (key) => needsAdoption(observation, key) && request.only?.includes(key.secret.arn) !== false,
  );
  return [...waiting, ...alive.filter((key) => !waiting.includes(key) && isAsked(key))];
};
