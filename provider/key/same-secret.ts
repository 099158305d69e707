import { FunctionError } from "../service/function-error.ts";
import type { Service } from "../service/service.ts";
import { type ObjectValue, textOf } from "../wire/value.ts";

export type Describing = Pick<Service, "describe">;

/** The ARN of the secret that an id means, which Secrets Manager alone knows; `undefined`: of no managed key that can be reached. */
const arnOf = async (service: Describing, secretId: string, stopped: AbortSignal): Promise<string | undefined> => {
  try {
    return (await service.describe(secretId, stopped))?.secretArn;
  } catch (error) {
    // A secret that is yet to be made cannot be told from one that the service may not see.
    if (error instanceof FunctionError && error.code === "ACCESS_DENIED") return undefined;
    throw error;
  }
};

/** Whether an id means the secret with this ARN. */
export const isSecret = async (
  service: Describing,
  secretId: string,
  arn: string,
  stopped: AbortSignal,
): Promise<boolean> => secretId === arn || (await arnOf(service, secretId, stopped)) === arn;

/** Whether a planned object is of another secret than the prior one. An id that is not known yet counts as another. */
export const isOtherSecret = async (
  service: Describing,
  prior: ObjectValue,
  planned: ObjectValue,
  stopped: AbortSignal,
): Promise<boolean> => {
  const [was, becomes] = [textOf(prior.secret_id), textOf(planned.secret_id)];
  if (becomes === undefined) return true;
  if (becomes === was) return false;
  const arn = textOf(prior.secret_arn) ?? (was === undefined ? undefined : await arnOf(service, was, stopped));
  return arn === undefined || !(await isSecret(service, becomes, arn, stopped));
};
