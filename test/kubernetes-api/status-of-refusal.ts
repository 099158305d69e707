import { ApiException, type V1Status } from "@kubernetes/client-node";

/** The client drops the body of a 401. */
const statusOf = ({ code, body }: ApiException<V1Status | string | undefined>): V1Status =>
  typeof body === "string" ? JSON.parse(body) : (body ?? { code });

/** The Status with which the API server refuses a request. @throws Error when it does not refuse, or nobody answers */
export const statusOfRefusal = async (request: Promise<unknown>): Promise<V1Status> => {
  try {
    await request;
  } catch (error) {
    if (error instanceof ApiException) return statusOf(error);
    throw error;
  }
  throw new Error("the request was not refused");
};
