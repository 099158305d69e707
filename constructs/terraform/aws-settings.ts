import type { AwsProvider, AwsProviderAssumeRole } from "@cdktf/provider-aws/lib/provider/index.js";
import { Lazy, TerraformStack, Token } from "cdktf";
import type { Construct } from "constructs";
import type { AssumedRoleProps, TerraformProviderProps } from "../service-settings.ts";

/** The stack's own AWS provider, which makes what the constructs declare. It may be declared after them. */
export const stackAwsProvider = (scope: Construct): AwsProvider | undefined =>
  TerraformStack.of(scope)
    .allProviders()
    .find((one) => one.terraformResourceType === "aws" && one.alias === undefined) as AwsProvider | undefined;

const lambdaEndpoint = ({ endpointsInput }: AwsProvider): string | undefined =>
  Array.isArray(endpointsInput) ? endpointsInput.find(({ lambda }) => lambda !== undefined)?.lambda : undefined;

const hasOwnSts = (endpoints: AwsProvider["endpointsInput"]): boolean =>
  Array.isArray(endpoints) && endpoints.some(({ sts }) => sts !== undefined);

/** What a block `assume_role` of Keyturn's provider can say; the AWS provider's can say more. */
const ROLE_ARGUMENTS: ReadonlySet<string> = new Set(["roleArn", "sessionName", "externalId", "duration"]);

const isPassable = (role: AwsProviderAssumeRole): boolean =>
  role.roleArn !== undefined &&
  Object.entries(role).every(([name, value]) => value === undefined || ROLE_ARGUMENTS.has(name));

/** The role that an AWS provider assumes; `undefined` for none, and for what Keyturn's provider cannot do. */
const assumedRole = ({ assumeRoleInput: roles, endpointsInput }: AwsProvider): AssumedRoleProps | undefined => {
  if (!Array.isArray(roles) || hasOwnSts(endpointsInput)) return undefined;
  const [role, ...further] = roles;
  if (!role || further.length > 0 || !isPassable(role)) return undefined;
  const { roleArn = "", sessionName, externalId, duration } = role;
  return {
    roleArn,
    ...(sessionName !== undefined && { sessionName }),
    ...(externalId !== undefined && { externalId }),
    ...(duration !== undefined && { duration }),
  };
};

/** What Keyturn's provider is told of AWS: what its props say, and else the same as the stack's AWS provider. */
export const awsSettings = (scope: Construct, given: TerraformProviderProps | undefined) => {
  const props = given ?? {};
  const later = (find: (aws: AwsProvider) => string | undefined): string =>
    Lazy.stringValue({
      produce() {
        const aws = stackAwsProvider(scope);
        return aws && find(aws);
      },
    });
  return {
    region: props.region ?? later(({ regionInput }) => regionInput),
    profile: props.profile ?? later(({ profileInput }) => profileInput),
    endpointUrl: props.endpointUrl ?? later(lambdaEndpoint),
    assumeRole: () => {
      if (given) return given.assumeRole;
      const aws = stackAwsProvider(scope);
      return aws && assumedRole(aws);
    },
  };
};

/** What is wrong where nobody said how Keyturn's provider gets the rights that the stack's AWS provider takes on. */
export const assumedRoleProblems = (scope: Construct): string[] => {
  const aws = stackAwsProvider(scope);
  const assumes = aws?.assumeRoleInput && !assumedRole(aws);
  if (!assumes && !aws?.assumeRoleWithWebIdentityInput) return [];
  return [
    "the stack's AWS provider assumes a role in a way that Keyturn's provider cannot (it takes one assume_role with role_arn, " +
      "session_name, external_id and duration, at AWS's own STS): say in terraformProvider which role it assumes ({ assumeRole: … }), with which " +
      'profile of the AWS configuration it gets the role\'s rights ({ profile: "…" }), or {} where the credentials of the ' +
      "environment have them",
  ];
};

/** What is wrong where the stack's AWS provider would look for a cluster in another region than the cluster's. */
export const regionProblems = (scope: Construct, region: string): string[] => {
  const own = stackAwsProvider(scope)?.regionInput;
  if (own === undefined || Token.isUnresolved(own) || own === region) return [];
  return [
    `the cluster is in ${region}, and the stack's AWS provider in ${own}: give an AWS provider of the cluster's region for its ` +
      "access entry (awsProvider), or make the entry elsewhere (accessEntry: false)",
  ];
};
