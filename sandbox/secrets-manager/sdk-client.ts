import { randomUUID } from "node:crypto";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SecretsManager } from "./secrets-manager.ts";
import { ServiceError } from "./service-error.ts";

interface Command {
  readonly input: unknown;
  readonly constructor: { readonly name: string };
}

const metadata = (httpStatusCode: number) => ({
  httpStatusCode,
  requestId: randomUUID(),
  attempts: 1,
  totalRetryDelay: 0,
});

/** The error with the fields that SDK users read: `name`, `message`, `$fault`, `$metadata`. */
const sdkError = (error: ServiceError): Error =>
  Object.assign(new Error(error.message), {
    name: error.name,
    $fault: error.statusCode >= 500 ? "server" : "client",
    $service: "SecretsManager",
    $metadata: metadata(error.statusCode),
  });

/**
 * Stands in for the SDK's client within one process: takes the SDK's commands, answers and throws in the SDK's form.
 * Leaves out: middleware, retries, callbacks, and the SDK's error classes (tell errors by `name`).
 */
export function asSecretsManagerClient(model: SecretsManager): Pick<SecretsManagerClient, "send"> {
  const send = async (command: Command): Promise<object> => {
    try {
      const answer = await model.call(command.constructor.name.replace(/Command$/, ""), command.input);
      return { ...Object(answer), $metadata: metadata(200) };
    } catch (error) {
      throw error instanceof ServiceError ? sdkError(error) : error;
    }
  };
  // The SDK's `send` is overloaded over every command and callback style; only the promise style is taken here.
  return { send } as unknown as Pick<SecretsManagerClient, "send">;
}
