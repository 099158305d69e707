import { z } from "zod";
import type { SecretValue } from "./secret.ts";
import { invalidParameter, ServiceError } from "./service-error.ts";

/** Written from the API model of AWS Secrets Manager 2017-10-17: lengths, patterns and enumerations of its shapes. */

const MAX_VALUE_BYTES = 65_536;
const TOO_LONG = `Member must have length less than or equal to ${MAX_VALUE_BYTES}`;
const NAME = /^[A-Za-z0-9/_+=.@!-]+$/;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const invalidName = new ServiceError(
  "ValidationException",
  "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
);

export const secretName = z
  .string()
  .min(1)
  .max(512)
  .refine((name) => name === "" || NAME.test(name), { params: { error: invalidName } });

/** A name, an ARN, or an ARN without its six last characters. */
export const secretId = z
  .string()
  .min(1)
  .max(2048)
  .refine((id) => id === "" || id.startsWith("arn:") || NAME.test(id), { params: { error: invalidName } });

export const clientRequestToken = z.string().min(32).max(64);
export const versionId = z.string().min(32).max(64);
export const versionStage = z.string().min(1).max(256);
export const description = z.string().max(2048);
export const kmsKeyId = z.string().max(2048);
export const nextToken = z.string().min(1).max(4096);
export const resourcePolicy = z.string().min(1).max(20_480);
export const maxResults = z.number().int().min(1).max(100);

export const secretString = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= MAX_VALUE_BYTES, { error: TOO_LONG });

const notBytes = new ServiceError("SerializationException", "secretBinary has the wrong JSON type.");

export const secretBinary = z
  .custom<Uint8Array>((value) => value instanceof Uint8Array, { params: { error: notBytes }, abort: true })
  .refine((bytes) => bytes.length >= 1, { error: "Member must have length greater than or equal to 1" })
  .refine((bytes) => bytes.length <= MAX_VALUE_BYTES, { error: TOO_LONG });

const tagText = (what: string, maxLength: number, minLength: number) =>
  z
    .string()
    .min(minLength)
    .max(maxLength)
    .refine((text) => TAG_TEXT.test(text), {
      params: {
        error: invalidParameter(
          `A tag ${what} can have letters, digits, spaces and the characters _ . : / = + - @ only; one of the request has others.`,
        ),
      },
    });

export const tagKey = tagText("key", 128, 1);
export const tag = z.object({ Key: tagKey, Value: tagText("value", 256, 0).default("") });

/**
 * The value in a request, copied; undefined when it has none.
 * @throws InvalidParameterException when it has two
 */
export function valueIn(request: {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}): SecretValue | undefined {
  const { SecretString: text, SecretBinary: bytes } = request;
  if (text !== undefined && bytes !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (text !== undefined) return { string: text };
  return bytes && { binary: Uint8Array.from(bytes) };
}
