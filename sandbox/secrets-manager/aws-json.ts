import { ServiceError } from "./service-error.ts";

/** The only blob in the requests of Secrets Manager. */
const BLOB = "SecretBinary";
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}$/;

/**
 * Reads the body of an AWS JSON 1.1 request: base64 becomes bytes.
 * @throws SerializationException when it is not a JSON object, or the base64 is not
 */
export function readBody(body: string): unknown {
  const request = parse(body === "" ? "{}" : body);
  const blob = Reflect.get(request, BLOB);
  if (typeof blob !== "string") return request;
  if (!BASE64.test(blob)) throw new ServiceError("SerializationException", `${BLOB} is not base64.`);
  return { ...request, [BLOB]: Uint8Array.from(Buffer.from(blob, "base64")) };
}

function parse(body: string): object {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch {
    throw new ServiceError("SerializationException", "The body of the request is not JSON.");
  }
  if (typeof request === "object" && request !== null && !Array.isArray(request)) return request;
  throw new ServiceError("SerializationException", "The body of the request is not a JSON object.");
}

/** Writes an answer: dates become seconds since the Unix epoch with a fraction, bytes become base64. */
export const writeBody = (answer: unknown): string => JSON.stringify(wired(answer));

function wired(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(wired);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, wired(field)]));
}
