import { type Random, uuid } from "./random-ids.ts";
import { invalidParameter, invalidRequest } from "./service-error.ts";

const TEXT = "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
const NEED_TOKEN = new Set(["CreateSecret", "PutSecretValue", "RotateSecret", "UpdateSecret"]);

const lacksToken = (operation: string, input: unknown): input is object =>
  NEED_TOKEN.has(operation) &&
  typeof input === "object" &&
  input !== null &&
  Reflect.get(input, "ClientRequestToken") == null;

/** Fills in a ClientRequestToken as every SDK does before it sends a request. */
export const withToken = (operation: string, input: unknown, random: Random): unknown =>
  lacksToken(operation, input) ? { ...input, ClientRequestToken: uuid(random) } : input;

/**
 * Refuses a raw request without ClientRequestToken, as AWS does.
 * @throws InvalidRequestException, for RotateSecret InvalidParameterException
 */
export function requireToken(operation: string, input: unknown): void {
  if (lacksToken(operation, input)) throw operation === "RotateSecret" ? invalidParameter(TEXT) : invalidRequest(TEXT);
}
