import { uuid } from "../random-ids.ts";
import type { Secret } from "../secret.ts";
import { CURRENT } from "../staging-labels.ts";
import type { Surroundings } from "../surroundings.ts";
import { deliverStep } from "./deliver-step.ts";
import { isStaged } from "./pending-version.ts";
import { ROTATION_STEPS, type RotationStep } from "./rotation-attempt.ts";

/** How an attempt went: `superseded` means that it was cancelled or abandoned, and somebody else has said so already. */
export type AttemptOutcome =
  | { readonly result: "succeeded" | "superseded" }
  | { readonly result: "failed"; readonly message: string; readonly retry: boolean };

/** Whether the next step is still wanted. */
export type Verdict = "go on" | "go on although abandoned" | "superseded" | "secret is being deleted";

export interface AttemptToRun {
  readonly secret: Secret;
  readonly lambdaArn: string;
  readonly token: string;
  readonly kind: "rotation" | "test";
  /** Asked before each step and after the last. */
  readonly verdict: () => Verdict;
}

/** Runs the steps of a rotation, or the one step of a test, in order, and stops at the first that fails. */
export async function runAttempt(world: Surroundings, attempt: AttemptToRun): Promise<AttemptOutcome> {
  const rotationToken = uuid(world.random);
  const steps: readonly RotationStep[] = attempt.kind === "test" ? ["testSecret"] : ROTATION_STEPS;
  for (const step of steps) {
    const stop = stopBefore(attempt);
    if (stop) return stop;
    const to = { lambdaArn: attempt.lambdaArn, secretArn: attempt.secret.arn, token: attempt.token, rotationToken };
    const message = (await deliverStep(world, step, to)) ?? flawAfter(world, step, attempt);
    if (message !== undefined) return stopBefore(attempt) ?? { result: "failed", message, retry: true };
  }
  return stopBefore(attempt) ?? { result: "succeeded" };
}

function stopBefore({ verdict, secret, token, kind }: AttemptToRun): AttemptOutcome | undefined {
  const answer = verdict();
  if (answer === "superseded") return { result: "superseded" };
  if (answer === "secret is being deleted") {
    return {
      result: "failed",
      message: `Secret ${secret.arn} was marked for deletion during its rotation`,
      retry: false,
    };
  }
  if (kind === "test" || answer === "go on although abandoned" || isStaged(secret.labels, token)) return undefined;
  const message = `Secret version ${token} of ${secret.arn} lost the staging label AWSPENDING during its rotation`;
  return { result: "failed", message, retry: false };
}

/** What Secrets Manager finds missing although the function reported success. */
function flawAfter(world: Surroundings, step: RotationStep, attempt: AttemptToRun): string | undefined {
  const { secret, token, kind, lambdaArn } = attempt;
  if (kind === "test") return undefined;
  if (step === "createSecret" && secret.versions.get(token)?.value === undefined) {
    return `Pending secret version ${token} for Secret ${secret.arn} was not created by Lambda ${lambdaArn}. Remove the AWSPENDING staging label and restart rotation.`;
  }
  if (step === "finishSecret" && world.parameters.promotionRequired && secret.labels.get(CURRENT) !== token) {
    return `Secret version ${token} of ${secret.arn} was not made AWSCURRENT by Lambda ${lambdaArn}`;
  }
  return undefined;
}
