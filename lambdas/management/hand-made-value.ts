import * as z from "zod/mini";
import { readJson } from "../contracts/read.ts";
import { keyText, type SecretValue, secretValueOf } from "../contracts/secret-value.ts";
import { KeyturnError } from "../errors.ts";
import { Redacted } from "../redacted.ts";

const text = z.optional(z.string());

/** Further fields are refused: a rotation would drop them, and whoever reads them would find out then. */
const schema = z.strictObject({
  apiKey: keyText,
  keyId: text,
  vendor: text,
  connection: text,
  organizationId: text,
  name: text,
  role: text,
  type: text,
  issuedAt: text,
});

/** A key that people put into a secret. */
export interface HandMade {
  readonly apiKey: Redacted;
  /** What the value says of its id. */
  readonly keyId: string | undefined;
  /** The value as a generation, where it has the documented form already. */
  readonly generation: SecretValue | undefined;
}

const generationIn = (secretString: string, what: string): SecretValue | undefined => {
  try {
    return secretValueOf(secretString, what);
  } catch {
    return undefined; // a part of the form is enough for an adoption
  }
};

/**
 * Reads a value that people stored: the documented form, or a part of it that has the `apiKey`. A bare text is refused: its
 * readers would have to be changed before the form of a managed secret takes its place.
 * @throws KeyturnError BAD_INPUT, without the text
 */
export const handMadeValue = (secretString: string, what: string): HandMade => {
  if (!secretString.trimStart().startsWith("{"))
    throw new KeyturnError(
      "BAD_INPUT",
      `${what} is a bare text (${secretString.length} characters), and a managed secret is JSON: have its readers read the field apiKey, then store {"apiKey": "<the key's value>"}`,
    );
  const { apiKey, keyId } = readJson(schema, secretString, what);
  return { apiKey: new Redacted(apiKey), keyId, generation: generationIn(secretString, what) };
};
