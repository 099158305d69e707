import { randomUUID } from "node:crypto";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { Clock } from "../../lambdas/clock.ts";
import type { Handler, LambdaContext } from "../../lambdas/world.ts";
import type { LambdaInvoker } from "../secrets-manager/index.ts";

/*
 * Lambda in one process, on any clock: functions by name, invoked by Secrets Manager, by each other and by a schedule.
 * Written from the Lambda developer guide (invocation types, error handling of asynchronous invocations, context object).
 * Leaves out: concurrency limits, cold starts, versions and aliases, destinations, and processes: a function that has
 * timed out is answered for, but what it still does is not stopped.
 */

export interface FunctionOptions {
  readonly name: string;
  readonly timeoutMs: number;
  readonly handler: Handler<unknown>;
  /** Whether Secrets Manager has the permission to invoke it. */
  readonly secretsManagerMayInvoke: boolean;
}

export interface Outcome {
  readonly answer?: unknown;
  /** Type and message of what it threw. */
  readonly error?: string;
}

/** Told of an invocation that has ended, with what it threw. */
export type InvocationListener = (event: unknown, error: string | undefined) => void;

/** AWS: "Lambda retries an asynchronous invocation twice, with a one-minute wait, then two minutes". */
const ASYNCHRONOUS_WAITS_MS = [60_000, 120_000];

const errorText = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : "unknown");

/** AWS: "Lambda function errors in Node.js". */
const failureAnswer = (error: string): { readonly errorType: string; readonly errorMessage: string } => {
  const [errorType = "Error"] = error.split(": ", 1);
  return { errorType, errorMessage: error.slice(errorType.length + 2) };
};

export class InProcessFunctions implements LambdaInvoker {
  readonly #clock: Clock;
  readonly #arnPrefix: string;
  readonly #onInvoked: InvocationListener;
  readonly #functions = new Map<string, FunctionOptions>();
  readonly #schedules = new Set<AbortController>();

  constructor(clock: Clock, region: string, accountId: string, onInvoked?: InvocationListener) {
    this.#clock = clock;
    this.#onInvoked = onInvoked ?? (() => {});
    this.#arnPrefix = `arn:aws:lambda:${region}:${accountId}:function:`;
  }

  arnOf(name: string): string {
    return `${this.#arnPrefix}${name}`;
  }

  create(options: FunctionOptions): void {
    this.#functions.set(options.name, options);
  }

  delete(name: string): void {
    this.#functions.delete(name);
  }

  async mayInvoke(functionArn: string): Promise<"yes" | "no such function" | "not permitted"> {
    const found = this.#find(functionArn);
    if (!found) return "no such function";
    return found.secretsManagerMayInvoke ? "yes" : "not permitted";
  }

  /** One synchronous invocation, by name or ARN. It never throws: what the function threw is in the outcome. */
  async invoke(nameOrArn: string, event: unknown): Promise<Outcome> {
    const found = this.#find(nameOrArn);
    if (!found) return { error: `ResourceNotFoundException: Function not found: ${nameOrArn}` };
    const context = this.#context(found);
    const over = new AbortController();
    const timeout = this.#clock.sleep(found.timeoutMs, over.signal).then((): Outcome => {
      return { error: `Sandbox.Timedout: Task timed out after ${found.timeoutMs / 1_000} seconds` };
    });
    const work = found.handler(structuredClone(event), context).then(
      (answer): Outcome => ({ answer }),
      (error): Outcome => ({ error: errorText(error) }),
    );
    const outcome = await Promise.race([work, timeout]);
    over.abort();
    this.#onInvoked(event, outcome.error);
    return outcome;
  }

  /** Stands in for the SDK's client: knows Invoke alone, synchronous and asynchronous. */
  client(): Pick<LambdaClient, "send"> {
    const send = async (command: unknown): Promise<object> => {
      if (!(command instanceof InvokeCommand)) throw new Error("this Lambda knows Invoke alone");
      const { FunctionName = "", InvocationType, Payload } = command.input;
      const event = JSON.parse(new TextDecoder().decode(Payload as Uint8Array));
      if (InvocationType === "Event") {
        void this.#invokeAsynchronously(FunctionName, event);
        return { StatusCode: 202 };
      }
      const { answer, error } = await this.invoke(FunctionName, event);
      const payload = new TextEncoder().encode(JSON.stringify(error === undefined ? answer : failureAnswer(error)));
      return { StatusCode: 200, Payload: payload, ...(error === undefined ? {} : { FunctionError: "Unhandled" }) };
    };
    return { send } as unknown as Pick<LambdaClient, "send">;
  }

  /** Invokes a function again and again. Ends with `stop`. */
  schedule(name: string, everyMs: number, event: unknown): void {
    const stopping = new AbortController();
    this.#schedules.add(stopping);
    const run = async () => {
      for (;;) {
        await this.#clock.sleep(everyMs, stopping.signal);
        if (stopping.signal.aborted) return;
        await this.#invokeAsynchronously(name, event);
      }
    };
    void run();
  }

  stop(): void {
    for (const schedule of this.#schedules) schedule.abort();
    this.#schedules.clear();
  }

  async #invokeAsynchronously(name: string, event: unknown): Promise<void> {
    for (const waitMs of [0, ...ASYNCHRONOUS_WAITS_MS]) {
      if (waitMs > 0) await this.#clock.sleep(waitMs);
      if ((await this.invoke(name, event)).error === undefined) return;
    }
  }

  #find(nameOrArn: string): FunctionOptions | undefined {
    return this.#functions.get(nameOrArn.replace(this.#arnPrefix, ""));
  }

  #context({ name, timeoutMs }: FunctionOptions): LambdaContext {
    const deadlineMs = this.#clock.now() + timeoutMs;
    return {
      invokedFunctionArn: this.arnOf(name),
      awsRequestId: randomUUID(),
      getRemainingTimeInMillis: () => Math.max(0, deadlineMs - this.#clock.now()),
    };
  }
}
