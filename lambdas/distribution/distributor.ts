import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { Clock } from "../clock.ts";
import {
  type DistributeAction,
  type DistributeAnswer,
  type DistributeRequest,
  distributeAnswer,
  MOST_SECRETS,
} from "../contracts/distribute.ts";
import { ENVIRONMENT } from "../contracts/environment.ts";
import { readJson } from "../contracts/read.ts";
import { KeyturnError } from "../errors.ts";
import { inParallel, inTime } from "../pool.ts";
import type { World } from "../world.ts";
import { reasonOf } from "./result.ts";

type Requested = DistributeRequest["secrets"];

/** What came back. What of it could not be asked for is in `failed`, and why in `errors`, one for each portion. */
export interface Asked extends DistributeAnswer {
  readonly errors: readonly unknown[];
}

export interface AskingLimits {
  readonly clock: Clock;
  /** How long all of it may still take, in milliseconds. */
  readonly remainingMs: () => number;
}

/** The way to `distribute` for the other functions: only it has rights on clusters. */
export interface Distributor {
  /** Has these versions applied, without waiting for it. A portion that cannot be asked for holds up no other. @throws the first error */
  applyLater(secrets: Requested): Promise<void>;
  /**
   * Asks and waits, in portions that one invocation takes, the first of them first. Never throws: a portion that fails, is
   * lost or comes too late does not take the others with it.
   */
  ask(action: DistributeAction, secrets: Requested, limits: AskingLimits): Promise<Asked>;
}

/** `distribute` may run for 120 seconds, and always answers. An answer that is not there by now is lost. */
const LONGEST_ANSWER_MS = 130_000;
/** How many invocations wait for their answer at once. */
const AT_ONCE = 4;

type PortionAnswer = DistributeAnswer | { readonly secrets: Requested; readonly error: Error };

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error("the answer was lost"));

const failedOf = ({ secrets, error }: { readonly secrets: Requested; readonly error: Error }) =>
  secrets.map((secret) => ({ ...secret, code: error.name || "Error", reason: reasonOf(error) }));

const together = (answers: readonly PortionAnswer[]): Asked => ({
  targets: answers.flatMap((answer) => ("error" in answer ? [] : answer.targets)),
  failed: answers.flatMap((answer) => ("error" in answer ? failedOf(answer) : answer.failed)),
  errors: answers.flatMap((answer) => ("error" in answer ? [answer.error] : [])),
});

const bytes = (request: DistributeRequest): Uint8Array => new TextEncoder().encode(JSON.stringify(request));

const portions = (secrets: Requested): readonly Requested[] =>
  Array.from({ length: Math.ceil(secrets.length / MOST_SECRETS) }, (_, index) =>
    secrets.slice(index * MOST_SECRETS, (index + 1) * MOST_SECRETS),
  );

/** `undefined` where the deployment has no such function: then nothing has targets. */
export const distributorOf = ({
  lambda,
  environment,
}: Pick<World, "lambda" | "environment">): Distributor | undefined => {
  const FunctionName = environment[ENVIRONMENT.distributeFunction];
  if (!FunctionName || !lambda) return undefined;

  const invoke = async (
    action: DistributeAction,
    secrets: Requested,
    options: { readonly abortSignal: AbortSignal; readonly requestTimeout: number },
  ): Promise<DistributeAnswer> => {
    const Payload = bytes({ action, secrets });
    const command = new InvokeCommand({ FunctionName, InvocationType: "RequestResponse", Payload });
    const answer = await lambda.send(command, options);
    const text = new TextDecoder().decode(answer.Payload ?? new Uint8Array());
    if (answer.FunctionError === undefined) return readJson(distributeAnswer, text, `the answer of ${FunctionName}`);
    throw new KeyturnError("DISTRIBUTE_FAILED", `${FunctionName} failed (${answer.FunctionError}); its log says why`, {
      retryable: true,
    });
  };

  /** The client's own time limit is for calls that end at once; this one gets as long as `distribute` may run. */
  const askOnce = async (
    action: DistributeAction,
    secrets: Requested,
    { clock, remainingMs }: AskingLimits,
  ): Promise<PortionAnswer> => {
    const limitMs = Math.min(LONGEST_ANSWER_MS, remainingMs());
    const late = (reason: string) => ({
      secrets,
      error: new KeyturnError("DISTRIBUTE_FAILED", `${FunctionName} ${reason}; the next pass asks again`, {
        retryable: true,
      }),
    });
    if (limitMs <= 0) return late("was not asked, as there was no time left");
    return inTime<PortionAnswer>(
      clock,
      limitMs,
      (abortSignal) =>
        invoke(action, secrets, { abortSignal, requestTimeout: limitMs }).catch((error: unknown) => ({
          secrets,
          error: asError(error),
        })),
      () => late(`did not answer within ${Math.round(limitMs / 1_000)} s`),
    );
  };

  return {
    async applyLater(secrets) {
      const errors: unknown[] = [];
      for (const portion of portions(secrets)) {
        const Payload = bytes({ action: "apply", secrets: portion });
        const command = new InvokeCommand({ FunctionName, InvocationType: "Event", Payload });
        await lambda.send(command).catch((error: unknown) => void errors.push(error));
      }
      if (errors.length > 0) throw errors[0];
    },

    async ask(action, secrets, limits) {
      return together(await inParallel(portions(secrets), AT_ONCE, (portion) => askOnce(action, portion, limits)));
    },
  };
};
