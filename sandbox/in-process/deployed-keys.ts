import type { ServiceFunctions } from "../../provider/service/service.ts";
import type { ObjectValue } from "../../provider/wire/value.ts";
import type { Account } from "./account.ts";
import { createKey, type KeyPlan, planKey, removeKey, updateKey } from "./keys.ts";
import type { Resolve } from "./references.ts";
import type { StackResources, SynthesizedStack } from "./synthesized-stack.ts";

/** The resources `keyturn_api_key` of a stack that is deployed, each with its state. */
export interface DeployedKeys {
  /** What would become of each key that is there, by its id. @throws Error when one is no longer declared */
  plan(stack: SynthesizedStack): Promise<ReadonlyMap<string, KeyPlan>>;
  /** @throws Error with the messages of all that could not be changed */
  update(stack: SynthesizedStack): Promise<void>;
  /** May be repeated when a key refuses. @throws Error with what every key that refuses says, a line each */
  remove(): Promise<void>;
}

interface ConfiguredKey {
  readonly functions: ServiceFunctions;
  readonly config: ObjectValue;
}

type DeployedKey = ConfiguredKey & { readonly state: ObjectValue };

const configuredKey = (
  { providers }: SynthesizedStack,
  { provider, config }: StackResources["keyturn_api_key"][string],
  resolve: Resolve,
): ConfiguredKey => {
  const functions = providers.get(provider);
  if (!functions) throw new Error(`the stack has no provider block ${provider}`);
  const entries = Object.entries(config).map(([name, value]) => [
    name,
    typeof value === "string" ? resolve(value) : value,
  ]);
  return { functions, config: Object.fromEntries(entries) as ObjectValue };
};

/** @throws Error with the messages of all that failed */
const all = async (work: readonly Promise<unknown>[]): Promise<void> => {
  const failed = (await Promise.allSettled(work)).filter((result) => result.status === "rejected");
  if (failed.length > 0) throw new Error(failed.map(({ reason }) => (reason as Error).message).join("\n"));
};

/** Makes all keys of a stack. @throws Error when one could not be made */
export const createKeys = async (
  account: Account,
  stack: SynthesizedStack,
  resolve: Resolve,
): Promise<DeployedKeys> => {
  const keys = new Map<string, DeployedKey>();
  await Promise.all(
    Object.entries(stack.resources.keyturn_api_key).map(async ([id, key]) => {
      const configured = configuredKey(stack, key, resolve);
      keys.set(id, { ...configured, state: await createKey(account, configured.functions, configured.config) });
    }),
  );

  /** The keys that are there, each with what is configured for it now. */
  const configuredNow = (now: SynthesizedStack) =>
    [...keys].map(([id, { state }]) => {
      const key = now.resources.keyturn_api_key[id];
      if (!key) throw new Error(`the key ${id} is no longer declared: a change to other resources is not known here`);
      return { id, state, ...configuredKey(now, key, resolve) };
    });

  return {
    async plan(now) {
      const plans = configuredNow(now).map(
        async ({ id, functions, state, config }) => [id, await planKey(account, functions, state, config)] as const,
      );
      return new Map(await Promise.all(plans));
    },
    update: (now) =>
      all(
        configuredNow(now).map(async ({ id, functions, state, config }) =>
          keys.set(id, { functions, config, state: await updateKey(account, functions, state, config) }),
        ),
      ),
    remove: () =>
      all(
        [...keys].map(async ([id, key]) => {
          await removeKey(account, key.functions, key.state);
          keys.delete(id);
        }),
      ),
  };
};
