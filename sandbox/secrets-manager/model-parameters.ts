import type { RotationStep } from "./rotation/rotation-attempt.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * What AWS does not document, or documents with a "might". Code that is tested on this model should hold for every
 * setting; the defaults are what documentation, or else recorded answers of AWS, make most likely.
 */
export interface ModelParameters {
  /**
   * Waits before the retries of a failed rotation; as many retries as entries.
   * AWS says only that it "retries the entire rotation process multiple times". Default: 1, 5, 15, 60 and 240 minutes.
   */
  readonly retryDelaysMs: readonly number[];
  /**
   * Wait before a rotation is tried again once its retries are used up ("That rotation will be reattempted"), and
   * then each time; null: never. Default: 24 hours.
   */
  readonly reattemptEveryMs: number | null;
  /** Whether a retry has the token of the failed attempt, or takes AWSPENDING to a new, empty version. Default: same. */
  readonly retryToken: "same" | "new";
  /**
   * What becomes of AWSPENDING when a rotation has succeeded: it stays on the new current version, or AWS takes it off.
   * RotateSecret's page allows both; recorded answers show that it stays. Default: stays.
   */
  readonly pendingAfterSuccess: "stays" | "removed";
  /** What becomes of AWSPENDING when the retries are used up. Default: stays (and blocks the next RotateSecret). */
  readonly pendingAfterLastFailure: "stays" | "removed";
  /**
   * What testSecret finds when a rotation is configured with RotateImmediately=false. RotateSecret's page: the test
   * "creates an AWSPENDING version of the secret and then removes it", without saying what it holds. Default: empty version.
   */
  readonly configureTest: "empty version" | "copy of the current value" | "label on the current version" | "no version";
  /** Steps that are delivered twice, as Lambda's at-least-once delivery may do. Default: none. */
  readonly duplicatedSteps: readonly RotationStep[];
  /** Whether the second delivery of a duplicated step follows the first, or runs beside it. Default: in turn. */
  readonly duplicateDelivery: "in turn" | "at once";
  /** How far ListSecrets is behind; AWS: it "might not reflect changes from the last five minutes". Default: 0. */
  readonly listLagMs: number;
  /** How far the staging labels that GetSecretValue reads by VersionStage (or by default) are behind. Default: 0. */
  readonly labelLagMs: number;
  /**
   * Labels of the first value of a secret when VersionStages does not name AWSCURRENT. PutSecretValue's page says that the
   * first version gets AWSCURRENT; whether that holds inside a rotation is not said. Default: with AWSCURRENT.
   */
  readonly firstValueStages: "as asked" | "with AWSCURRENT" | "with AWSCURRENT unless rotating";
  /** Whether a secret that never had a value can be rotated. Default: true. */
  readonly rotateEmptySecret: boolean;
  /** Whether CancelRotateSecret takes AWSPENDING off; its page says that it "can leave" the label. Default: false. */
  readonly cancelDropsPending: boolean;
  /**
   * Whether a value that becomes AWSCURRENT by PutSecretValue or UpdateSecret takes AWSPENDING away, which abandons a
   * rotation on its way (CloudTrail's RotationAbandoned event; recorded answers). Default: true.
   */
  readonly putTakesPendingAway: boolean;
  /** Whether an abandoned rotation still delivers its remaining steps. Default: stop. */
  readonly stepsAfterAbandonment: "stop" | "continue";
  /**
   * Where in the rotation window a scheduled rotation runs: 0 when it opens, 1 in its last second. AWS: at any time in it.
   * Default: 0.
   */
  readonly placeInWindow: number;
  /** Whether a value put by hand moves NextRotationDate, as RotationRules' page says of schedules in days. Default: true. */
  readonly putCountsAsRotation: boolean;
  /** Whether a rotation whose finishSecret did not move AWSCURRENT to the new version counts as failed. Default: true. */
  readonly promotionRequired: boolean;
  /** Whether AWSCURRENT can be moved to a version that has no value yet. Default: true, the more dangerous. */
  readonly currentMayMoveToEmptyVersion: boolean;
  /** What DeletedDate shows in the deletion window: when DeleteSecret was called, or when the window ends. Default: call. */
  readonly deletedDate: "call" | "end of window";
  /** Versions without label are pruned, oldest first, while a secret has more versions than this. Default: 100. */
  readonly keptVersions: number;
  /** A version younger than this is not pruned. Default: 24 hours. */
  readonly pruneAgeMs: number;
  /**
   * How many versions a secret may have before a further one is refused with LimitExceededException. The quota page says
   * 100, PutSecretValue's page that all versions of the last 24 hours are kept; null: no such limit. Default: null.
   */
  readonly versionQuota: number | null;
  /** How long a new replica is InProgress before it is InSync. AWS does not say. Default: 1 second. */
  readonly replicationDelayMs: number;
}

export const defaultModelParameters: ModelParameters = {
  retryDelaysMs: [1, 5, 15, 60, 240].map((minutes) => minutes * MINUTE_MS),
  reattemptEveryMs: DAY_MS,
  retryToken: "same",
  pendingAfterSuccess: "stays",
  pendingAfterLastFailure: "stays",
  configureTest: "empty version",
  duplicatedSteps: [],
  duplicateDelivery: "in turn",
  listLagMs: 0,
  labelLagMs: 0,
  firstValueStages: "with AWSCURRENT",
  rotateEmptySecret: true,
  cancelDropsPending: false,
  putTakesPendingAway: true,
  stepsAfterAbandonment: "stop",
  placeInWindow: 0,
  putCountsAsRotation: true,
  promotionRequired: true,
  currentMayMoveToEmptyVersion: true,
  deletedDate: "call",
  keptVersions: 100,
  pruneAgeMs: DAY_MS,
  versionQuota: null,
  replicationDelayMs: 1000,
};
