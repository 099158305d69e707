/**
 * The metrics that the handlers write in CloudWatch's embedded metric format, and that the alarms watch.
 * All have one dimension, the service's name.
 */
export const METRIC_NAMESPACE = "Keyturn";
export const METRIC_DIMENSION = "Service";

export const METRICS = {
  /** 1 for each step of a rotation that failed. */
  rotationFailed: "RotationFailed",
  /** 1 for each retirement that reconcile finds past its deadline. */
  retirementBlocked: "RetirementBlocked",
  /** 1 for each stray that reconcile leaves alone: in use, without evidence, or past the brake. */
  straysHeld: "StraysHeld",
  /** 1 for each key that a person has to revoke by hand, because the vendor cannot be asked to, or does not do it. */
  revokeByHand: "RevokeByHand",
  /** 1 for each request in tags that the service does not grant, or cannot read. */
  requestsRefused: "RequestsRefused",
  /** 1 for each pass of reconcile that came to its end. */
  reconcileCompleted: "ReconcileCompleted",
} as const;

export type Metric = (typeof METRICS)[keyof typeof METRICS];
