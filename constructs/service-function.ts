import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { LambdaFunctionEventInvokeConfig } from "@cdktf/provider-aws/lib/lambda-function-event-invoke-config/index.js";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import type { Account } from "./account.ts";
import { AWS_LIMITS } from "./aws-limits.ts";
import { FunctionCode } from "./function-code.ts";
import { asyncRetriesOf, FUNCTIONS, type FunctionName, functionName } from "./functions.ts";
import { permissions, type Reach } from "./permissions.ts";
import { policyDocument, trustPolicy } from "./policy.ts";
import { policyCharacters } from "./policy-size.ts";
import type { ArnReference } from "./references.ts";
import type { ServiceSettings } from "./service-settings.ts";

const RUNTIME = "nodejs22.x";
const MEMORY_MB = 256;
const LONGEST_WAIT_SECONDS = 3_600;

export interface ServiceFunctionProps {
  readonly name: FunctionName;
  readonly settings: ServiceSettings;
  readonly account: Account;
  readonly grants: () => string;
  /** What the service's functions may reach; asked for at synth, after the last vendor and key. */
  readonly reach: () => Reach;
  /** The functions that it invokes; asked for at synth. */
  readonly invokes: () => readonly ServiceFunction[];
}

/** One function of a service, with the role, the policy and the log group of its own. */
export class ServiceFunction extends Construct {
  readonly name: FunctionName;
  readonly function: LambdaFunction;
  readonly role: IamRole;
  readonly #variables: Record<string, string> = {};

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    this.name = props.name;
    const name = functionName(props.settings.name, props.name);
    const logGroup = new CloudwatchLogGroup(this, "LogGroup", {
      name: `/aws/lambda/${name}`,
      retentionInDays: props.settings.logRetentionDays,
    });
    this.role = new IamRole(this, "Role", {
      // Role names are shared by an account's regions, function names are not.
      name: `${name}-${props.account.region}`,
      description: `Keyturn ${props.settings.name}: ${FUNCTIONS[props.name].description}`,
      assumeRolePolicy: trustPolicy("lambda.amazonaws.com"),
    });
    const failureTopics = failureTopicsOf(props);
    const policy = new IamRolePolicy(this, "Policy", {
      name: "keyturn",
      role: this.role.name,
      policy: Lazy.stringValue({ produce: () => policyOf(props, logGroup.arn) }),
    });
    this.node.addValidation({ validate: () => sizeProblems(props, policyOf(props, logGroup.arn)) });
    const code = new FunctionCode(this, "Code", {
      service: props.settings.name,
      name: props.name,
      bundles: props.settings.bundles,
      grants: props.grants,
    });
    this.function = new LambdaFunction(this, "Function", {
      functionName: name,
      description: `Keyturn ${props.settings.name}: ${FUNCTIONS[props.name].description}`,
      role: this.role.arn,
      runtime: RUNTIME,
      handler: "index.handler",
      architectures: [props.settings.architecture],
      memorySize: MEMORY_MB,
      timeout: FUNCTIONS[props.name].timeoutSeconds,
      filename: code.path,
      sourceCodeHash: code.hash,
      ...(props.settings.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.settings.reservedConcurrency }),
      ...vpcConfigOf(props),
      // The log group first, or Lambda makes one of its own that never expires; the policy first, and at a destroy
      // last, so that no run is without its rights.
      dependsOn: [logGroup, policy],
    });
    new LambdaFunctionEventInvokeConfig(this, "Async", {
      functionName: this.function.functionName,
      maximumRetryAttempts: asyncRetriesOf(props.name),
      maximumEventAgeInSeconds: LONGEST_WAIT_SECONDS,
      ...(failureTopics[0] ? { destinationConfig: { onFailure: { destination: failureTopics[0].arn } } } : {}),
    });
  }

  /** Tells it another function's name, by an environment variable. */
  tellNameOf(other: ServiceFunction, variable: string): void {
    this.#variables[variable] = other.function.functionName;
    this.function.putEnvironment({ variables: { ...this.#variables } });
  }
}

/** A policy grows with the KMS keys, connections and clusters of a service, never with its keys. */
const sizeProblems = ({ name, settings }: ServiceFunctionProps, policy: string): string[] => {
  const characters = policyCharacters(policy);
  const { most, page } = AWS_LIMITS.inlinePoliciesOfRole;
  if (characters <= most) return [];
  return [
    `the policy of the function ${name} of the service ${settings.name} has at least ${characters} characters, and IAM takes ${most} in a role's inline policies (${page}); it names every KMS key, admin secret and cluster of the service: let keys share an encryptionKey, such as the service's, or divide them among several services`,
  ];
};

/**
 * Those that are invoked asynchronously. A failed invocation is reported with its whole event; a rotation's event may hold a
 * RotationToken, so rotate reports by its metrics alone.
 */
const REPORTING: ReadonlySet<FunctionName> = new Set(["manage", "reconcile", "distribute"]);

const failureTopicsOf = ({ name, settings }: ServiceFunctionProps): readonly ArnReference[] =>
  settings.alarmTopic && REPORTING.has(name) ? [settings.alarmTopic] : [];

/** Only distribute reaches what lies in a network of the user's. */
const vpcConfigOf = ({ name, settings: { vpc } }: ServiceFunctionProps) =>
  name === "distribute" && vpc
    ? { vpcConfig: { subnetIds: [...vpc.subnetIds], securityGroupIds: [...vpc.securityGroupIds] } }
    : {};

const policyOf = (props: ServiceFunctionProps, logGroupArn: string): string =>
  policyDocument(
    permissions(props.name, props.reach(), {
      logGroupArn,
      invokes: props.invokes().map((invoked) => invoked.function.arn),
      failureTopicArns: failureTopicsOf(props).map(({ arn }) => arn),
      inVpc: vpcConfigOf(props).vpcConfig !== undefined,
    }),
  );
