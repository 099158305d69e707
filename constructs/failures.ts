import type { IConstruct } from "constructs";
import type { Account } from "./account.ts";
import { aliasProblems, type DestinationKey, destinationKey, type Encrypted } from "./destination-key.ts";
import type { FunctionName } from "./functions.ts";
import type { FailureReach } from "./permissions.ts";
import type { ServiceSettings } from "./service-settings.ts";

/**
 * Those that are invoked asynchronously. A failed invocation is reported with its whole event; a rotation's event may hold a
 * RotationToken, so rotate reports by its metrics alone.
 */
const REPORTING: ReadonlySet<FunctionName> = new Set(["manage", "reconcile", "distribute"]);

interface Destination {
  readonly service: "sns" | "sqs";
  readonly to: Encrypted;
  readonly key: DestinationKey;
}

const destinationOf = (scope: IConstruct, account: Account, settings: ServiceSettings): Destination | undefined => {
  const { alarmTopic, alarmTopicEncryptionKey, failureDestination } = settings;
  const named = failureDestination ? failureDestination.encryptionKey : alarmTopicEncryptionKey;
  const queue: Encrypted | undefined = failureDestination?.queue;
  const to: Encrypted | undefined = queue ?? (failureDestination ? failureDestination.topic : alarmTopic);
  return to && { service: queue ? "sqs" : "sns", to, key: destinationKey(scope, account, to, named) };
};

/** Where a function's failed asynchronous invocations go, and what it needs for that; `undefined`: nowhere. */
export const failureReach = (
  scope: IConstruct,
  account: Account,
  name: FunctionName,
  settings: ServiceSettings,
): FailureReach | undefined => {
  const found = REPORTING.has(name) ? destinationOf(scope, account, settings) : undefined;
  if (!found) return undefined;
  const { service, to, key } = found;
  return { service, arn: to.arn, encryptionKeyArn: key.kind === "key" ? key.arn : undefined };
};

/** AWS: "Key management" of Amazon SNS: AWS's own key lets no other service send. */
const alarmProblems = (topic: Encrypted): string[] =>
  topic.kmsMasterKeyIdInput === "alias/aws/sns"
    ? [
        "alarmTopic is encrypted with alias/aws/sns, AWS's own key, by which CloudWatch cannot send, so that no alarm would arrive; encrypt it with a key of yours whose policy lets cloudwatch.amazonaws.com use it",
      ]
    : [];

/** What is wrong with how the alarms' topic and the destination of failures are encrypted. */
export const encryptionProblems = (scope: IConstruct, account: Account, settings: ServiceSettings): string[] => {
  const { alarmTopic, alarmTopicEncryptionKey, failureDestination } = settings;
  const topicKey = alarmTopic && destinationKey(scope, account, alarmTopic, alarmTopicEncryptionKey);
  const failures = failureDestination && destinationOf(scope, account, settings);
  return [
    ...(alarmTopic ? alarmProblems(alarmTopic) : []),
    ...(topicKey ? aliasProblems("alarmTopic", "alarmTopicEncryptionKey", topicKey) : []),
    ...(failures ? aliasProblems("failureDestination", "failureDestination.encryptionKey", failures.key) : []),
  ];
};
