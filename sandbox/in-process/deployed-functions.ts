import { FUNCTION_NAMES } from "../../constructs/functions.ts";
import type { Account } from "./account.ts";
import { HANDLERS, type HandlerOf } from "./handlers.ts";
import type { Resolve } from "./references.ts";
import type { StackResources, SynthesizedStack } from "./synthesized-stack.ts";

const handlerFor = (name: string): HandlerOf => {
  const role = FUNCTION_NAMES.find((one) => name.endsWith(`-${one}`));
  if (role) return HANDLERS[role];
  throw new Error(`there is no handler for the function ${name}`);
};

/** Makes the functions of a stack be there as it declares them now. */
export const putFunctions = (account: Account, { resources, grants }: SynthesizedStack, resolve: Resolve): void => {
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

const everyMs = (expression: string): number => {
  const [, count, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(expression) ?? [];
  if (!count) throw new Error(`a schedule of ${expression} is not known here`);
  return Number(count) * (unit === "hour" ? 3_600_000 : 60_000);
};

/** Starts the schedules of a stack. */
export const startSchedules = ({ functions }: Account, resources: StackResources, resolve: Resolve): void => {
  for (const { schedule_expression, target } of Object.values(resources.aws_scheduler_schedule))
    functions.schedule(resolve(target.arn), everyMs(schedule_expression), JSON.parse(target.input));
};

/** Ends the schedules, and does away with the functions. */
export const removeFunctions = ({ functions }: Account, resources: StackResources): void => {
  functions.stop();
  for (const { function_name } of Object.values(resources.aws_lambda_function)) functions.delete(function_name);
};
