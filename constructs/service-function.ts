import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { LambdaFunctionEventInvokeConfig } from "@cdktf/provider-aws/lib/lambda-function-event-invoke-config/index.js";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { PROXY_ENVIRONMENT } from "../lambdas/contracts/environment.ts";
import type { Account } from "./account.ts";
import { AWS_LIMITS } from "./aws-limits.ts";
import { failureReach } from "./failures.ts";
import { FunctionCode } from "./function-code.ts";
import { asyncRetriesOf, FUNCTIONS, type FunctionName, functionName } from "./functions.ts";
import { permissions, type Reach } from "./permissions.ts";
import { policyDocument, trustPolicy } from "./policy.ts";
import { policyCharacters } from "./policy-size.ts";
import { roleBounds } from "./role-bounds.ts";
import type { ServiceSettings } from "./service-settings.ts";

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
  readonly #variables: Record<string, string>;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    this.name = props.name;
    this.#variables = proxyVariables(props);
    const { logEncryptionKey, tracing, functionTags } = props.settings;
    const name = functionName(props.settings.name, props.name);
    const logGroup = new CloudwatchLogGroup(this, "LogGroup", {
      name: `/aws/lambda/${name}`,
      retentionInDays: props.settings.logRetentionDays,
      ...(logEncryptionKey ? { kmsKeyId: logEncryptionKey.arn } : {}),
    });
    this.role = new IamRole(this, "Role", {
      // Role names are shared by an account's regions, function names are not.
      name: `${name}-${props.account.region}`,
      description: `Keyturn ${props.settings.name}: ${FUNCTIONS[props.name].description}`,
      assumeRolePolicy: trustPolicy("lambda.amazonaws.com"),
      ...roleBounds(props.settings),
    });
    const failure = failureReach(this, props.account, props.name, props.settings);
    const policy = new IamRolePolicy(this, "Policy", {
      name: "keyturn",
      role: this.role.name,
      policy: Lazy.stringValue({ produce: () => policyOf(this, props, logGroup.arn) }),
    });
    this.node.addValidation({ validate: () => sizeProblems(props, policyOf(this, props, logGroup.arn)) });
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
      runtime: props.settings.runtime,
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
      ...(tracing ? { tracingConfig: { mode: tracing } } : {}),
      ...(functionTags ? { tags: { ...functionTags } } : {}),
      ...(Object.keys(this.#variables).length > 0 ? { environment: { variables: { ...this.#variables } } } : {}),
      // The log group first, or Lambda makes one of its own that never expires; the policy first, and at a destroy
      // last, so that no run is without its rights.
      dependsOn: [logGroup, policy],
    });
    new LambdaFunctionEventInvokeConfig(this, "Async", {
      functionName: this.function.functionName,
      maximumRetryAttempts: asyncRetriesOf(props.name),
      maximumEventAgeInSeconds: LONGEST_WAIT_SECONDS,
      ...(failure ? { destinationConfig: { onFailure: { destination: failure.arn } } } : {}),
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

const isInVpc = ({ name, settings: { vpc } }: ServiceFunctionProps): boolean =>
  vpc !== undefined && (vpc.functions === "all" || name === "distribute");

const vpcConfigOf = (props: ServiceFunctionProps) => {
  const { vpc } = props.settings;
  return vpc && isInVpc(props)
    ? { vpcConfig: { subnetIds: [...vpc.subnetIds], securityGroupIds: [...vpc.securityGroupIds] } }
    : {};
};

/** As Node.js reads it: `fetch` and the agents of the functions go by these. */
const proxyVariables = ({ settings: { proxy } }: ServiceFunctionProps): Record<string, string> =>
  proxy
    ? {
        [PROXY_ENVIRONMENT.proxy]: proxy.httpsProxy,
        ...(proxy.noProxy.length > 0 ? { [PROXY_ENVIRONMENT.without]: proxy.noProxy.join(",") } : {}),
        [PROXY_ENVIRONMENT.use]: "1",
      }
    : {};

const policyOf = (scope: Construct, props: ServiceFunctionProps, logGroupArn: string): string =>
  policyDocument(
    permissions(props.name, props.reach(), {
      logGroupArn,
      invokes: props.invokes().map((invoked) => invoked.function.arn),
      failure: failureReach(scope, props.account, props.name, props.settings),
      inVpc: isInVpc(props),
      traced: props.settings.tracing === "Active",
    }),
  );
