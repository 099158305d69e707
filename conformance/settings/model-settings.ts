import type { ModelParameters } from "../../sandbox/secrets-manager/index.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../stage/settings.ts";

type Parameter = keyof ModelParameters;

/** What one parameter may be other than by default, by the name of the setting. */
export interface Otherwise<Name extends Parameter = Parameter> {
  readonly setting: string;
  readonly value: ModelParameters[Name];
  /** What else must be otherwise, for this to matter where it is the only setting. */
  readonly with?: Partial<ModelParameters>;
}

type Values = { readonly [Name in Parameter]?: readonly Otherwise<Name>[] };

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

/** What AWS leaves open and Keyturn could notice. Each value has to hold by itself, and beside each value of the others. */
export const OTHERWISE: Values = {
  retryDelaysMs: [
    { setting: "no-retry", value: [] },
    { setting: "one-retry", value: [MINUTE_MS] },
    { setting: "hasty-retries", value: [1_000, 1_000, 1_000, 1_000, 1_000] },
    { setting: "lazy-retries", value: [2 * HOUR_MS, 2 * HOUR_MS] },
  ],
  reattemptEveryMs: [
    { setting: "never-reattempted", value: null },
    { setting: "reattempted-every-hour", value: HOUR_MS },
  ],
  retryToken: [{ setting: "new-retry-token", value: "new" }],
  pendingAfterSuccess: [{ setting: "pending-removed-after-success", value: "removed" }],
  pendingAfterLastFailure: [{ setting: "pending-removed-after-last-failure", value: "removed" }],
  configureTest: [
    { setting: "tested-with-a-copy", value: "copy of the current value" },
    { setting: "tested-with-the-current-version", value: "label on the current version" },
    { setting: "tested-without-a-version", value: "no version" },
  ],
  duplicatedSteps: [
    { setting: "create-twice", value: ["createSecret"] },
    { setting: "test-twice", value: ["testSecret"] },
    { setting: "finish-twice", value: ["finishSecret"] },
    { setting: "every-step-twice", value: STEPS },
  ],
  duplicateDelivery: [{ setting: "steps-side-by-side", value: "at once", with: { duplicatedSteps: STEPS } }],
  listLagMs: [{ setting: "lists-late", value: 5 * MINUTE_MS }],
  labelLagMs: [{ setting: "labels-late", value: 5 * MINUTE_MS }],
  firstValueStages: [
    { setting: "first-value-as-asked", value: "as asked" },
    { setting: "first-value-current-unless-rotating", value: "with AWSCURRENT unless rotating" },
  ],
  rotateEmptySecret: [{ setting: "empty-secret-not-rotated", value: false }],
  cancelDropsPending: [{ setting: "cancel-drops-pending", value: true }],
  putTakesPendingAway: [{ setting: "put-leaves-pending", value: false }],
  stepsAfterAbandonment: [{ setting: "steps-go-on-after-abandonment", value: "continue" }],
  placeInWindow: [
    { setting: "in-the-middle-of-the-window", value: 0.5 },
    { setting: "in-the-last-second-of-the-window", value: 1 },
  ],
  putCountsAsRotation: [{ setting: "put-is-no-rotation", value: false }],
  promotionRequired: [{ setting: "promotion-not-required", value: false }],
  currentMayMoveToEmptyVersion: [{ setting: "current-never-empty", value: false }],
  deletedDate: [{ setting: "deleted-date-is-the-end", value: "end of window" }],
  keptVersions: [{ setting: "few-versions-kept", value: 1, with: { pruneAgeMs: 0 } }],
  pruneAgeMs: [
    { setting: "young-versions-pruned", value: 0, with: { keptVersions: 1 } },
    { setting: "old-versions-kept", value: 30 * DAY_MS, with: { keptVersions: 1 } },
  ],
};

/** Parameters that no setting has, and why. */
export const LEFT_OUT: Partial<Readonly<Record<Parameter, string>>> = {
  versionQuota: "AWS speaks of 100 versions; a life has some ten, and a smaller quota is none that AWS could have",
  replicationDelayMs: "replicas are skipped by every function, and the kit's secret has none",
};
