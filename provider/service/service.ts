import type * as z from "zod/mini";
import { type InspectRequest, keysAnswer, vendorKeysAnswer } from "../../lambdas/contracts/inspect.ts";
import { anyAnswer, KEY_PROTOCOL, type KeyFacts } from "../../lambdas/contracts/key-facts.ts";
import { type ExpectedKey, type KeyAnswer, type KeyCommand, keyAnswer } from "../../lambdas/contracts/manage.ts";
import { read } from "../../lambdas/contracts/read.ts";
import { BAD_ANSWER, FunctionError, NEWER_SERVICE, OLDER_SERVICE } from "./function-error.ts";
import type { Invoke } from "./invoke.ts";

type WithoutProtocol<T> = T extends unknown ? Omit<T, "protocol"> : never;
/** A command of this provider: it always says what it expects. */
export type Command = WithoutProtocol<KeyCommand> & { readonly expected: ExpectedKey };
export type VendorKeys = z.output<typeof vendorKeysAnswer>;

/** The two functions of a service, as calls. Each throws a `FunctionError` alone. */
export interface Service {
  list(signal: AbortSignal): Promise<readonly KeyFacts[]>;
  /** `undefined`: there is no such managed key. */
  describe(secretId: string, signal: AbortSignal): Promise<KeyFacts | undefined>;
  vendorKeys(connection: string, signal: AbortSignal): Promise<VendorKeys>;
  manage(command: Command, signal: AbortSignal): Promise<KeyAnswer>;
}

export interface ServiceFunctions {
  readonly inspectFunction: string;
  readonly manageFunction: string;
}

const protocolError = (protocol: number, functionName: string): FunctionError | undefined => {
  const { oldest, newest } = KEY_PROTOCOL;
  if (protocol >= oldest && protocol <= newest) return undefined;
  const code = protocol > newest ? NEWER_SERVICE : OLDER_SERVICE;
  const known = oldest === newest ? `${newest}` : `${oldest} to ${newest}`;
  return new FunctionError(
    code,
    functionName,
    `${functionName} answers in protocol ${protocol}, this provider knows ${known}`,
  );
};

const readAnswer = <Schema extends z.ZodMiniType>(
  schema: Schema,
  answer: unknown,
  functionName: string,
): z.output<Schema> => {
  try {
    const { protocol } = read(anyAnswer, answer, `the answer of ${functionName}`);
    const refused = protocolError(protocol, functionName);
    if (refused) throw refused;
    return read(schema, answer, `the answer of ${functionName}`);
  } catch (error) {
    if (error instanceof FunctionError) throw error;
    throw new FunctionError(BAD_ANSWER, functionName, (error as Error).message, { cause: error });
  }
};

/** Speaks with a service's functions, and reads every answer through the contract's schema. */
export const createService = (invoke: Invoke, { inspectFunction, manageFunction }: ServiceFunctions): Service => {
  const protocol = KEY_PROTOCOL.newest;
  const inspect = async <Schema extends z.ZodMiniType>(
    schema: Schema,
    request: WithoutProtocol<InspectRequest>,
    signal: AbortSignal,
  ) => readAnswer(schema, await invoke(inspectFunction, { protocol, ...request }, signal), inspectFunction);
  return {
    list: async (signal) => (await inspect(keysAnswer, { action: "list" }, signal)).keys,
    describe: async (secretId, signal) => (await inspect(keysAnswer, { action: "describe", secretId }, signal)).keys[0],
    vendorKeys: (connection, signal) => inspect(vendorKeysAnswer, { action: "vendorKeys", connection }, signal),
    manage: async (command, signal) =>
      readAnswer(keyAnswer, await invoke(manageFunction, { protocol, ...command }, signal), manageFunction),
  };
};
