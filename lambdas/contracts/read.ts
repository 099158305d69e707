import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";
import { KeyturnError } from "../errors.ts";

/* zod/mini says nothing but "Invalid input" until it is given words. The English ones name types, never values. */
z.config(en());

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** For a union: what each of its forms found wrong. */
  readonly errors?: readonly (readonly Issue[])[];
}

const sentence = ({ path, message, errors }: Issue): string => {
  const said = errors?.length ? errors.map((form) => `(${form.map(sentence).join("; ")})`).join(" or ") : message;
  return path.length > 0 ? `${path.join(".")}: ${said}` : said;
};

/**
 * Reads `value` through `schema` at a boundary.
 * @param what names the value in the error, as its sender would: "the rotation event"
 * @throws KeyturnError BAD_INPUT that names each wrong field; the value itself is never printed, it may hold a secret
 */
export const read = <Schema extends z.ZodMiniType>(schema: Schema, value: unknown, what: string): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new KeyturnError(
    "BAD_INPUT",
    `${what} is not as it must be: ${(result.error.issues as readonly Issue[]).map(sentence).join("; ")}`,
  );
};

/**
 * Reads a JSON text through `schema`.
 * @throws KeyturnError BAD_INPUT, without the text
 */
export const readJson = <Schema extends z.ZodMiniType>(
  schema: Schema,
  text: string,
  what: string,
): z.output<Schema> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new KeyturnError("BAD_INPUT", `${what} is not JSON (${text.length} characters)`);
  }
  return read(schema, value, what);
};
