import type { Surroundings } from "../surroundings.ts";
import type { RotationStepEvent } from "./lambda-invoker.ts";
import type { RotationStep } from "./rotation-attempt.ts";

/**
 * Delivers one step to the rotation function: once, or twice where the parameters say so; then the first delivery decides.
 * @returns the error message as CloudTrail shows it, or undefined when the step succeeded
 */
export async function deliverStep(
  world: Surroundings,
  step: RotationStep,
  to: { lambdaArn: string; secretArn: string; token: string; rotationToken: string },
): Promise<string | undefined> {
  const event: RotationStepEvent = {
    Step: step,
    SecretId: to.secretArn,
    ClientRequestToken: to.token,
    RotationToken: to.rotationToken,
  };
  const deliver = () => invoke(world, to.lambdaArn, event);
  const failed = await deliverAsOftenAs(world, step, deliver);
  return failed ? `Error when executing lambda ${to.lambdaArn} during ${step} step` : undefined;
}

async function deliverAsOftenAs(
  { parameters }: Surroundings,
  step: RotationStep,
  deliver: () => Promise<boolean>,
): Promise<boolean> {
  if (!parameters.duplicatedSteps.includes(step)) return deliver();
  const first = deliver();
  if (parameters.duplicateDelivery === "in turn") await first;
  const [failed] = await Promise.all([first, deliver()]);
  return failed;
}

/** Whether the function failed. What it said stays in its own log: an error message could hold a value. */
async function invoke(world: Surroundings, lambdaArn: string, event: RotationStepEvent): Promise<boolean> {
  try {
    return (await world.lambda.invoke(lambdaArn, event)).error !== undefined;
  } catch {
    return true;
  }
}
