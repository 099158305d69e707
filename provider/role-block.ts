import { goDurationMs } from "./key/go-duration.ts";
import { errorProblem, type Problem } from "./protocol/problem.ts";
import type { BlockSchema } from "./protocol/schema.ts";
import type { AssumedRole } from "./service/assumed-role.ts";
import { isObject, type ObjectValue, textOf, UNKNOWN } from "./wire/value.ts";

const argument = (is: "required" | "optional", description: string) => ({ type: "string", is, description }) as const;

export const ROLE_BLOCK = "assume_role";

/** The block `assume_role`, whose arguments have the names and forms of the AWS provider's. */
export const ROLE_SCHEMA: BlockSchema = {
  description: "A role whose rights the provider works with, as in the AWS provider.",
  attributes: {
    role_arn: argument("required", "ARN of the role."),
    session_name: argument("optional", "Name of the session, for CloudTrail. Default: `keyturn-terraform`."),
    external_id: argument("optional", "What the role's trust policy may ask for."),
    duration: argument("optional", "How long a session lives, from `15m` to `12h`. Default: one hour."),
  },
};

const QUARTER_HOUR_MS = 15 * 60_000;
const HALF_DAY_MS = 12 * 3_600_000;

const isDuration = (text: string): boolean => {
  const ms = goDurationMs(text);
  return ms !== undefined && ms >= QUARTER_HOUR_MS && ms <= HALF_DAY_MS;
};

interface Rule {
  readonly holds: (text: string) => boolean;
  readonly must: string;
}

/** AWS STS: "AssumeRole". */
const RULES: Readonly<Record<string, Rule>> = {
  role_arn: {
    holds: (text) => /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(text),
    must: "the ARN of an IAM role",
  },
  session_name: { holds: (text) => /^[\w+=,.@-]{2,64}$/.test(text), must: "2 to 64 letters, digits or +=,.@-_" },
  external_id: {
    holds: (text) => /^[\w+=,.@:/-]{2,1224}$/.test(text),
    must: "2 to 1224 letters, digits or +=,.@:/-_",
  },
  duration: { holds: isDuration, must: "15m to 12h, such as 1h or 1h30m" },
};

const blockOf = ({ [ROLE_BLOCK]: block }: ObjectValue): ObjectValue => (isObject(block) ? block : {});

/** Everything that is wrong with the block of a provider configuration, as far as it is known. */
export const roleProblems = (config: ObjectValue): readonly Problem[] =>
  Object.entries(RULES).flatMap(([name, { holds, must }]) => {
    const text = textOf(blockOf(config)[name]);
    if (text === undefined || holds(text)) return [];
    const detail = `It must be ${must}; it is ${JSON.stringify(text)}.`;
    return [errorProblem(`Invalid ${name}`, detail, ROLE_BLOCK, name)];
  });

/** The first argument of the block that is not known yet; `undefined`: all are. */
export const unknownOfRole = (config: ObjectValue): string | undefined =>
  config[ROLE_BLOCK] === UNKNOWN
    ? ROLE_BLOCK
    : Object.keys(ROLE_SCHEMA.attributes).find((name) => blockOf(config)[name] === UNKNOWN);

/** The role that a provider configuration names; `undefined`: none. */
export const roleOf = (config: ObjectValue): AssumedRole | undefined => {
  const block = blockOf(config);
  const roleArn = textOf(block.role_arn);
  if (roleArn === undefined) return undefined;
  const durationMs = goDurationMs(textOf(block.duration) ?? "");
  return {
    roleArn,
    sessionName: textOf(block.session_name),
    externalId: textOf(block.external_id),
    durationSeconds: durationMs === undefined ? undefined : Math.round(durationMs / 1_000),
  };
};
