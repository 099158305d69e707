import { type Claim, type Claims, claimLabel, isStale, UNNAMED } from "../contracts/claims.ts";
import { CURRENT, marks, type Stages, versionWith } from "../contracts/labels.ts";
import type { ObjectClaim } from "../contracts/manage.ts";

export interface ClaimFacts {
  readonly held: Claims;
  readonly stages: Stages;
  /** Whether the key has the unnamed claim without anything being written. */
  readonly hasUnnamed: boolean;
  readonly nowMs: number;
  /** How long a function may run that makes a key. */
  readonly timeoutMs: number;
}

export interface ClaimPlan {
  /** Labels that are put first. */
  readonly put: readonly string[];
  /** The version to put them on; `undefined`: there is none yet. */
  readonly on: string | undefined;
  /** Labels that go when the others are on. */
  readonly drop: readonly Pick<Claim, "label" | "versionId">[];
}

/** For so long a create that died counts as the same attempt as the next one, which is given the generation that it made. */
const SAME_ATTEMPT_MS = 3_600_000;

/** Claims lie on the version that was current when they were put; one of a repeated create on that of the first. */
const placeOf = ({ held, stages, nowMs }: ClaimFacts, isOpen: boolean): string | undefined => {
  const current = versionWith(stages, CURRENT);
  const before = held.claims.find(
    (claim) => isOpen && claim.isOpen && claim.versionId !== current && nowMs < claim.sinceMs + SAME_ATTEMPT_MS,
  );
  return before?.versionId ?? current ?? Object.keys(stages)[0] ?? held.claims[0]?.versionId;
};

const destroyedAtMs = (stages: Stages): number | undefined =>
  Object.values(stages)
    .flatMap((labels) => marks("destroyed", labels))
    .map(({ atMs }) => atMs)
    .sort((a, b) => b - a)[0];

/** What goes when an object claims a key: its own other forms, what dead creates left, and what ended with the key. */
const leaves = (claim: Claim, asked: ObjectClaim, { stages, nowMs, timeoutMs }: ClaimFacts): boolean => {
  if (claim.id === asked.id) return claim.isOpen && !asked.isOpen;
  if (claim.id === asked.was) return true;
  if (!asked.isOpen) return false;
  return isStale(claim, nowMs, timeoutMs) || claim.sinceMs < (destroyedAtMs(stages) ?? 0);
};

/**
 * What is to be written so that an object holds its claim on a key. Pure. What comes is put before anything goes, so that a run that dies in
 * between leaves a claim too many, never one too few.
 */
export const planClaim = (facts: ClaimFacts, asked: ObjectClaim): ClaimPlan => {
  const { held, hasUnnamed, nowMs } = facts;
  const isThere = held.claims.some((claim) => claim.id === asked.id && (asked.isOpen === true || !claim.isOpen));
  const label = (id: string, isOpen: boolean): string => claimLabel({ id, isOpen, sinceMs: nowMs });
  return {
    put: [
      ...(hasUnnamed && asked.was !== UNNAMED ? [label(UNNAMED, false)] : []),
      ...(isThere ? [] : [label(asked.id, asked.isOpen === true)]),
    ],
    on: placeOf(facts, asked.isOpen === true),
    drop: [...held.claims.filter((claim) => leaves(claim, asked, facts)), ...(held.unclaimed ? [held.unclaimed] : [])],
  };
};

/**
 * Whether an object that is being made beside others has no generation of its own yet: its open claim lies on the version that is still
 * current. What other creates hold that are not answered either, is no reason for another one.
 */
export const lacksOwnGeneration = (held: Claims, stages: Stages, id: string): boolean => {
  const isBeside = held.claims.some((claim) => claim.id !== id && !claim.isOpen);
  const own = held.claims.find((claim) => claim.id === id && claim.isOpen);
  return isBeside && own !== undefined && own.versionId === versionWith(stages, CURRENT);
};
