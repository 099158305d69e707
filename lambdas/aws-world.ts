import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { systemClock } from "./clock.ts";
import { proxyOptions } from "./contracts/environment.ts";
import { GRANTS_FILE } from "./contracts/grants.ts";
import type { World } from "./world.ts";

/**
 * No call to AWS may take a function's whole time: the SDK tries again, and every one of ours may be repeated. More tries than the
 * SDK's own three: Secrets Manager takes 50 writes a second, and a fleet's rotations may meet at that.
 */
export const BOUNDED = {
  maxAttempts: 7,
  requestHandler: {
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    throwOnRequestTimeout: true,
    httpsAgent: proxyOptions(process.env),
  },
};

/** The world of a function that runs in AWS. `grants.json` lies beside the handler in the function's zip. */
export const awsWorld = (lambda?: LambdaClient): World => ({
  clock: systemClock,
  fetch: globalThis.fetch,
  secretsManager: new SecretsManagerClient(BOUNDED),
  ...(lambda ? { lambda } : {}),
  write: (line) => console.log(line),
  grants: JSON.parse(readFileSync(join(process.env.LAMBDA_TASK_ROOT ?? process.cwd(), GRANTS_FILE), "utf8")),
  environment: process.env,
});
