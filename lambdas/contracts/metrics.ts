/**
 * The metrics that the handlers write in CloudWatch's embedded metric format, and that the alarms watch.
 * All have one dimension, the service's name.
 */
export const METRIC_NAMESPACE = "Keyturn";
export const METRIC_DIMENSION = "Service";

export const METRICS = {
  /** 1 for each step of a rotation that failed. */
  rotationFailed: "RotationFailed",
  /** How many retirements are past their deadline in one pass of reconcile. */
  retirementBlocked: "RetirementBlocked",
  /** How many strays reconcile left alone in one pass: in use, without evidence, or past the brake. */
  straysHeld: "StraysHeld",
  /** How many keys a person has to revoke by hand, because the vendor cannot be asked to. */
  revokeByHand: "RevokeByHand",
  /** How many requests in tags one pass found that the service does not grant, or cannot read. */
  requestsRefused: "RequestsRefused",
  /** 1 for each pass of reconcile that came to its end. */
  reconcileCompleted: "ReconcileCompleted",
} as const;

export type Metric = (typeof METRICS)[keyof typeof METRICS];
