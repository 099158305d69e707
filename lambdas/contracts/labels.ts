/** The staging labels of Secrets Manager that a rotation moves (AWS: "Secrets Manager secret versions"). */
export const CURRENT = "AWSCURRENT";
export const PENDING = "AWSPENDING";
export const PREVIOUS = "AWSPREVIOUS";

/**
 * Labels of our own. Each carries the UTC time at which it was put, so that what it starts can be timed.
 * retiring: replaced, and to be revoked on evidence. revoking: that evidence was there, and the revocation was decided; it takes
 * the place of retiring before the vendor is asked, and stays until the revocation is confirmed. tried, tried-again: Keyturn called with
 * the retiring key at this time, to see whether its vendor would show that it is in use; the second call takes the place of the first.
 * unshown: the vendor did not show such a call in time.
 * compromised: a person's mark on a generation that is no secret any more, to be replaced at once and revoked without an
 * overlap; compromised-first: to be revoked before its replacement works.
 * adopting: a key made by hand, being stored in the form of ours; it means nothing once the version is current.
 * denied: Secrets Manager refused to store the version's value; nothing but a person or AWS's schedule asks for another mint.
 * in-vain, on the version that is current: a mint that was to replace it came to nothing, first and last at these times.
 * listed-otherwise, on a version from its storing on: the generation that it replaces was listed with another name, role or type than it was
 * minted with, so that nobody replaces this one for that.
 */
const MARKS = {
  retiring: "keyturn/retiring/",
  revoking: "keyturn/revoking/",
  tried: "keyturn/tried/",
  "tried-again": "keyturn/tried-again/",
  unshown: "keyturn/unshown/",
  abandoned: "keyturn/abandoned/",
  destroyed: "keyturn/destroyed/",
  compromised: "keyturn/compromised/",
  "compromised-first": "keyturn/compromised-first/",
  adopting: "keyturn/adopting/",
  denied: "keyturn/denied/",
  "in-vain": "keyturn/in-vain/",
  "listed-otherwise": "keyturn/listed-otherwise/",
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

/** The marks of our own calls with a key that retires. */
const TRIALS = ["tried", "tried-again", "unshown"] as const satisfies readonly Mark[];

export const trialMarks = (labels: readonly string[]): readonly Marked[] =>
  TRIALS.flatMap((mark) => marks(mark, labels));

/** All labels of ours among `labels`, those first that mean nothing without another one: in this order they are taken off. */
export const ownMarks = (labels: readonly string[]): readonly string[] => {
  const trials = trialMarks(labels).map(({ label }) => label);
  const isOwn = (label: string): boolean => Object.values(MARKS).some((start) => label.startsWith(start));
  return [...trials, ...labels.filter((label) => isOwn(label) && !trials.includes(label))];
};

/** True for a generation that a person marked as no secret any more. */
export const isCompromised = (labels: readonly string[]): boolean =>
  marks("compromised", labels).length > 0 || marks("compromised-first", labels).length > 0;

/** True for a version that was current before: AWS marks the last one, we mark each. */
export const wasCurrent = (labels: readonly string[]): boolean =>
  labels.includes(PREVIOUS) || isRetiring(labels) || isRevoking(labels);

/** True for a generation whose overlap has begun. */
export const isRetiring = (labels: readonly string[]): boolean => marks("retiring", labels).length > 0;

/** True for a replaced generation whose revocation was decided: with both marks, the later decision counts. */
export const isRevoking = (labels: readonly string[]): boolean => marks("revoking", labels).length > 0;

/**
 * True for a version on its way to be current for the first time. AWSPENDING on one that was current before is left over:
 * somebody moved AWSCURRENT back.
 */
export const isArriving = (labels: readonly string[]): boolean =>
  !labels.includes(CURRENT) &&
  !wasCurrent(labels) &&
  marks("abandoned", labels).length === 0 &&
  (labels.includes(PENDING) || marks("adopting", labels).length > 0);

/** What only says something of mints, and is no version's duty. */
const NOTES = [MARKS.denied, MARKS["in-vain"], MARKS["listed-otherwise"]];

export const isNote = (label: string): boolean => NOTES.some((start) => label.startsWith(start));

/**
 * True for a version that was given up and never used: it has no label but marks of that. One that was current, whenever,
 * retires like any other.
 */
export const isOnlyAbandoned = (labels: readonly string[]): boolean =>
  marks("abandoned", labels).length > 0 &&
  labels.every((label) => isNote(label) || marks("abandoned", [label]).length > 0);

/** Since when Secrets Manager refuses to store values, as far as a rotation has found that; `undefined`: not. */
export const deniedSinceMs = (stages: Stages): number | undefined =>
  Object.values(stages)
    .flatMap((labels) => marks("denied", labels))
    .map(({ atMs }) => atMs)
    .sort((a, b) => b - a)[0];

/**
 * How many labels of ours a secret may have before a scheduled rotation is refused. AWS allows 20 in all: three are AWS's, and two are
 * kept for marks and for the replacement of a compromised or dead key.
 */
export const MAX_OWN_LABELS = 15;

/** Version ids to their labels, as DescribeSecret and ListSecrets give them. */
export type Stages = Readonly<Record<string, readonly string[]>>;

/** How many labels of ours a secret has. */
export const ownLabelCount = (stages: Stages): number => Object.values(stages).flatMap(ownMarks).length;

/** The version that has `label`, if any. */
export const versionWith = (stages: Stages, label: string): string | undefined =>
  Object.keys(stages).find((versionId) => stages[versionId]?.includes(label));

/** A mark for a version since `atMs`; a label sits on one version of a secret, so another one's of the same time is gone round. */
export const freeMarkLabel = (mark: Mark, atMs: number, stages: Stages): string => {
  for (let ms = atMs; ; ms++) if (versionWith(stages, markLabel(mark, ms)) === undefined) return markLabel(mark, ms);
};

/** True while the current version's key is to be revoked before it is replaced: what it replaced may be all that works. */
export const isCurrentToGoFirst = (stages: Stages): boolean =>
  marks("compromised-first", stages[versionWith(stages, CURRENT) ?? ""] ?? []).length > 0;

/** AWSPENDING on another version than AWSCURRENT: for AWS a rotation that has not ended, so that it starts no other one. */
export const isPendingElsewhere = (stages: Stages): boolean => {
  const pending = versionWith(stages, PENDING);
  return pending !== undefined && pending !== versionWith(stages, CURRENT);
};

/**
 * The version with an AWSPENDING that belongs to no rotation: it was current, and somebody moved AWSCURRENT back. AWS starts no
 * rotation while it is there, and would go on with that version.
 */
export const leftOverPending = (stages: Stages): string | undefined => {
  const pending = versionWith(stages, PENDING);
  const isLeftOver = isPendingElsewhere(stages) && wasCurrent(stages[pending ?? ""] ?? []);
  return isLeftOver ? pending : undefined;
};

/** True for a managed key that was destroyed: nothing is minted for it any more. */
export const isDestroyed = (stages: Stages): boolean =>
  Object.values(stages).some((labels) => marks("destroyed", labels).length > 0);
