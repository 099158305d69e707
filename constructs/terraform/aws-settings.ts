import type { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { Lazy, TerraformStack, Token } from "cdktf";
import type { Construct } from "constructs";
import type { TerraformProviderProps } from "../service-settings.ts";

/** The stack's own AWS provider, which makes what the constructs declare. It may be declared after them. */
export const stackAwsProvider = (scope: Construct): AwsProvider | undefined =>
  TerraformStack.of(scope)
    .allProviders()
    .find((one) => one.terraformResourceType === "aws" && one.alias === undefined) as AwsProvider | undefined;

const lambdaEndpoint = ({ endpointsInput }: AwsProvider): string | undefined =>
  Array.isArray(endpointsInput) ? endpointsInput.find(({ lambda }) => lambda !== undefined)?.lambda : undefined;

/** What Keyturn's provider is told of AWS: what its props say, and else the same as the stack's AWS provider. */
export const awsSettings = (scope: Construct, props: TerraformProviderProps) => {
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
  };
};

/** What is wrong where nobody said how Keyturn's provider gets the rights that the stack's AWS provider takes on. */
export const assumedRoleProblems = (scope: Construct): string[] => {
  const aws = stackAwsProvider(scope);
  if (!aws?.assumeRoleInput && !aws?.assumeRoleWithWebIdentityInput) return [];
  return [
    "the stack's AWS provider assumes a role, which Keyturn's provider cannot do by itself: say in terraformProvider with " +
      'which profile of the AWS configuration it gets the role\'s rights ({ profile: "…" }), or {} where the credentials of ' +
      "the environment have them",
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
