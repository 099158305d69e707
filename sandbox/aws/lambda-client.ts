import { GetFunctionCommand, GetPolicyCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { redactText } from "../../lambdas/redacted.ts";
import type { LambdaInvoker } from "../secrets-manager/index.ts";
import { allowsSecretsManager } from "./lambda-policy.ts";

export interface LambdaInvokerOptions {
  /** Such as `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  /** Default `us-east-1`. */
  readonly region?: string;
}

/** The longest that a function may run is 15 minutes (Lambda quotas); its start is not counted. */
const INVOKE_TIMEOUT_MS = 16 * 60_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_ERROR_LENGTH = 300;

const FunctionError = z.object({ errorType: z.string().optional(), errorMessage: z.string().optional() });

const shorten = (text: string): string => {
  const redacted = redactText(text);
  return redacted.length > MAX_ERROR_LENGTH ? `${redacted.slice(0, MAX_ERROR_LENGTH - 1)}…` : redacted;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a runtime may answer anything; the caller shows the text then
  }
};

/** Type and message of what a function threw, from the payload that Lambda answers. */
export const describeFunctionError = (kind: string, payload: string): string => {
  const parsed = FunctionError.safeParse(parseJson(payload));
  const { errorType, errorMessage } = parsed.success ? parsed.data : {};
  const parts = [errorType ?? kind, errorMessage ?? (errorType === undefined ? payload : undefined)];
  return shorten(parts.filter((part) => part !== undefined && part !== "").join(": "));
};

/** No retries: whether an invocation is repeated is for Secrets Manager to decide. */
const makeClient = ({ endpoint, region }: LambdaInvokerOptions): LambdaClient =>
  new LambdaClient({
    endpoint,
    region: region ?? "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: INVOKE_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });

const isNotFound = (error: unknown): boolean => error instanceof Error && error.name === "ResourceNotFoundException";

const functionExists = async (client: LambdaClient, functionArn: string): Promise<boolean> => {
  try {
    await client.send(new GetFunctionCommand({ FunctionName: functionArn }));
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
};

/** The function's resource policy as JSON; AWS answers "not found" for a function without one, too. */
const policyOf = async (client: LambdaClient, functionArn: string): Promise<string | undefined> => {
  try {
    return (await client.send(new GetPolicyCommand({ FunctionName: functionArn }))).Policy;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

const mayInvoke = async (client: LambdaClient, functionArn: string) => {
  if (!(await functionExists(client, functionArn))) return "no such function";
  const policy = await policyOf(client, functionArn);
  const account = functionArn.split(":")[4] ?? "";
  return policy !== undefined && allowsSecretsManager(policy, account) ? "yes" : "not permitted";
};

const invoke = async (client: LambdaClient, functionArn: string, event: unknown): Promise<{ error?: string }> => {
  try {
    const answer = await client.send(new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify(event) }));
    if (answer.FunctionError === undefined) return {};
    return { error: describeFunctionError(answer.FunctionError, answer.Payload?.transformToString() ?? "") };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: shorten(`${error.name}: ${error.message}`) };
  }
};

/**
 * How Secrets Manager reaches rotation functions, over an endpoint that speaks Lambda's API. A failed invocation is
 * never thrown: `error` says in at most 300 characters what failed.
 */
export const createLambdaInvoker = (options: LambdaInvokerOptions): LambdaInvoker & { close(): void } => {
  const client = makeClient(options);
  return {
    mayInvoke: (functionArn) => mayInvoke(client, functionArn),
    invoke: (functionArn, event) => invoke(client, functionArn, event),
    close: () => client.destroy(),
  };
};
