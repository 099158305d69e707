import type { Connection, Grants } from "../contracts/grants.ts";
import { CURRENT, freeMarkLabel, marks, type Stages, versionWith } from "../contracts/labels.ts";
import type { Rotation } from "./rotation.ts";

/*
 * Mints that came to nothing: the key does not work, is not what was asked for, cannot be named, or its value cannot be stored. The next one
 * would mostly do the same, and each is a key that somebody has to take back. What is known of them is on the version that they were to
 * replace, so that it ends with that.
 */

const DAY_MS = 86_400_000;

export interface MintsInVain {
  readonly sinceMs: number;
  readonly lastMs: number;
  /** When one more is tried that nobody asks for. */
  readonly nextMs: number;
}

/**
 * The mints that came to nothing since the current generation: the next one waits twice as long as it has gone on, at least
 * an interval of reconcile and at most a day. A person, a deploy and AWS's schedule do not wait.
 */
export const mintsInVain = (
  stages: Stages,
  { reconcileInterval }: Pick<Grants, "reconcileInterval">,
): MintsInVain | undefined => {
  const times = marks("in-vain", stages[versionWith(stages, CURRENT) ?? ""] ?? []).map(({ atMs }) => atMs);
  const [lastMs, sinceMs = lastMs] = [times[0], times.at(-1)];
  if (lastMs === undefined || sinceMs === undefined) return undefined;
  const waitMs = Math.min(Math.max(2 * (lastMs - sinceMs), reconcileInterval), DAY_MS);
  return { sinceMs, lastMs, nextMs: lastMs + waitMs };
};

/** Until when nothing is minted for a secret but what somebody asks for; `undefined`: it does not wait. */
export const mintsWaitUntilMs = (
  stages: Stages,
  grants: Pick<Grants, "reconcileInterval">,
  nowMs: number,
): number | undefined => {
  const nextMs = mintsInVain(stages, grants)?.nextMs;
  return nextMs !== undefined && nowMs < nextMs ? nextMs : undefined;
};

/** Where a mint is noted: the invocation, the secret as it was just described, and the version that the mint was for. */
type Minted = Pick<Rotation, "invocation" | "secret" | "token">;

const note = async ({ invocation, secret, token }: Minted): Promise<number> => {
  const { secrets, clock } = invocation;
  const current = versionWith(secret.stages, CURRENT);
  if (current === undefined || current === token) return 0; // there is no version before it to keep it
  const known = marks("in-vain", secret.stages[current] ?? []);
  // First off, then on: a secret may have no label left.
  for (const { label } of known.slice(0, -1)) await secrets.removeLabel(secret.arn, current, label);
  await secrets.addLabel(secret.arn, current, freeMarkLabel("in-vain", clock.now(), secret.stages));
  return Math.min(known.length, 2);
};

/**
 * Notes on the current version that a mint for another one came to nothing. The first note is kept, which says since when, and the last. That it
 * cannot be noted hides no error of the mint.
 * @returns how many were noted before it since the current generation: 0, 1, or 2 for all that are more
 */
export const noteMint = async (minted: Minted): Promise<number> => {
  const { secret, token, invocation } = minted;
  try {
    return await note(minted);
  } catch (error) {
    invocation.log.failure("mint.not-noted", error, { secretName: secret.name, versionId: token });
    return 0;
  }
};

/**
 * Notes the mint of a stored key, as `noteMint` does, unless it was noted before: each counts once.
 * @param issuedAtMs by the vendor's clock, which may be `skew` off
 */
export const noteMintOnce = async (
  minted: Minted,
  issuedAtMs: number,
  { skew }: Pick<Connection, "skew">,
): Promise<void> => {
  const lastMs = mintsInVain(minted.secret.stages, minted.invocation.grants)?.lastMs;
  if (lastMs === undefined || lastMs < issuedAtMs - skew) await noteMint(minted);
};

const ofMints = new WeakSet<Error>();

/** Whether an error came after a mint, so that a repetition would be one more. */
export const cameAfterMint = (error: unknown): boolean => error instanceof Error && ofMints.has(error);

/** Notes a mint that came to nothing, as `noteMint` does. @param error with which it ends: who asked by itself does not repeat it */
export const noteInVain = (minted: Minted, error: Error): Promise<number> => {
  ofMints.add(error);
  return noteMint(minted);
};
