import { secretPrefix } from "../lambdas/contracts/secret-name.ts";
import type { Account } from "./account.ts";
import type { CoreFunctionName, FunctionName } from "./functions.ts";
import { encryptionKeyUse, invocation, ofService, type Statement, throughService } from "./policy.ts";

/** What the functions of a service may reach. */
export interface Reach {
  readonly account: Account;
  readonly service: string;
  readonly adminSecretNames: readonly string[];
  /** Secrets that hold the kubeconfigs of clusters. */
  readonly kubeconfigSecretNames: readonly string[];
  readonly eksClusters: readonly { readonly name: string; readonly region: string }[];
  /** KMS keys, by what they encrypt. */
  readonly encryptionKeyArns: {
    readonly ownSecrets: readonly string[];
    readonly adminSecrets: readonly string[];
    readonly kubeconfigSecrets: readonly string[];
  };
}

/** A topic or queue that events are sent to, and the KMS key of the user's that encrypts it. */
export interface FailureReach {
  readonly service: "sns" | "sqs";
  readonly arn: string;
  readonly encryptionKeyArn: string | undefined;
}

/** What one function may reach besides. */
export interface OwnReach {
  readonly logGroupArn: string;
  /** The functions that it may invoke. */
  readonly invokes: readonly string[];
  /** What hears of its failed asynchronous invocations. */
  readonly failure: FailureReach | undefined;
  /** Whether it runs in a network of the user's. */
  readonly inVpc: boolean;
  /** Whether X-Ray traces it. */
  readonly traced: boolean;
}

const ROTATE = ["GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"];

/** What each function does to the service's own secrets, as actions of Secrets Manager. */
const SECRET_ACTIONS: Readonly<Record<FunctionName, readonly string[]>> = {
  rotate: ROTATE,
  manage: [...ROTATE, "ListSecretVersionIds", "RotateSecret", "CancelRotateSecret"],
  inspect: ["GetSecretValue"],
  reconcile: ["GetSecretValue", "UpdateSecretVersionStage", "ListSecretVersionIds", "RotateSecret"],
  distribute: ["GetSecretValue"],
};

/** Those that look at all keys of the service at once, or at some of the others before they mint by a listing. */
const LISTING: ReadonlySet<FunctionName> = new Set(["rotate", "manage", "inspect", "reconcile"]);

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
    ofService(service),
  );

/**
 * A description tells a secret's tags and labels, never a value. It is not bound to the tag: AWS checks permissions before
 * it looks, and a secret that is gone has no tags, so that it would answer "access denied" where "not found" has to be
 * told apart.
 */
const descriptions = ({ account, service }: Reach): Statement =>
  allow(
    "DescribeSecrets",
    "secretsmanager",
    ["DescribeSecret"],
    [account.arn("secretsmanager", `secret:${secretPrefix(service)}*`)],
  );

/** Secrets Manager reads with a KMS key by Decrypt; to store a value it needs GenerateDataKey too (AWS: "PutSecretValue"). */
const encryptionKeyActions = (name: FunctionName): readonly string[] =>
  SECRET_ACTIONS[name].includes("PutSecretValue") ? ["kms:Decrypt", "kms:GenerateDataKey"] : ["kms:Decrypt"];

/** Secrets Manager ends an ARN with six characters of its own. */
const keptSecrets = (Sid: string, { account }: Reach, names: readonly string[]): Statement =>
  allow(
    Sid,
    "secretsmanager",
    ["GetSecretValue"],
    names.map((name) => account.arn("secretsmanager", `secret:${name}-??????`)),
  );

const clusterDescriptions = ({ account, eksClusters }: Reach): Statement =>
  allow(
    "DescribeClusters",
    "eks",
    ["DescribeCluster"],
    eksClusters.map(({ name, region }) => `arn:${account.partition}:eks:${region}:${account.id}:cluster/${name}`),
  );

/** What Lambda does with the function's own role (AWS: "Giving Lambda functions access to resources in an Amazon VPC"). */
const VPC_ACTIONS = [
  "CreateNetworkInterface",
  "DescribeNetworkInterfaces",
  "DescribeSubnets",
  "DeleteNetworkInterface",
  "AssignPrivateIpAddresses",
  "UnassignPrivateIpAddresses",
];

const uses = (name: FunctionName, ...keyArns: readonly (readonly string[])[]): Statement =>
  encryptionKeyUse([...new Set(keyArns.flat())], encryptionKeyActions(name));

/** What the functions do that mint, look and revoke: they have the vendors' admin keys, and no way to clusters. */
const vendorRights = (name: CoreFunctionName, reach: Reach): readonly Statement[] => [
  keptSecrets("AdminSecrets", reach, reach.adminSecretNames),
  uses(name, reach.encryptionKeyArns.ownSecrets, reach.encryptionKeyArns.adminSecrets),
];

/** distribute has a way to clusters, and no admin key. */
const clusterRights = (reach: Reach): readonly Statement[] => [
  keptSecrets("Kubeconfigs", reach, reach.kubeconfigSecretNames),
  clusterDescriptions(reach),
  uses("distribute", reach.encryptionKeyArns.ownSecrets, reach.encryptionKeyArns.kubeconfigSecrets),
];

/** AWS: "Capturing records of Lambda asynchronous invocations", and each service's page on KMS keys of one's own. */
const failureRights = (failure: FailureReach | undefined): readonly Statement[] => {
  if (!failure) return [];
  const { service, arn, encryptionKeyArn } = failure;
  const keyArns = encryptionKeyArn === undefined ? [] : [encryptionKeyArn];
  return [
    allow("ReportFailure", service, [service === "sns" ? "Publish" : "SendMessage"], [arn]),
    allow("EncryptFailure", "kms", ["Decrypt", "GenerateDataKey"], keyArns, throughService(service)),
  ];
};

/** X-Ray knows no resource for these (AWS: "Visualize Lambda function invocations using AWS X-Ray"). */
const TRACING_ACTIONS = ["PutTraceSegments", "PutTelemetryRecords"];

/** All that a function may do. */
export const permissions = (name: FunctionName, reach: Reach, own: OwnReach): readonly Statement[] => [
  ownSecrets(name, reach),
  descriptions(reach),
  ...(name === "distribute" ? clusterRights(reach) : vendorRights(name, reach)),
  // AWS knows no resource for this action: it lists names and tags of the account's secrets, never a value.
  allow("ListSecrets", "secretsmanager", ["ListSecrets"], LISTING.has(name) ? ["*"] : []),
  invocation(own.invokes),
  allow("WriteLog", "logs", ["CreateLogStream", "PutLogEvents"], [`${own.logGroupArn}:*`]),
  ...failureRights(own.failure),
  allow("NetworkInterfaces", "ec2", VPC_ACTIONS, own.inVpc ? ["*"] : []),
  allow("Trace", "xray", TRACING_ACTIONS, own.traced ? ["*"] : []),
];
