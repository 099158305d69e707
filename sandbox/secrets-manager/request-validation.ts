import type { z } from "zod";
import { notImplemented, ServiceError } from "./service-error.ts";

/** Fields whose value AWS leaves out of its validation messages. */
const SENSITIVE = new Set(["SecretString", "SecretBinary", "RotationToken"]);

type Issue = z.core.$ZodIssue;

/**
 * Reads a request as AWS's front does: null counts as absent, unknown fields are ignored, and every broken constraint of
 * the API model is named in one ValidationException; a value of the wrong JSON type is a SerializationException.
 * @param leftOut parameters that AWS knows and this model does not have
 * @throws ServiceError
 */
export function readRequest<Schema extends z.ZodType>(
  schema: Schema,
  request: unknown,
  leftOut: readonly string[],
): z.output<Schema> {
  const input = withoutNulls(request ?? {});
  if (typeof input !== "object") throw serialization("The request is not a JSON object.");
  for (const parameter of leftOut)
    if (Object.hasOwn(input ?? {}, parameter)) throw notImplemented(`Parameter ${parameter}`);
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw errorOf(result.error.issues, input);
}

/** Nulls and undefined taken out of plain objects, at every depth. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(entries.map(([name, field]) => [name, withoutNulls(field)]));
}

function errorOf(issues: readonly Issue[], input: unknown): ServiceError {
  for (const issue of issues)
    if (issue.code === "custom" && issue.params?.error instanceof ServiceError) return issue.params.error;
  const mistyped = issues.find((issue) => issue.code === "invalid_type" && valueAt(input, issue.path) !== undefined);
  if (mistyped) return serialization(`${pathOf(mistyped.path)} has the wrong JSON type.`);
  const texts = issues.map((issue) => describe(issue, input));
  const count = `${texts.length} validation error${texts.length === 1 ? "" : "s"} detected`;
  return new ServiceError("ValidationException", `${count}: ${texts.join("; ")}`);
}

const serialization = (message: string): ServiceError => new ServiceError("SerializationException", message);

function describe(issue: Issue, input: unknown): string {
  return `Value ${shown(issue, input)}at '${pathOf(issue.path)}' failed to satisfy constraint: ${constraint(issue)}`;
}

function shown(issue: Issue, input: unknown): string {
  if (issue.path.some((part) => SENSITIVE.has(String(part)))) return "";
  const value = valueAt(input, issue.path);
  if (value === undefined) return "null ";
  return `'${typeof value === "object" ? JSON.stringify(value) : String(value)}' `;
}

function constraint(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return "Member must not be null";
    case "too_small":
      return `Member must have ${measure(issue.origin)} greater than or equal to ${issue.minimum}`;
    case "too_big":
      return `Member must have ${measure(issue.origin)} less than or equal to ${issue.maximum}`;
    case "invalid_value":
      return `Member must satisfy enum value set: [${issue.values.join(", ")}]`;
    case "invalid_format":
      return `Member must satisfy regular expression pattern: ${issue.pattern?.replace(/^\/|\/$/g, "")}`;
    default:
      return issue.message;
  }
}

const measure = (origin: string): string => (origin === "number" || origin === "int" ? "value" : "length");

/** `Tags.0.Key` as AWS writes it: `tags.1.member.key`. */
const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) =>
      typeof part === "number" ? `${part + 1}.member` : String(part).replace(/^./, (c) => c.toLowerCase()),
    )
    .join(".");

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
    input,
  );
}
