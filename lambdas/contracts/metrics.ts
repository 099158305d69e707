/** What the handlers write in CloudWatch's embedded metric format. */
export const METRIC_NAMESPACE = "Keyturn";
export const METRIC_DIMENSION = "Service";

/** Counts, with the one dimension of the service's name. The alarms watch them. */
export const METRICS = {
  /** 1 for each step of a rotation that failed. */
  rotationFailed: "RotationFailed",
  /** How many rotations reconcile finds past their date with none under way. */
  rotationOverdue: "RotationOverdue",
  /** 1 for each current key that its vendor refuses: whoever uses it, fails. */
  currentKeyDead: "CurrentKeyDead",
  /** How many differences reconcile finds that it cannot repair: a value that somebody put, a rotation turned off. */
  driftFound: "DriftFound",
  /** How many retirements reconcile finds past their deadline. */
  retirementBlocked: "RetirementBlocked",
  /** How many keys that a person called compromised still live half an hour later. */
  compromisedAlive: "CompromisedAlive",
  /** How many strays reconcile leaves alone: in use, without evidence, or past the brake. */
  straysHeld: "StraysHeld",
  /** 1 for each key that a person has to revoke by hand, because the vendor cannot be asked to, or does not do it. */
  revokeByHand: "RevokeByHand",
  /** 1 for each look at a connection whose listing is not whole, from the third in a row or the first hour on. */
  listingNotWhole: "ListingNotWhole",
  /** 1 for each look at a connection whose admin key is of another organization. */
  wrongOrganization: "WrongOrganization",
  /** 1 for each look at a connection whose reports of use are not understood, while an old generation waits for them. */
  useNotUnderstood: "UseNotUnderstood",
  /** How many current keys of a connection are refused at once, beyond those that its brake lets be replaced. */
  deathsDoubted: "DeathsDoubted",
  /** How many current keys end by themselves. */
  keyExpires: "KeyExpires",
  /** How many requests in tags the service does not grant, or cannot read. */
  requestsRefused: "RequestsRefused",
  /** Targets that `distribute` brought to a version, or found on their way to it. */
  targetsApplied: "TargetsApplied",
  /** Targets that `distribute` found to run their version. */
  targetsAdopted: "TargetsAdopted",
  /** Targets that `distribute` could not reach, or that need somebody: a right, a pod that does not start. */
  targetsFailed: "TargetsFailed",
  /** 1 for each pass of reconcile that came to its end. */
  reconcileCompleted: "ReconcileCompleted",
} as const;

export type Metric = (typeof METRICS)[keyof typeof METRICS];

/** Counts that no alarm watches. */
export const WITHOUT_ALARM = ["targetsApplied", "targetsAdopted"] as const satisfies readonly (keyof typeof METRICS)[];

/** The second dimension of measurements. Keys have none of their own: ten thousand of them would be ten thousand metrics. */
export const CONNECTION_DIMENSION = "Connection";

/**
 * Measurements of a vendor connection, written whenever it was listed. Those of keys have one value for each key, so that
 * their statistics are a fleet's: the oldest key, the key that is to be rotated next.
 */
export const MEASUREMENTS = {
  /** The age of each current key. */
  keyAge: { name: "KeyAge", unit: "Seconds" },
  /** For each key the days until its next rotation; negative when that is past. */
  daysToRotation: { name: "DaysToRotation", unit: "None" },
  /** For each key how many of its generations the vendor takes. */
  liveGenerations: { name: "LiveGenerations", unit: "Count" },
  /** For each key with targets how long its current generation has not arrived at all of them. */
  adoptionLag: { name: "AdoptionLag", unit: "Seconds" },
  /** How many keys should be revoked and are alive. */
  debt: { name: "Debt", unit: "Count" },
  /** How many more keys the plan allows, for the role or type that has the fewest left; not written without a limit. */
  slotsLeft: { name: "SlotsLeft", unit: "Count" },
} as const;

export type Measurement = keyof typeof MEASUREMENTS;

/** CloudWatch takes 100 values of a metric in one line. */
export const VALUES_PER_LINE = 100;
