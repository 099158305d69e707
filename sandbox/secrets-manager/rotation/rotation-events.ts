import { type Random, uuid } from "../random-ids.ts";

export type RotationEventName =
  | "RotationStarted"
  | "RotationSucceeded"
  | "RotationFailed"
  | "RotationAbandoned"
  | "TestRotationStarted"
  | "TestRotationSucceeded"
  | "TestRotationFailed";

/** An EventBridge event whose detail is a CloudTrail record of a service event (no API call stands behind it). */
export interface RotationEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": "AWS Service Event via CloudTrail";
  readonly source: "aws.secretsmanager";
  readonly account: string;
  /** ISO 8601, whole seconds, UTC. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: {
    readonly eventName: RotationEventName;
    readonly errorMessage?: string;
    readonly additionalEventData: { readonly SecretId: string };
    readonly [field: string]: unknown;
  };
}

const PRINCIPAL = "secretsmanager.amazonaws.com";

/**
 * Builds the event of a rotation, in the form of those that AWS has sent (user guide: "Log AWS Secrets Manager events
 * with AWS CloudTrail"): the secret is in `additionalEventData.SecretId`, the failure in `errorMessage`.
 */
export function rotationEvent(
  about: { eventName: RotationEventName; arn: string; token: string | undefined; errorMessage?: string | undefined },
  where: { account: string; region: string; nowMs: number; random: Random },
): RotationEvent {
  const time = `${new Date(where.nowMs).toISOString().slice(0, 19)}Z`;
  return {
    version: "0",
    id: uuid(where.random),
    "detail-type": "AWS Service Event via CloudTrail",
    source: "aws.secretsmanager",
    account: where.account,
    time,
    region: where.region,
    resources: [],
    detail: {
      eventVersion: "1.08",
      userIdentity: { accountId: where.account, invokedBy: PRINCIPAL },
      eventTime: time,
      eventSource: PRINCIPAL,
      eventName: about.eventName,
      awsRegion: where.region,
      sourceIPAddress: PRINCIPAL,
      userAgent: PRINCIPAL,
      ...(about.errorMessage === undefined ? {} : { errorMessage: about.errorMessage }),
      requestParameters: null,
      responseElements: null,
      additionalEventData: { SecretId: about.arn },
      requestID: `Rotation-${about.arn}-${about.token ?? uuid(where.random)}`,
      eventID: uuid(where.random),
      readOnly: false,
      eventType: "AwsServiceEvent",
      managementEvent: true,
      recipientAccountId: where.account,
      eventCategory: "Management",
    },
  };
}
