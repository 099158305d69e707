import { TAG_PREFIX } from "../lambdas/contracts/declaration.ts";
import { secretPrefix } from "../lambdas/contracts/secret-name.ts";
import type { Account } from "./account.ts";
import type { FunctionName } from "./functions.ts";
import { encryptionKeyUse, type Statement } from "./policy.ts";

/** What the functions of a service may reach. */
export interface Reach {
  readonly account: Account;
  readonly service: string;
  readonly adminSecretNames: readonly string[];
  /** KMS keys that encrypt the service's secrets or its admin secrets. */
  readonly encryptionKeyArns: readonly string[];
}

/** What one function may reach besides. */
export interface OwnReach {
  readonly logGroupArn: string;
  /** The functions that it may invoke. */
  readonly invokes: readonly string[];
  /** The topic that hears of its failed asynchronous invocations. */
  readonly failureTopicArns: readonly string[];
}

const ROTATE = ["GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"];

/** What each function does to the service's own secrets, as actions of Secrets Manager. */
const SECRET_ACTIONS: Readonly<Record<FunctionName, readonly string[]>> = {
  rotate: ROTATE,
  manage: [...ROTATE, "ListSecretVersionIds", "RotateSecret", "CancelRotateSecret"],
  reconcile: ["GetSecretValue", "UpdateSecretVersionStage", "RotateSecret"],
};

const allow = (
  Sid: string,
  service: string,
  actions: readonly string[],
  Resource: readonly string[],
  Condition?: Statement["Condition"],
): Statement => ({
  Sid,
  Effect: "Allow",
  Action: actions.map((action) => `${service}:${action}`),
  Resource,
  ...(Condition ? { Condition } : {}),
});

/** By name and by tag, so that neither alone opens a secret. */
const ownSecrets = (name: FunctionName, { account, service }: Reach): Statement =>
  allow(
    "OwnSecrets",
    "secretsmanager",
    SECRET_ACTIONS[name],
    [account.arn("secretsmanager", `secret:${secretPrefix(service)}*`)],
    { StringEquals: { [`secretsmanager:ResourceTag/${TAG_PREFIX}service`]: service } },
  );

/**
 * A description tells a secret's tags and labels, never a value. It is not bound to the tag: AWS checks permissions before
 * it looks, and a secret that is gone has no tags, so that it would answer "access denied" where "not found" has to be
 * told apart. Reconcile asks by name for secrets that may be gone, and such a request has no ARN that a prefix could
 * match; what it may see so, `ListSecrets` shows it anyway.
 */
const descriptions = (name: FunctionName, { account, service }: Reach): Statement =>
  allow(
    "DescribeSecrets",
    "secretsmanager",
    ["DescribeSecret"],
    [name === "reconcile" ? "*" : account.arn("secretsmanager", `secret:${secretPrefix(service)}*`)],
  );

/** Secrets Manager reads with a KMS key by Decrypt; to store a value it needs GenerateDataKey too (AWS: "PutSecretValue"). */
const encryptionKeyActions = (name: FunctionName): readonly string[] =>
  SECRET_ACTIONS[name].includes("PutSecretValue") ? ["kms:Decrypt", "kms:GenerateDataKey"] : ["kms:Decrypt"];

/** Secrets Manager ends an ARN with six characters of its own. */
const adminSecrets = ({ account, adminSecretNames }: Reach): Statement =>
  allow(
    "AdminSecrets",
    "secretsmanager",
    ["GetSecretValue"],
    adminSecretNames.map((name) => account.arn("secretsmanager", `secret:${name}-??????`)),
  );

/** All that a function may do. */
export const permissions = (name: FunctionName, reach: Reach, own: OwnReach): readonly Statement[] => [
  ownSecrets(name, reach),
  descriptions(name, reach),
  adminSecrets(reach),
  encryptionKeyUse(reach.encryptionKeyArns, encryptionKeyActions(name)),
  // AWS knows no resource for this action: it lists names and tags of the account's secrets, never a value.
  allow("ListSecrets", "secretsmanager", ["ListSecrets"], name === "reconcile" ? ["*"] : []),
  allow("InvokeFunctions", "lambda", ["InvokeFunction"], own.invokes),
  allow("WriteLog", "logs", ["CreateLogStream", "PutLogEvents"], [`${own.logGroupArn}:*`]),
  allow("ReportFailure", "sns", ["Publish"], own.failureTopicArns),
];
