import { redactText } from "../redacted.ts";

/*
 * All error formats of VENDORS: an object or a text under `error`, and problem details (RFC 9457) with field errors; and those of common
 * frameworks. One odd field must not hide what the others say, so each is read by itself.
 */

export interface ErrorFacts {
  /** What the vendor said, with anything that looks like a key taken out; empty when it said nothing readable. */
  readonly message: string;
  readonly retryAfterMs: number | undefined;
  /**
   * The vendor's own code of the error: `invalid_api_key`, or the last part of a problem's type. `undefined` where the body is not
   * in a vendor's form: then something else may have answered.
   */
  readonly vendorCode: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsIn = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** A number where a text is documented says as much. */
const textIn = (value: unknown): string | undefined => {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
};

/** The first text that there is. */
const first = (...values: readonly unknown[]): string | undefined =>
  values.map(textIn).find((found) => found !== undefined);

const present = (parts: readonly (string | undefined)[], separator = ": "): string =>
  parts.filter((part) => part).join(separator);

const lastPart = (type: unknown): string | undefined =>
  typeof type === "string" ? type.split(/[/#:]/).findLast((part) => part !== "") : undefined;

const oneFieldText = (item: unknown): string => {
  const { field, pointer, loc, message, detail, msg } = fieldsIn(item);
  const place = first(field, pointer) ?? (Array.isArray(loc) ? present(loc.map(textIn), ".") : undefined);
  return textIn(item) ?? present([place, first(message, detail, msg)]);
};

/** What is wrong with which field: a list of texts or objects, or texts by the fields' names. */
const fieldsText = (errors: unknown): string => {
  if (Array.isArray(errors)) return present(errors.map(oneFieldText), "; ");
  const named = Object.entries(fieldsIn(errors)).map(([field, said]) => {
    const texts = Array.isArray(said) ? present(said.map(textIn), ", ") : textIn(said);
    return texts ? `${field}: ${texts}` : undefined;
  });
  return present(named, "; ");
};

/** A phrase that HTTP or a gateway has for a status, such as `Forbidden`, is no code of a vendor's. */
const isCode = (text: string): boolean => /^\w+(?:[.-]\w+)*$/.test(text) && !/^[A-Z][a-z]+$/.test(text);

const isForeign = (type: string, documentedAt: string | undefined): boolean => {
  if (documentedAt === undefined || !/^https?:/i.test(type) || !URL.canParse(type)) return false;
  return !`.${new URL(type).hostname}`.endsWith(`.${documentedAt}`);
};

/** A gateway's own `{"message"}`, or a bare `{"error"}`, is not what the vendors document; nor is a problem of somebody else's. */
const vendorCodeOf = (
  { error, message, type, title }: Fields,
  documentedAt: string | undefined,
): string | undefined => {
  const problem = typeof type === "string" && textIn(title) && !isForeign(type, documentedAt) ? type : undefined;
  const flat = textIn(message) === undefined ? undefined : error;
  const code = fieldsIn(error).code ?? flat ?? (problem === "about:blank" ? undefined : lastPart(problem));
  return typeof code === "string" && isCode(code) ? code : undefined;
};

const retryAfterMs = (value: unknown): number | undefined => {
  const seconds = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof seconds === "number" && seconds >= 0 ? seconds * 1_000 : undefined;
};

/**
 * Reads the body of an error answer, whichever format it has. Never throws.
 * @param documentedAt the domain where the types of the vendor's problem details lie
 */
export const errorFacts = (body: unknown, documentedAt?: string): ErrorFacts => {
  const fields = fieldsIn(body);
  const { error, message, detail, title, type, errors, retry_after } = fields;
  const nested = fieldsIn(error);
  const code = first(error, nested.code) ?? lastPart(type);
  const said = first(nested.message, message, detail, title);
  return {
    message: redactText(present([code, said, fieldsText(errors) || fieldsText(detail)])).slice(0, 400),
    retryAfterMs: retryAfterMs(retry_after),
    vendorCode: vendorCodeOf(fields, documentedAt),
  };
};
