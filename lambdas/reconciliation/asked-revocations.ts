import { type AskedRevocations, placeOf } from "./container-memory.ts";
import type { ObservedKey } from "./observation.ts";

const HOUR_MS = 3_600_000;

export const noteAsked = (asked: AskedRevocations, secretId: string, versionId: string, nowMs: number): void =>
  void asked.set(placeOf(secretId, versionId), nowMs);

/** How long a confirmation may wait for a listing that comes anyway: an hour, with a short overlap less. */
const patienceMs = ({ declaration }: ObservedKey): number => Math.min(HOUR_MS, declaration.overlapMs / 2);

/** Whether all that is left of a version is the confirmation of its revocation, and that may wait. */
export const awaitsConfirmation = (
  asked: AskedRevocations,
  key: ObservedKey,
  versionId: string,
  nowMs: number,
): boolean => {
  const atMs = asked.get(placeOf(key.secret.arn, versionId));
  return atMs !== undefined && nowMs - atMs < patienceMs(key);
};

/** Forgets what is long past, so that a container that lives for weeks does not collect it. */
export const forgetOld = (asked: AskedRevocations, nowMs: number): void => {
  for (const [place, atMs] of asked) if (nowMs - atMs >= HOUR_MS) asked.delete(place);
};
