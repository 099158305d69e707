/** The staging labels of Secrets Manager that a rotation moves (AWS: "Secrets Manager secret versions"). */
export const CURRENT = "AWSCURRENT";
export const PENDING = "AWSPENDING";

/**
 * Labels of our own. Each carries the UTC time at which it was put, so that what it starts can be timed.
 * compromised: a person's mark on a generation that is no secret any more, to be replaced at once and revoked without an
 * overlap; compromised-first: to be revoked before its replacement works.
 */
const MARKS = {
  retiring: "keyturn/retiring/",
  abandoned: "keyturn/abandoned/",
  destroyed: "keyturn/destroyed/",
  compromised: "keyturn/compromised/",
  "compromised-first": "keyturn/compromised-first/",
} as const;

export type Mark = keyof typeof MARKS;

/** The label that marks a version since `atMs`. */
export const markLabel = (mark: Mark, atMs: number): string => `${MARKS[mark]}${new Date(atMs).toISOString()}`;

export interface Marked {
  readonly label: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/** All labels of one kind among `labels`, the latest first. One with an unreadable time counts as put at time 0. */
export const marks = (mark: Mark, labels: readonly string[]): readonly Marked[] =>
  labels
    .filter((label) => label.startsWith(MARKS[mark]))
    .map((label) => ({ label, atMs: Date.parse(label.slice(MARKS[mark].length)) || 0 }))
    .sort((a, b) => b.atMs - a.atMs);

/**
 * True for a version that was given up and never used: it has no label but marks of that. One that was current, whenever,
 * retires like any other.
 */
export const isOnlyAbandoned = (labels: readonly string[]): boolean =>
  labels.length > 0 && labels.every((label) => label.startsWith(MARKS.abandoned));

/** AWS allows 20 staging labels on one secret: three are AWS's, and two are kept for marks of other kinds. */
export const MAX_RETIRING = 15;

/** Version ids to their labels, as DescribeSecret and ListSecrets give them. */
export type Stages = Readonly<Record<string, readonly string[]>>;

/** The version that has `label`, if any. */
export const versionWith = (stages: Stages, label: string): string | undefined =>
  Object.keys(stages).find((versionId) => stages[versionId]?.includes(label));

/** True for a managed key that was destroyed: nothing is minted for it any more. */
export const isDestroyed = (stages: Stages): boolean =>
  Object.values(stages).some((labels) => marks("destroyed", labels).length > 0);
