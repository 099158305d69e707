import type { InvocationResponse, LambdaClient } from "@aws-sdk/client-lambda";
import { agentsFor } from "./agents.ts";
import { type AssumedRole, type ClientSettings, credentialsOf, RoleRefused } from "./assumed-role.ts";
import { BAD_ANSWER, FunctionError, OF_FUNCTION, ROLE_REFUSED, UNREACHABLE } from "./function-error.ts";
import { type Network, networkOf } from "./network.ts";

/** Where AWS is, as far as the provider block says it. The rest is as the AWS SDK finds it. */
export interface AwsSettings {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
  readonly role?: AssumedRole | undefined;
}

/**
 * The region to ask in; `undefined`: as the AWS SDK finds it. The AWS provider takes AWS_DEFAULT_REGION where nothing goes before
 * it, and the SDK for JavaScript does not know it.
 */
export const regionOf = (stated: string | undefined, environment: NodeJS.ProcessEnv): string | undefined =>
  stated || environment.AWS_REGION || environment.AWS_DEFAULT_REGION || undefined;

/**
 * Invokes a function and waits for its answer.
 * @throws FunctionError when it cannot be reached or fails
 */
export type Invoke = (functionName: string, event: unknown, signal: AbortSignal) => Promise<unknown>;

/** The same way for what credentials are got from: of itself the SDK asks IAM Identity Center by another. */
const throughNetwork = async (network: Network): Promise<ClientSettings> => {
  const { defaultProvider } = await import("@aws-sdk/credential-provider-node");
  const requestHandler = agentsFor(network);
  return {
    requestHandler,
    credentialDefaultProvider: (init) => defaultProvider({ ...init, clientConfig: { requestHandler } }),
  };
};

/** The SDK is most of the provider and is needed by a third of its processes, so that it is loaded when first used. */
const openClient = async (
  settings: AwsSettings,
  environment: NodeJS.ProcessEnv,
  network: Network | undefined,
): Promise<LambdaClient> => {
  const { profile, endpointUrl, role } = settings;
  const { LambdaClient } = await import("@aws-sdk/client-lambda");
  const region = regionOf(settings.region, environment);
  const common: ClientSettings = {
    ...(region && { region }),
    ...(profile && { profile }),
    ...(network && (await throughNetwork(network))),
  };
  return new LambdaClient({
    ...common,
    ...(endpointUrl && { endpoint: endpointUrl }),
    ...(role && { credentials: credentialsOf(role, common) }),
  });
};

/** The form of a failed function's answer: AWS Lambda, "Node.js function errors". */
interface FailureAnswer {
  readonly errorType?: unknown;
  readonly errorMessage?: unknown;
}

const parsed = (functionName: string, payload: Uint8Array | undefined): unknown => {
  try {
    return JSON.parse(Buffer.from(payload ?? []).toString("utf8"));
  } catch (cause) {
    throw new FunctionError(BAD_ANSWER, functionName, `${functionName} answered what is not JSON`, { cause });
  }
};

/** Keyturn's own codes, and the names that Lambda gives to the end of a function. */
const STABLE = /^(?:[A-Z][A-Z_]*|Sandbox\..*|Runtime\..*|Unhandled)$/;

/**
 * The code of what a function threw. What AWS answered the function must not be taken for what AWS's Lambda answers us: that a
 * secret is not found does not mean that the function is not.
 */
const codeOf = (errorType: string): string => (STABLE.test(errorType) ? errorType : `${OF_FUNCTION}${errorType}`);

/** What a function answered. @throws FunctionError for what it threw, and for an answer that is not JSON */
export const answerOf = (functionName: string, response: InvocationResponse): unknown => {
  const answer = parsed(functionName, response.Payload);
  if (response.FunctionError === undefined) return answer;
  const { errorType, errorMessage } = (answer ?? {}) as FailureAnswer;
  const code = typeof errorType === "string" ? codeOf(errorType) : response.FunctionError;
  throw new FunctionError(code, functionName, typeof errorMessage === "string" ? errorMessage : code);
};

/** What AWS answered has a status; what has none never got an answer, or was never sent. */
const failureOf = (functionName: string, error: unknown): FunctionError => {
  if (error instanceof FunctionError) return error;
  if (error instanceof RoleRefused)
    return new FunctionError(ROLE_REFUSED, functionName, error.message, { cause: error });
  const { name, message, $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
  const answered = $metadata?.httpStatusCode !== undefined;
  const known = answered || name === "CredentialsProviderError" || name === "AbortError";
  const code = known ? name : UNREACHABLE;
  const cause = (error as { readonly code?: unknown }).code;
  return new FunctionError(code, functionName, message || String(cause ?? name), { cause: error });
};

/**
 * Invokes functions by AWS's Lambda API. Nothing is loaded or opened before the first call.
 * @throws ProblemError for a variable of the environment whose value cannot be used
 */
export const createInvoke = (settings: AwsSettings, environment: NodeJS.ProcessEnv): Invoke => {
  const network = networkOf(environment);
  let client: Promise<LambdaClient> | undefined;
  return async (functionName, event, signal) => {
    try {
      client ??= openClient(settings, environment, network);
      const { InvokeCommand } = await import("@aws-sdk/client-lambda");
      const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) });
      return answerOf(functionName, await (await client).send(command, { abortSignal: signal }));
    } catch (error) {
      throw failureOf(functionName, error);
    }
  };
};
