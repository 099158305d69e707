import {
  CURRENT,
  isArriving,
  isCompromised,
  isDestroyed,
  isNote,
  isOnlyAbandoned,
  isRetiring,
  isRevoking,
  marks,
  PENDING,
  wasCurrent,
} from "../../contracts/labels.ts";
import type { SecretFacts } from "../../secrets.ts";

/** Every state that a labelled version may have: by which labels, and what reconcile does about it. docs/retirement.md has them as a table. */
export const STATES = {
  noted: { labels: "nothing but notes of mints", does: "nothing" },
  denied: {
    labels: "`keyturn/denied/…` alone",
    does: "tells that values cannot be stored, until a newer generation is current",
  },
  destroyed: {
    labels: "any, where a version of the secret has `keyturn/destroyed/…`",
    does: "revokes its key, whatever it is, until that is confirmed",
  },
  "compromised first": {
    labels: "`keyturn/compromised-first/…`",
    does: "revokes its key at once, even while it is current, and rotates",
  },
  "awaiting deletion": {
    labels: "any but a mark that its key is to go, where the secret is marked for deletion",
    does: "nothing: the secret may be restored",
  },
  current: {
    labels: "`AWSCURRENT`",
    does: "replaces it where it is dead, compromised, about to end or not as declared; takes stale marks off",
  },
  adopting: { labels: "`keyturn/adopting/…`, before it was ever current", does: "nothing: whoever adopts it goes on" },
  pending: { labels: "`AWSPENDING`, before it was ever current", does: "gives it up when it is stuck or compromised" },
  compromised: {
    labels: "`keyturn/compromised/…`",
    does: "revokes its key as soon as its successor works and every target has it",
  },
  abandoned: {
    labels: "`keyturn/abandoned/…` alone",
    does: "revokes its key once no run can be at it, and rotates again",
  },
  revoking: { labels: "`keyturn/revoking/…`", does: "asks for its revocation until that is confirmed" },
  retiring: {
    labels: "`keyturn/retiring/…`",
    does: "revokes its key when its overlap is over, every target has the next one and nobody uses it",
  },
  superseded: { labels: "none of these, or `AWSPREVIOUS`", does: "begins its overlap, where its key lives" },
} as const satisfies Readonly<Record<string, { readonly labels: string; readonly does: string }>>;

export type VersionState = keyof typeof STATES;

/** A version that was replaced, or given up: its key is to go, sooner or later. */
const replacedState = (labels: readonly string[]): VersionState => {
  if (isCompromised(labels)) return "compromised";
  if (isOnlyAbandoned(labels)) return "abandoned";
  if (isRevoking(labels)) return "revoking";
  return isRetiring(labels) ? "retiring" : "superseded";
};

/** AWSPENDING on a version that was current before: somebody moved AWSCURRENT back, and it belongs to no rotation. */
export const isPendingLeftOver = (labels: readonly string[]): boolean =>
  labels.includes(PENDING) && !labels.includes(CURRENT) && wasCurrent(labels);

/** Reads a version's labels, and those of its secret, once. Of several that would fit the first counts, in the order of `STATES`. */
export const stateOf = (
  { stages, deletedAtMs }: Pick<SecretFacts, "stages" | "deletedAtMs">,
  labels: readonly string[],
): VersionState => {
  if (labels.every(isNote)) return marks("denied", labels).length > 0 ? "denied" : "noted";
  if (isDestroyed(stages)) return "destroyed";
  if (marks("compromised-first", labels).length > 0) return "compromised first";
  const isLeaving = isRetiring(labels) || isRevoking(labels) || isCompromised(labels);
  if (deletedAtMs !== undefined && (labels.includes(CURRENT) || !isLeaving)) return "awaiting deletion";
  if (labels.includes(CURRENT)) return "current";
  if (isPendingLeftOver(labels)) return replacedState(labels.filter((label) => label !== PENDING));
  if (labels.includes(PENDING)) return "pending";
  return isArriving(labels) ? "adopting" : replacedState(labels);
};
