import { errorProblem, type Problem, ProblemError } from "./protocol/problem.ts";
import type { ObjectSchema } from "./protocol/schema.ts";
import { ROLE_BLOCK, ROLE_SCHEMA, roleOf, roleProblems, unknownOfRole } from "./role-block.ts";
import type { AwsSettings } from "./service/invoke.ts";
import type { ServiceFunctions } from "./service/service.ts";
import { type ObjectValue, textOf, UNKNOWN } from "./wire/value.ts";

const argument = (is: "required" | "optional", description: string) => ({ type: "string", is, description }) as const;

/** The provider block. */
export const PROVIDER_SCHEMA: ObjectSchema = {
  version: 0,
  description: "Keyturn: vendors' API keys as resources. AWS credentials are those that the AWS SDK finds.",
  attributes: {
    inspect_function: argument(
      "required",
      "Name or ARN of the service's Lambda function `inspect`, which changes nothing. Known when Terraform plans.",
    ),
    manage_function: argument(
      "required",
      "Name or ARN of the service's Lambda function `manage`, which an apply alone invokes. Known when Terraform plans.",
    ),
    region: argument(
      "optional",
      "AWS region of the functions. Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's.",
    ),
    profile: argument("optional", "Profile in the AWS configuration files. Default: as the AWS SDK finds it."),
    endpoint_url: argument("optional", "Another endpoint of the Lambda API. Default: AWS's."),
  },
  blocks: { [ROLE_BLOCK]: ROLE_SCHEMA },
};

/** AWS Lambda: "Invoke", FunctionName. */
const FUNCTION_NAME = /^(?:arn:[\w-]+:lambda:[\w-]+:\d{12}:function:)?[\w-]{1,140}(?::[\w$-]{1,128})?$/;

const checkFunction = (config: ObjectValue, name: string): readonly Problem[] => {
  const text = textOf(config[name]);
  if (text === undefined || FUNCTION_NAME.test(text)) return [];
  return [
    errorProblem(
      `Invalid ${name}`,
      `It must be the name or ARN of a Lambda function; it is ${JSON.stringify(text)}.`,
      name,
    ),
  ];
};

const checkEndpoint = ({ endpoint_url }: ObjectValue): readonly Problem[] => {
  const text = textOf(endpoint_url);
  if (text === undefined || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))) return [];
  return [
    errorProblem(
      "Invalid endpoint_url",
      `It must be an http or https URL; it is ${JSON.stringify(text)}.`,
      "endpoint_url",
    ),
  ];
};

/** Everything that is wrong with a provider block, as far as it is known. */
export const validateConfiguration = (config: ObjectValue): readonly Problem[] => [
  ...checkFunction(config, "inspect_function"),
  ...checkFunction(config, "manage_function"),
  ...checkEndpoint(config),
  ...roleProblems(config),
];

export interface Configuration {
  readonly functions: ServiceFunctions;
  readonly aws: AwsSettings;
}

const required = (config: ObjectValue, name: string): string => {
  const text = textOf(config[name]);
  if (text !== undefined) return text;
  throw new ProblemError(errorProblem(`Missing ${name}`, "Name the service's function.", name));
};

/**
 * Reads a provider block for work.
 * @throws ProblemError where an argument is not known yet: a plan could not ask anything then
 */
export const configurationOf = (config: ObjectValue): Configuration => {
  const unknown =
    Object.keys(PROVIDER_SCHEMA.attributes).find((name) => config[name] === UNKNOWN) ?? unknownOfRole(config);
  if (unknown !== undefined)
    throw new ProblemError(
      errorProblem(
        `${unknown} is not known yet`,
        "The provider needs it to plan. Use a name that is known before the apply, not an attribute of a resource that is still to be made.",
        unknown,
      ),
    );
  return {
    functions: {
      inspectFunction: required(config, "inspect_function"),
      manageFunction: required(config, "manage_function"),
    },
    aws: {
      region: textOf(config.region),
      profile: textOf(config.profile),
      endpointUrl: textOf(config.endpoint_url),
      role: roleOf(config),
    },
  };
};
