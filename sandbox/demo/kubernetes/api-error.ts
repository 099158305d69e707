import { ApiException } from "@kubernetes/client-node";

/** The status of a refusal; `undefined` for an error that is none. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof ApiException ? error.code : undefined;

/** The client gives the body of a refusal as text, as an object, or not at all. */
const messageIn = (body: unknown): string | undefined => {
  if (typeof body === "object" && body !== null) return (body as { message?: string }).message;
  if (typeof body !== "string") return undefined;
  try {
    return (JSON.parse(body) as { message?: string }).message;
  } catch {
    return undefined;
  }
};

/** What an API server says of a refusal, else the message of the error. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof ApiException) return `it answers ${error.code}, ${messageIn(error.body) ?? "without a reason"}`;
  return error instanceof Error ? error.message : "unknown";
};

/** What a request answers; `undefined` where its object is not there. */
export const unlessNotFound = async <Answer>(request: Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await request;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
};
