import { literal, oneOf, received, refuse, textProperty } from "./property-checks.ts";
import { type ArnReference, type KeyReference, keyReference } from "./references.ts";
import { tagProblem } from "./secret-tags.ts";

/** The network that functions run in. */
export interface VpcProps {
  /** Subnets that have a way to what the functions in them reach. */
  readonly subnetIds: readonly string[];
  /** The functions' security groups; those of private clusters must let them in. */
  readonly securityGroupIds: readonly string[];
  /**
   * Which functions run in it: `distribute` alone, or `all`, which then need a way to the vendors as well.
   * @default distribute
   */
  readonly functions?: "distribute" | "all";
}

/** The HTTP proxy by which functions reach what is outside. */
export interface ProxyProps {
  /** The proxy's URL, without a user and password: environment variables are no place for a secret. */
  readonly httpsProxy: string;
  /**
   * Hosts that are reached without it, as `NO_PROXY` has them: `.amazonaws.com`, `10.0.0.1`.
   * @default none
   */
  readonly noProxy?: readonly string[];
}

/** What takes the events of asynchronous invocations that failed: give `topic` or `queue`. */
export interface FailureDestination {
  /** An SNS topic. */
  readonly topic?: ArnReference;
  /** An SQS queue. */
  readonly queue?: ArnReference;
  /**
   * The KMS key of yours that encrypts it.
   * @default that of the topic's or queue's construct, where it has one
   */
  readonly encryptionKey?: KeyReference | undefined;
}

/** What an account asks of everything that a service deploys. */
export interface SurroundingsProps {
  /**
   * The functions' runtime of Lambda: nodejs22.x or newer.
   * @default nodejs22.x
   */
  readonly runtime?: string;
  /**
   * The managed policy that bounds what the service's roles may do.
   * @default none
   */
  readonly permissionsBoundary?: ArnReference | undefined;
  /**
   * The path of the service's roles in IAM: `/platform/`.
   * @default /
   */
  readonly rolePath?: string;
  /**
   * Whether X-Ray traces the functions: `Active` or `PassThrough`, as AWS has it.
   * @default PassThrough
   */
  readonly tracing?: "Active" | "PassThrough";
  /**
   * The KMS key that encrypts the functions' logs. Its policy must let CloudWatch Logs use it.
   * @default CloudWatch Logs' own encryption
   */
  readonly logEncryptionKey?: KeyReference | undefined;
  /**
   * The KMS key that encrypts reconcile's schedule.
   * @default EventBridge Scheduler's own key
   */
  readonly scheduleEncryptionKey?: KeyReference | undefined;
  /**
   * The KMS key that encrypts `alarmTopic`. Its policy must let CloudWatch use it.
   * @default that of the topic's construct, where it has one
   */
  readonly alarmTopicEncryptionKey?: KeyReference | undefined;
  /**
   * Where the event of an asynchronous invocation of manage, reconcile or distribute goes that failed.
   * @default alarmTopic
   */
  readonly failureDestination?: FailureDestination | undefined;
  /**
   * Tags of the functions.
   * @default none
   */
  readonly functionTags?: Readonly<Record<string, string>>;
  /**
   * The network that functions run in: `distribute` where clusters are private, or all of them.
   * @default none: they reach public endpoints
   */
  readonly vpc?: VpcProps;
  /**
   * The HTTP proxy by which the functions reach vendors, AWS and clusters.
   * @default none
   */
  readonly proxy?: ProxyProps;
}

/** The same, checked, and with their defaults. */
export interface Surroundings {
  readonly runtime: string;
  readonly permissionsBoundary: ArnReference | undefined;
  readonly rolePath: string | undefined;
  readonly tracing: "Active" | "PassThrough" | undefined;
  readonly logEncryptionKey: ArnReference | undefined;
  readonly scheduleEncryptionKey: ArnReference | undefined;
  readonly alarmTopicEncryptionKey: ArnReference | undefined;
  readonly failureDestination: FailureDestination | undefined;
  readonly functionTags: Readonly<Record<string, string>> | undefined;
  readonly vpc: Required<VpcProps> | undefined;
  readonly proxy: Required<ProxyProps> | undefined;
}

const DEFAULT_RUNTIME = "nodejs22.x";
const OLDEST_NODE = 22;

const runtimeProperty = (where: string, value: string): string => {
  const [, major] = /^nodejs(\d\d)\.x$/.exec(literal(where, "runtime", value)) ?? [];
  if (Number(major) >= OLDEST_NODE) return value;
  return refuse(
    where,
    `runtime must be one of Lambda's for Node.js ${OLDEST_NODE} or newer, such as ${DEFAULT_RUNTIME}; received ${received(value)}`,
  );
};

/** AWS: "CreateRole", Path. */
const ROLE_PATH = /^\/([!-~]{1,510}\/)?$/;

const rolePathProperty = (where: string, value: string): string => {
  const path = textProperty(where, "rolePath", value);
  if (ROLE_PATH.test(path)) return path;
  return refuse(where, `rolePath must begin and end with a slash, such as /platform/; received ${received(path)}`);
};

/** The ids themselves may be known to a deploy alone. */
const vpcOf = (where: string, vpc: VpcProps): Required<VpcProps> => {
  for (const property of ["subnetIds", "securityGroupIds"] as const)
    if (!Array.isArray(vpc[property]) || vpc[property].length === 0)
      refuse(where, `vpc.${property} must be a list of at least one id; received ${received(vpc[property])}`);
  const functions = oneOf(where, "vpc.functions", vpc.functions ?? "distribute", ["distribute", "all"] as const);
  return { ...vpc, functions };
};

/** Node.js reads a URL of http or https, and a list without spaces. */
const proxyOf = (where: string, { httpsProxy, noProxy = [] }: ProxyProps): Required<ProxyProps> => {
  const text = textProperty(where, "proxy.httpsProxy", httpsProxy);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.username || url?.password)
    refuse(where, "proxy.httpsProxy must have no user and password: a function's environment is no place for a secret");
  if (url?.protocol !== "http:" && url?.protocol !== "https:")
    refuse(
      where,
      `proxy.httpsProxy must be a URL of http or https, such as http://proxy.acme.example:3128; received ${received(text)}`,
    );
  for (const host of noProxy)
    if (/[\s,]/.test(textProperty(where, "proxy.noProxy", host)))
      refuse(where, `proxy.noProxy must be a list of hosts, one an entry; received ${received(host)}`);
  return { httpsProxy: text, noProxy };
};

const destinationOf = (where: string, destination: FailureDestination): FailureDestination => {
  const { topic, queue, encryptionKey } = destination;
  if ((topic === undefined) === (queue === undefined))
    refuse(where, "failureDestination must have either a topic or a queue, each with its arn");
  const key = keyReference(where, "failureDestination.encryptionKey", encryptionKey);
  return { ...destination, encryptionKey: key };
};

const functionTagsOf = (where: string, tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  for (const [key, value] of Object.entries(tags)) {
    const problem = key.toLowerCase().startsWith("aws:") ? "aws: tags are AWS's own" : tagProblem(key, value);
    if (problem !== undefined)
      refuse(
        where,
        `functionTags: the tag ${received(key)} with the value ${received(value)} is not possible: ${problem}`,
      );
  }
  return tags;
};

/**
 * Checks what an account asks of everything that a service deploys.
 * @param where the path of the service's construct, for messages
 * @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be
 */
export const surroundings = (where: string, props: SurroundingsProps): Surroundings => ({
  runtime: runtimeProperty(where, props.runtime ?? DEFAULT_RUNTIME),
  permissionsBoundary: props.permissionsBoundary,
  rolePath: props.rolePath === undefined ? undefined : rolePathProperty(where, props.rolePath),
  tracing:
    props.tracing === undefined
      ? undefined
      : oneOf(where, "tracing", props.tracing, ["Active", "PassThrough"] as const),
  logEncryptionKey: keyReference(where, "logEncryptionKey", props.logEncryptionKey),
  scheduleEncryptionKey: keyReference(where, "scheduleEncryptionKey", props.scheduleEncryptionKey),
  alarmTopicEncryptionKey: keyReference(where, "alarmTopicEncryptionKey", props.alarmTopicEncryptionKey),
  failureDestination: props.failureDestination && destinationOf(where, props.failureDestination),
  functionTags: props.functionTags && functionTagsOf(where, props.functionTags),
  vpc: props.vpc && vpcOf(where, props.vpc),
  proxy: props.proxy && proxyOf(where, props.proxy),
});
