import type { RotationEvent, RotationEventName } from "../../../sandbox/secrets-manager/index.ts";

export const SECRET_ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:a-AbCdEf";

/** An event as the Secrets Manager model emits it, shortened. */
export const makeRotationEvent = (eventName: RotationEventName): RotationEvent => ({
  version: "0",
  id: "b7643aef-4c10-4768-afb4-ac840aee0698",
  "detail-type": "AWS Service Event via CloudTrail",
  source: "aws.secretsmanager",
  account: "000000000000",
  time: "2026-01-02T03:04:05Z",
  region: "us-east-1",
  resources: [],
  detail: { eventName, additionalEventData: { SecretId: SECRET_ARN } },
});
