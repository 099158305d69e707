import { type Outcome, outcomeOf } from "./outcome.ts";

const SCOPE = "Credential=test/20260101/us-east-1/secretsmanager/aws4_request";

/** One Secrets Manager, called over HTTP in the protocol of AWS. */
export interface Endpoint {
  call(operation: string, input: unknown): Promise<Outcome>;
  /** How many calls were made. */
  readonly count: () => number;
}

/** Calls go out as they are given: nothing is filled in or checked, as an SDK would. */
export function endpointAt(url: string): Endpoint {
  let calls = 0;
  return {
    count: () => calls,
    async call(operation, input) {
      calls++;
      const response = await fetch(url, {
        method: "POST",
        headers: {
          authorization: `AWS4-HMAC-SHA256 ${SCOPE}, SignedHeaders=host, Signature=test`,
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `secretsmanager.${operation}`,
        },
        body: typeof input === "string" ? input : JSON.stringify(input),
      });
      return outcomeOf(response.status, await response.text());
    },
  };
}
