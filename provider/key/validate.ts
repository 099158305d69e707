import { NAME_FORM } from "../../lambdas/contracts/key-name.ts";
import { errorProblem, type Problem } from "../protocol/problem.ts";
import { isObject, type ObjectValue, textOf, type Value } from "../wire/value.ts";
import { goDurationMs } from "./go-duration.ts";
import { isSecretId } from "./secret-id.ts";
import { OPERATIONS } from "./timeouts.ts";

/** Checks a text that is set and known already; `undefined`: nothing is wrong. */
type Check = (text: string) => string | undefined;

const nameForm: Check = (text) =>
  NAME_FORM.test(text)
    ? undefined
    : `It must be 1 to 40 of a-z, 0-9 and -, with no - at either end; it is ${JSON.stringify(text)}.`;

const notEmpty: Check = (text) => (text === "" ? "It must not be empty; leave it out to set none." : undefined);

const secretIdForm: Check = (text) =>
  isSecretId(text) ? undefined : `It must be the ARN or the name of a secret; it is ${JSON.stringify(text)}.`;

const CHECKS: Readonly<Record<string, Check>> = {
  secret_id: secretIdForm,
  name: nameForm,
  vendor: nameForm,
  role: notEmpty,
  type: notEmpty,
  adopt_key_id: notEmpty,
};

const checkTexts = (config: ObjectValue): readonly Problem[] =>
  Object.entries(CHECKS).flatMap(([name, check]) => {
    const text = textOf(config[name]);
    const wrong = text === undefined ? undefined : check(text);
    return wrong === undefined ? [] : [errorProblem(`Invalid ${name}`, wrong, name)];
  });

const isNull = (value: Value | undefined): boolean => value === null || value === undefined;

const checkAccess = ({ role, type }: ObjectValue): readonly Problem[] => {
  const hint = "Pictograph's keys have a role, Pictify's a type.";
  if (isNull(role) && isNull(type))
    return [errorProblem("Missing role or type", `Set one of them: what the key may do. ${hint}`)];
  if (textOf(role) === undefined || textOf(type) === undefined) return [];
  return [errorProblem("Both role and type", `Set only the one that the vendor has. ${hint}`, "type")];
};

const checkTimeouts = ({ timeouts }: ObjectValue): readonly Problem[] =>
  OPERATIONS.flatMap((name) => {
    const text = isObject(timeouts) ? textOf(timeouts[name]) : undefined;
    if (text === undefined || (goDurationMs(text) ?? 0) > 0) return [];
    const wrong = `It must be a duration above zero such as 30m or 1h30m; it is ${JSON.stringify(text)}.`;
    return [errorProblem(`Invalid timeout ${name}`, wrong, "timeouts", name)];
  });

/** Everything that is wrong with a key's arguments. What is not known yet is taken to be right. */
export const validateKey = (config: ObjectValue): readonly Problem[] => [
  ...checkTexts(config),
  ...checkAccess(config),
  ...checkTimeouts(config),
];
