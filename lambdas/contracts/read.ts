import type * as z from "zod/mini";
import { KeyturnError } from "../errors.ts";

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const sentence = ({ path, message }: Issue): string => (path.length ? `${path.join(".")}: ${message}` : message);

/**
 * Reads `value` through `schema` at a boundary.
 * @param what names the value in the error, as its sender would: "the rotation event"
 * @throws KeyturnError BAD_INPUT that names each wrong field; the value itself is never printed, it may hold a secret
 */
export const read = <Schema extends z.ZodMiniType>(schema: Schema, value: unknown, what: string): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new KeyturnError("BAD_INPUT", `${what} is not as it must be: ${result.error.issues.map(sentence).join("; ")}`);
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
