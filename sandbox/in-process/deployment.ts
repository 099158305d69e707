import { FUNCTION_NAMES } from "../../constructs/functions.ts";
import type { ServiceFunctions } from "../../provider/service/service.ts";
import type { ObjectValue } from "../../provider/wire/value.ts";
import type { Account } from "./account.ts";
import { declaredChanges } from "./declared-changes.ts";
import { HANDLERS, type HandlerOf } from "./handlers.ts";
import { createKey, type KeyPlan, planKey, removeKey, updateKey } from "./keys.ts";
import type { StackResources, SynthesizedStack } from "./synthesized-stack.ts";

/*
 * Deploys a synthesized stack into an account in this process, in the order that its dependencies ask for, changes what is
 * there as a later one declares it, and destroys it in the opposite order. Stands in for Terraform and the AWS provider where
 * those are not at hand; what they check is left out, and the state is in memory. Resources that come or go with a change are
 * not known: a changed declaration keeps to the same ones.
 */
const REFERENCE = /\$\{(\w+)\.(\w+)\.(\w+)\}/g;

type Resolve = (text: string) => string;

/** What `${type.name.attribute}` stands for. */
const resolver = (account: Account, resources: StackResources, secretArns: ReadonlyMap<string, string>): Resolve => {
  const standsFor = (whole: string, type: string, name: string): string => {
    const functionName = resources.aws_lambda_function[name]?.function_name;
    if (type === "aws_secretsmanager_secret") return secretArns.get(name) ?? whole;
    if (type === "aws_lambda_function" && functionName)
      return whole.endsWith(".arn}") ? account.functions.arnOf(functionName) : functionName;
    throw new Error(`${whole} stands for nothing that is known here`);
  };
  return (text) => text.replace(REFERENCE, standsFor);
};

const handlerFor = (name: string): HandlerOf => {
  const role = FUNCTION_NAMES.find((one) => name.endsWith(`-${one}`));
  if (role) return HANDLERS[role];
  throw new Error(`there is no handler for the function ${name}`);
};

const everyMs = (expression: string): number => {
  const [, count, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(expression) ?? [];
  if (!count) throw new Error(`a schedule of ${expression} is not known here`);
  return Number(count) * (unit === "hour" ? 3_600_000 : 60_000);
};

export interface PlannedDeployment {
  /** What becomes different of everything but the keys: `type.id: arguments (action)`. */
  readonly changes: readonly string[];
  /** Each key, by its id in the stack. */
  readonly keys: ReadonlyMap<string, KeyPlan>;
}

export interface Deployment {
  /** What a deploy of the stack, as it is declared now, would change. */
  plan(stack: SynthesizedStack): Promise<PlannedDeployment>;
  /** Makes all be as the stack declares it now. @throws Error when a resource comes or goes, or a key cannot be changed */
  update(stack: SynthesizedStack): Promise<void>;
  /**
   * May be repeated when a key refuses: what is destroyed stays so.
   * @throws Error with what every key that refuses says, a line each
   */
  destroy(): Promise<void>;
}

const createFunctions = (account: Account, { resources, grants }: SynthesizedStack, resolve: Resolve): void => {
  const permitted = new Set(
    Object.values(resources.aws_lambda_permission)
      .filter(({ principal }) => principal === "secretsmanager.amazonaws.com")
      .map((permission) => resolve(permission.function_name)),
  );
  for (const { function_name: name, timeout, environment } of Object.values(resources.aws_lambda_function)) {
    const variables = Object.entries(environment?.variables ?? {}).map(([key, value]) => [key, resolve(value)]);
    account.functions.create({
      name,
      timeoutMs: timeout * 1_000,
      handler: handlerFor(name)(account.world(grants, Object.fromEntries(variables))),
      secretsManagerMayInvoke: permitted.has(name),
    });
  }
};

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

/** AWS's TagResource leaves other tags as they are: what is no longer declared is taken off first. */
const updateSecrets = async (
  { secretsManager }: Account,
  before: StackResources["aws_secretsmanager_secret"],
  after: StackResources["aws_secretsmanager_secret"],
  secretArns: ReadonlyMap<string, string>,
): Promise<void> => {
  for (const [id, { tags, description }] of Object.entries(after)) {
    const SecretId = secretArns.get(id);
    const TagKeys = Object.keys(before[id]?.tags ?? {}).filter((key) => !(key in tags));
    if (TagKeys.length > 0) await secretsManager.call("UntagResource", { SecretId, TagKeys });
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await secretsManager.call("TagResource", { SecretId, Tags });
    if (description !== before[id]?.description)
      await secretsManager.call("UpdateSecret", { SecretId, Description: description });
  }
};

/** @throws Error with the messages of all that failed */
const all = async (work: readonly Promise<unknown>[]): Promise<void> => {
  const failed = (await Promise.allSettled(work)).filter((result) => result.status === "rejected");
  if (failed.length > 0) throw new Error(failed.map(({ reason }) => (reason as Error).message).join("\n"));
};

/** @throws Error that names what the one declaration has and the other has not */
const requireSameResources = (changes: readonly string[]): void => {
  const other = changes.filter((change) => !change.endsWith("(update)"));
  if (other.length > 0) throw new Error(`a change to other resources is not known here: ${other.join("; ")}`);
};

const KEY_TYPE = "keyturn_api_key";

/** @throws Error when a key could not be made */
export const deploy = async (account: Account, stack: SynthesizedStack): Promise<Deployment> => {
  const { secretsManager, functions } = account;
  const { resources } = stack;
  const secretArns = new Map<string, string>();
  const resolve = resolver(account, resources, secretArns);
  let deployed = stack;
  createFunctions(account, stack, resolve);

  for (const [id, { name, tags, description }] of Object.entries(resources.aws_secretsmanager_secret)) {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const created = await secretsManager.call("CreateSecret", { Name: name, Tags, Description: description });
    secretArns.set(id, (created as { ARN: string }).ARN);
  }

  for (const { schedule_expression, target } of Object.values(resources.aws_scheduler_schedule))
    functions.schedule(resolve(target.arn), everyMs(schedule_expression), JSON.parse(target.input));

  const keys = new Map<string, DeployedKey>();
  await Promise.all(
    Object.entries(resources.keyturn_api_key).map(async ([id, key]) => {
      const configured = configuredKey(stack, key, resolve);
      keys.set(id, { ...configured, state: await createKey(account, configured.functions, configured.config) });
    }),
  );

  const rotated = new Set<string>();
  for (const { secret_id, rotation_lambda_arn, rotation_rules } of Object.values(
    resources.aws_secretsmanager_secret_rotation,
  )) {
    await secretsManager.call("RotateSecret", {
      SecretId: resolve(secret_id),
      RotationLambdaARN: resolve(rotation_lambda_arn),
      RotationRules: { AutomaticallyAfterDays: rotation_rules.automatically_after_days },
      RotateImmediately: false,
    });
    rotated.add(resolve(secret_id));
  }

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
      const changes = declaredChanges(deployed.declared, now.declared, KEY_TYPE);
      return { changes, keys: new Map(await Promise.all(plans)) };
    },
    async update(now) {
      requireSameResources(declaredChanges(deployed.declared, now.declared, KEY_TYPE));
      const before = deployed.resources;
      deployed = now;
      createFunctions(account, now, resolve);
      await updateSecrets(
        account,
        before.aws_secretsmanager_secret,
        now.resources.aws_secretsmanager_secret,
        secretArns,
      );
      await all(
        configuredNow(now).map(async ({ id, functions, state, config }) =>
          keys.set(id, { functions, config, state: await updateKey(account, functions, state, config) }),
        ),
      );
    },
    async destroy() {
      for (const SecretId of rotated) {
        await secretsManager.call("CancelRotateSecret", { SecretId });
        rotated.delete(SecretId);
      }
      await all(
        [...keys].map(async ([id, key]) => {
          await removeKey(account, key.functions, key.state);
          keys.delete(id);
        }),
      );
      for (const [id, SecretId] of secretArns) {
        await secretsManager.call("DeleteSecret", { SecretId, ForceDeleteWithoutRecovery: true });
        secretArns.delete(id);
      }
      functions.stop();
      for (const { function_name } of Object.values(resources.aws_lambda_function)) functions.delete(function_name);
    },
  };
};
