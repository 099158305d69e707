import * as z from "zod/mini";
import { KeyturnError } from "../errors.ts";
import { Redacted } from "../redacted.ts";
import { type Access, accessFields, accessOf } from "./access.ts";
import { readJson } from "./read.ts";

/** A generation: what one version of a managed secret holds. */
export interface SecretValue {
  readonly apiKey: Redacted;
  readonly keyId: string;
  readonly vendor: string;
  /** The vendor connection that minted it, or at which it was adopted. A value from before this was said has none. */
  readonly connection?: string;
  /** The vendor's organization, where the connection names one. */
  readonly organizationId?: string;
  readonly name: string;
  readonly access: Access;
  /** When the vendor issued it, in milliseconds since the Unix epoch. */
  readonly issuedAtMs: number;
}

const text = z.string().check(z.minLength(1));

const UNSENDABLE = /[^\x21-\x7e]/;

/** What is wrong with a key that no HTTP header can carry, such as one that was copied with a line break in it; never the key. */
export const flawOf = (apiKey: string): string | undefined => {
  const at = apiKey.search(UNSENDABLE);
  if (at < 0) return undefined;
  const what = /\s/.test(apiKey[at] ?? "") ? "a blank or a line break" : "a character that no HTTP header can carry";
  return `has ${what} at place ${at + 1} of ${apiKey.length}; store it again without`;
};

/** A key as a header can carry it. */
export const keyText = text.check(
  z.refine((value) => flawOf(value) === undefined, { error: ({ input }) => flawOf(String(input)) ?? "" }),
);

const schema = z.object({
  apiKey: keyText,
  keyId: text,
  vendor: text,
  connection: z.optional(text),
  organizationId: z.optional(text),
  name: text,
  role: z.optional(text),
  type: z.optional(text),
  issuedAt: z.string().check(z.refine((value) => !Number.isNaN(Date.parse(value)), "must be a time in ISO 8601")),
});

/** The JSON text of a version, in the form that readers of the secret may rely on. It holds the key itself. */
export const secretValueText = (value: SecretValue): string =>
  JSON.stringify({
    apiKey: value.apiKey.reveal(),
    keyId: value.keyId,
    vendor: value.vendor,
    connection: value.connection,
    organizationId: value.organizationId,
    name: value.name,
    ...accessFields(value.access),
    issuedAt: new Date(value.issuedAtMs).toISOString(),
  });

/**
 * Reads a version's text.
 * @throws KeyturnError BAD_INPUT when it is not one of ours, naming the fields, never the text
 */
export const secretValueOf = (secretString: string, what: string): SecretValue => {
  const fields = readJson(schema, secretString, what);
  const access = accessOf(fields);
  if (!access) throw new KeyturnError("BAD_INPUT", `${what} must have exactly one of role and type`);
  return {
    apiKey: new Redacted(fields.apiKey),
    keyId: fields.keyId,
    vendor: fields.vendor,
    ...(fields.connection === undefined ? {} : { connection: fields.connection }),
    ...(fields.organizationId === undefined ? {} : { organizationId: fields.organizationId }),
    name: fields.name,
    access,
    issuedAtMs: Date.parse(fields.issuedAt),
  };
};

const keySchema = z.object({ apiKey: text });

/**
 * Reads the key alone, other fields ignored: a person who is in need puts nothing but `{"apiKey": "…"}`.
 * @throws KeyturnError BAD_INPUT
 */
export const apiKeyOf = (secretString: string, what: string): Redacted =>
  new Redacted(readJson(keySchema, secretString, what).apiKey);

/**
 * Reads the admin secret of a vendor connection: `{"apiKey": "…"}`, other fields ignored.
 * @throws KeyturnError BAD_INPUT
 */
export const adminKeyOf = (secretString: string, adminSecretName: string): Redacted =>
  apiKeyOf(secretString, `the admin secret ${adminSecretName}`);
