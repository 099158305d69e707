import { FUNCTION_NAMES } from "../../constructs/functions.ts";
import type { Account } from "./account.ts";
import { HANDLERS, type HandlerOf } from "./handlers.ts";
import type { StackResources, SynthesizedStack } from "./synthesized-stack.ts";

/*
 * Deploys a synthesized stack into an account in this process, in the order that its dependencies ask for, and destroys
 * it in the opposite one. Stands in for Terraform and the AWS provider where those are not at hand; what they check, and
 * what they keep in a state, is left out.
 */
const REFERENCE = /\$\{(\w+)\.(\w+)\.(\w+)\}/g;

/** What `${type.name.attribute}` stands for. */
const resolver = (account: Account, resources: StackResources, secretArns: ReadonlyMap<string, string>) => {
  const standsFor = (whole: string, type: string, name: string): string => {
    const functionName = resources.aws_lambda_function[name]?.function_name;
    if (type === "aws_secretsmanager_secret") return secretArns.get(name) ?? whole;
    if (type === "aws_lambda_function" && functionName)
      return whole.endsWith(".arn}") ? account.functions.arnOf(functionName) : functionName;
    throw new Error(`${whole} stands for nothing that is known here`);
  };
  return (text: string): string => text.replace(REFERENCE, standsFor);
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

export interface Deployment {
  destroy(): Promise<void>;
}

const invokeManage = async (account: Account, functionName: string, event: object): Promise<void> => {
  const { error } = await account.functions.invoke(functionName, event);
  if (error) throw new Error(error);
};

/** @throws Error when a first generation could not be made */
export const deploy = async (account: Account, { resources, grants }: SynthesizedStack): Promise<Deployment> => {
  const { secretsManager, functions } = account;
  const secretArns = new Map<string, string>();
  const resolve = resolver(account, resources, secretArns);

  const permitted = new Set(
    Object.values(resources.aws_lambda_permission)
      .filter(({ principal }) => principal === "secretsmanager.amazonaws.com")
      .map((permission) => resolve(permission.function_name)),
  );
  for (const { function_name: name, timeout, environment } of Object.values(resources.aws_lambda_function)) {
    const variables = Object.entries(environment?.variables ?? {}).map(([key, value]) => [key, resolve(value)]);
    functions.create({
      name,
      timeoutMs: timeout * 1_000,
      handler: handlerFor(name)(account.world(grants, Object.fromEntries(variables))),
      secretsManagerMayInvoke: permitted.has(name),
    });
  }

  for (const [id, { name, tags, description }] of Object.entries(resources.aws_secretsmanager_secret)) {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const created = await secretsManager.call("CreateSecret", { Name: name, Tags, Description: description });
    secretArns.set(id, (created as { ARN: string }).ARN);
  }

  const invocations = Object.values(resources.aws_lambda_invocation).map(({ function_name, input }) => ({
    functionName: resolve(function_name),
    input: JSON.parse(resolve(input)) as object,
  }));
  const invokeAll = (action: "create" | "delete") =>
    Promise.all(
      invocations.map(({ functionName, input }) => invokeManage(account, functionName, { ...input, tf: { action } })),
    );
  await invokeAll("create");

  const rotated = Object.values(resources.aws_secretsmanager_secret_rotation);
  for (const { secret_id, rotation_lambda_arn, rotation_rules } of rotated)
    await secretsManager.call("RotateSecret", {
      SecretId: resolve(secret_id),
      RotationLambdaARN: resolve(rotation_lambda_arn),
      RotationRules: { AutomaticallyAfterDays: rotation_rules.automatically_after_days },
      RotateImmediately: false,
    });

  for (const { schedule_expression, target } of Object.values(resources.aws_scheduler_schedule))
    functions.schedule(resolve(target.arn), everyMs(schedule_expression), JSON.parse(target.input));

  return {
    async destroy() {
      functions.stop();
      for (const { secret_id } of rotated)
        await secretsManager.call("CancelRotateSecret", { SecretId: resolve(secret_id) });
      await invokeAll("delete");
      for (const SecretId of secretArns.values())
        await secretsManager.call("DeleteSecret", { SecretId, ForceDeleteWithoutRecovery: true });
      for (const { function_name } of Object.values(resources.aws_lambda_function)) functions.delete(function_name);
    },
  };
};
