import { Token } from "cdktf";
import { durationMs } from "../lambdas/contracts/duration.ts";
import { NAME_FORM } from "../lambdas/contracts/key-name.ts";
import { secretNameParts, secretPrefix } from "../lambdas/contracts/secret-name.ts";
import { KeyturnError } from "../lambdas/errors.ts";
import { redactText } from "../lambdas/redacted.ts";

/** How a received value stands in an error: as JSON, with whatever looks like a key taken out. */
export const received = (value: unknown): string => redactText(JSON.stringify(value) ?? String(value));

/**
 * Refuses a declaration.
 * @param where the path of the construct that was declared
 * @throws KeyturnError BAD_INPUT, always
 */
export const refuse: (where: string, message: string) => never = (where, message) => {
  throw new KeyturnError("BAD_INPUT", `${where}: ${message}`);
};

/**
 * A value that is written into grants.json or into tags when the app is synthesized.
 * @throws KeyturnError BAD_INPUT for one that only a deploy knows
 */
export const literal = <Value>(where: string, property: string, value: Value): Value => {
  if (!Token.isUnresolved(value)) return value;
  return refuse(
    where,
    `${property} must be a literal: what the service grants is written when the app is synthesized, and this value ` +
      "is known only to a deploy (it is a CDKTF token); write the value itself, or read it from the environment",
  );
};

export const textProperty = (where: string, property: string, value: unknown): string => {
  const text = literal(where, property, value);
  if (typeof text === "string" && text.trim() !== "") return text;
  return refuse(where, `${property} must be a text that is not empty, not ${received(text)}`);
};

export const nameProperty = (where: string, property: string, value: unknown): string => {
  const name = textProperty(where, property, value);
  if (NAME_FORM.test(name)) return name;
  return refuse(
    where,
    `${property} must be 1 to 40 of a-z, 0-9 and -, with no - at either end, because vendors take no more; received ${received(name)}`,
  );
};

/** The name of a secret that the functions of a service reach. */
export const secretNameProperty = (where: string, property: string, service: string, value: unknown): string => {
  const name = textProperty(where, property, value);
  if (secretNameParts(name)?.service === service) return name;
  return refuse(
    where,
    `${property} must be ${secretPrefix(service)} and 1 to 40 of a-z, 0-9 and -, because the functions reach no other secret; received ${received(name)}`,
  );
};

/** AWS: "CreateSecret", Name. */
const SECRET_NAME_FORM = /^[\w/+=.@-]{1,512}$/;

/** The name of a secret that people keep, and the functions only read. */
export const keptSecretNameProperty = (where: string, property: string, service: string, value: unknown): string => {
  const name = textProperty(where, property, value);
  if (!SECRET_NAME_FORM.test(name))
    refuse(
      where,
      `${property} must be a secret's name (not its ARN, and not what it holds); received ${received(name)}`,
    );
  if (name.startsWith(secretPrefix(service)))
    refuse(where, `${property} must not begin with ${secretPrefix(service)}, where the service's own secrets are`);
  return name;
};

/** A text of a given form. @param form what it must be, in words */
export const formProperty = (
  where: string,
  property: string,
  value: unknown,
  pattern: RegExp,
  form: string,
): string => {
  const text = textProperty(where, property, value);
  if (pattern.test(text)) return text;
  return refuse(where, `${property} must be ${form}; received ${received(text)}`);
};

/** An ISO 8601 duration above zero, in milliseconds. */
export const durationProperty = (where: string, property: string, value: unknown): number => {
  const text = literal(where, property, value);
  const ms = typeof text === "string" ? durationMs(text) : undefined;
  if (ms) return ms;
  return refuse(
    where,
    `${property} must be an ISO 8601 duration above zero with its unit, such as PT24H, PT30S or P14D; received ${received(text)}`,
  );
};

export const wholeNumberProperty = (
  where: string,
  property: string,
  value: unknown,
  { from, to }: { readonly from: number; readonly to: number },
): number => {
  const number = literal(where, property, value);
  if (typeof number === "number" && Number.isInteger(number) && number >= from && number <= to) return number;
  return refuse(where, `${property} must be a whole number from ${from} to ${to}; received ${received(number)}`);
};

export const oneOf = <Value extends string | number>(
  where: string,
  property: string,
  value: unknown,
  allowed: readonly Value[],
): Value => {
  const one = literal(where, property, value);
  const found = allowed.find((candidate) => candidate === one);
  if (found !== undefined) return found;
  return refuse(where, `${property} must be one of ${allowed.join(", ")}; received ${received(one)}`);
};
