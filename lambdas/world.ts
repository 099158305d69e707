import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Clock } from "./clock.ts";
import type { ClusterWorld } from "./targets/kubernetes/transport.ts";

/** Everything outside a handler that it can read or change. Whoever owns the world owns every effect. */
export interface World {
  readonly clock: Clock;
  /** The way to the vendors. */
  readonly fetch: typeof fetch;
  readonly secretsManager: Pick<SecretsManagerClient, "send">;
  /** Only where a handler calls another one. */
  readonly lambda?: Pick<LambdaClient, "send">;
  /** Only where a handler reaches clusters. */
  readonly clusters?: ClusterWorld;
  /** Takes one line of the log. */
  readonly write: (line: string) => void;
  /** The parsed JSON of `grants.json`. */
  readonly grants: unknown;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a handler uses of Lambda's context object (AWS: "Lambda context object in Node.js"). */
export interface LambdaContext {
  readonly invokedFunctionArn: string;
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export type Handler<Answer> = (event: unknown, context: LambdaContext) => Promise<Answer>;
