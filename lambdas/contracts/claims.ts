import { timeText } from "../clock.ts";
import type { ClaimFacts } from "./key-facts.ts";
import type { Stages } from "./labels.ts";

/** The claim of every object from before claims had ids: its key has it without anything being written, until another one is. */
export const UNNAMED = "unnamed";

/** What an id of a claim looks like. */
export const CLAIM_FORM = /^[a-z0-9][a-z0-9-]{0,39}$/;

const HELD = "keyturn/claim/";
const OPEN = "keyturn/open-claim/";
const UNCLAIMED = "keyturn/unclaimed/";

/** A Terraform object's claim on a managed key, as a staging label of the key's secret has it. */
export interface Claim {
  readonly id: string;
  /** Its create has not been answered yet. */
  readonly isOpen: boolean;
  /** Since when, in milliseconds since the Unix epoch; an unreadable time counts as 0. */
  readonly sinceMs: number;
  readonly label: string;
  /** The version that was current when the label was put: the label stays there when another one becomes current. */
  readonly versionId: string;
}

export const claimLabel = ({ id, isOpen, sinceMs }: Pick<Claim, "id" | "isOpen" | "sinceMs">): string =>
  `${isOpen ? OPEN : HELD}${id}/${new Date(sinceMs).toISOString()}`;

/** Says of a key without claims that it has none, not even the unnamed one: no object made it, or its last one went and it lives on. */
export const unclaimedLabel = (atMs: number): string => `${UNCLAIMED}${new Date(atMs).toISOString()}`;

const isClaimLabel = (label: string): boolean => [HELD, OPEN, UNCLAIMED].some((start) => label.startsWith(start));

const claimOf = (label: string, versionId: string): readonly Claim[] => {
  const start = [HELD, OPEN].find((one) => label.startsWith(one));
  if (start === undefined) return [];
  const [id = "", time = ""] = label.slice(start.length).split("/");
  return CLAIM_FORM.test(id) ? [{ id, isOpen: start === OPEN, sinceMs: Date.parse(time) || 0, label, versionId }] : [];
};

/** What the labels of a secret say of objects, apart from all that they say of versions. */
export interface Claims {
  /** The oldest first. */
  readonly claims: readonly Claim[];
  /** The label that says that the key has none, where it is. */
  readonly unclaimed?: { readonly label: string; readonly versionId: string };
}

export const NO_CLAIMS: Claims = { claims: [] };

const eachLabel = (stages: Stages): readonly (readonly [versionId: string, label: string])[] =>
  Object.entries(stages).flatMap(([versionId, labels]) => labels.map((label) => [versionId, label] as const));

export const claimsOf = (stages: Stages): Claims => {
  const all = eachLabel(stages);
  const claims = all.flatMap(([versionId, label]) => claimOf(label, versionId)).sort((a, b) => a.sinceMs - b.sinceMs);
  const [versionId, label] = all.find(([, one]) => one.startsWith(UNCLAIMED)) ?? [];
  return versionId !== undefined && label !== undefined ? { claims, unclaimed: { versionId, label } } : { claims };
};

/** The labels without those of claims. A version that has no others has no label: a claim says nothing of the version it lies on. */
export const stagesWithoutClaims = (stages: Stages): Stages =>
  Object.fromEntries(
    Object.entries(stages)
      .map(([versionId, labels]) => [versionId, labels.filter((label) => !isClaimLabel(label))] as const)
      .filter(([versionId, labels]) => labels.length > 0 || stages[versionId]?.length === 0),
  );

/** How many labels of a secret are claims'. */
export const claimLabelCount = ({ claims, unclaimed }: Claims): number => claims.length + (unclaimed ? 1 : 0);

/** An open claim older than its function may run is a dead run's. */
export const isStale = ({ isOpen, sinceMs }: Claim, nowMs: number, timeoutMs: number): boolean =>
  isOpen && nowMs >= sinceMs + timeoutMs;

/** The claims that count, each once: those of dead runs do not. */
export const standingClaims = ({ claims }: Claims, nowMs: number, timeoutMs: number): readonly Claim[] => {
  const live = claims.filter((claim) => !isStale(claim, nowMs, timeoutMs));
  const isAlsoHeld = ({ id, isOpen }: Claim): boolean => isOpen && live.some((one) => one.id === id && !one.isOpen);
  return live.filter((claim) => !isAlsoHeld(claim));
};

/** Claims as they are told. */
export const toldClaims = (
  claims: readonly (Pick<Claim, "id" | "isOpen"> & { readonly sinceMs?: number })[],
): readonly ClaimFacts[] =>
  claims.map(({ id, isOpen, sinceMs }) => ({
    id,
    ...(sinceMs === undefined ? {} : { since: timeText(sinceMs) }),
    ...(isOpen ? { isOpen } : {}),
  }));
