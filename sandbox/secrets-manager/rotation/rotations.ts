import { createDueAlarm, type DueAlarm } from "../due-alarm.ts";
import { uuid } from "../random-ids.ts";
import type { Secret } from "../secret.ts";
import type { SecretStore } from "../secret-store.ts";
import { isPendingElsewhere, PENDING } from "../staging-labels.ts";
import type { Surroundings } from "../surroundings.ts";
import { dueMs, recordFailure, recordSuccess } from "./attempt-record.ts";
import { announceTest, announceVersion, dropPending, isStaged, retractTest } from "./pending-version.ts";
import type { RotationAttempt, RunningAttempt } from "./rotation-attempt.ts";
import { type RotationEventName, rotationEvent } from "./rotation-events.ts";
import { type AttemptOutcome, runAttempt, type Verdict } from "./run-attempt.ts";

const startOf = (kind: RotationAttempt["kind"], token: string, number = 0): RunningAttempt => ({
  kind,
  token,
  number,
  state: "running",
  dueMs: Infinity,
});

/** A version whose rotation never ended: AWS says that it "will be reattempted". */
const leftOver = ({ labels }: Secret): string | undefined =>
  isPendingElsewhere(labels) ? labels.get(PENDING) : undefined;

const afterThisTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The rotations of all secrets: what runs, what waits for its retry, what is due by schedule. */
export class Rotations {
  readonly #world: Surroundings & { readonly store: SecretStore };
  readonly #running = new Set<Promise<void>>();
  readonly #abandoned = new WeakSet<RotationAttempt>();
  readonly #alarm: DueAlarm;
  #closed = false;

  constructor(world: Surroundings & { readonly store: SecretStore }) {
    this.#world = world;
    this.#alarm = createDueAlarm({
      clock: world.clock,
      earliestDueMs: () => world.store.all().reduce((earliest, secret) => Math.min(earliest, dueMs(secret)), Infinity),
      fire: () => this.#startAllDue(),
    });
  }

  /** Announces the version `token` and starts the four steps, after the present call has answered. */
  start(secret: Secret, token: string): void {
    announceVersion(this.#world, secret, token);
    this.#begin(secret, startOf("rotation", token));
  }

  /** Starts the test of RotateImmediately=false. @returns the version id that testSecret gets */
  startTest(secret: Secret, token: string): string {
    const testToken = announceTest(this.#world, secret, token);
    this.#begin(secret, startOf("test", testToken));
    return testToken;
  }

  /** Ends a rotation that runs or waits. @returns its version, if there was one */
  cancel(secret: Secret): string | undefined {
    const token = secret.attempt?.token;
    secret.attempt = undefined;
    if (this.#world.parameters.cancelDropsPending) dropPending(this.#world, secret, token);
    return token;
  }

  /** Says that a value put by hand took AWSPENDING off `pendingVersionId`, and ends the rotation that it belonged to. */
  abandon(secret: Secret, pendingVersionId: string): void {
    if (secret.attempt?.kind === "rotation") {
      this.#abandoned.add(secret.attempt);
      secret.attempt = undefined;
    }
    this.#emit(secret, "RotationAbandoned", pendingVersionId);
  }

  /** To be called when a schedule, a deletion or its end may have changed what is due. */
  reconsider(secret: Secret): void {
    this.#alarm.reconsider(dueMs(secret));
  }

  /** Resolves when no step runs. Retries that wait are not waited for. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** No further step, retry or due date. */
  close(): void {
    this.#closed = true;
    this.#alarm.close();
  }

  #begin(secret: Secret, attempt: RunningAttempt): void {
    const lambdaArn = secret.rotation?.lambdaArn;
    if (lambdaArn === undefined) throw new Error(`${secret.arn} has no rotation function: nothing can be started`);
    secret.attempt = attempt;
    const work = this.#run(secret, attempt, lambdaArn).finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async #run(secret: Secret, attempt: RunningAttempt, lambdaArn: string): Promise<void> {
    await afterThisTurn();
    const verdict = () => this.#verdict(secret, attempt);
    const { token, kind } = attempt;
    if (verdict() === "go on") this.#emit(secret, kind === "test" ? "TestRotationStarted" : "RotationStarted", token);
    const outcome = await runAttempt(this.#world, { secret, lambdaArn, token, kind, verdict });
    if (kind === "test") retractTest(this.#world, secret, token);
    if (outcome.result !== "superseded" && secret.attempt === attempt) this.#settle(secret, attempt, outcome);
  }

  #verdict(secret: Secret, attempt: RotationAttempt): Verdict {
    if (this.#closed) return "superseded";
    if (!this.#world.store.has(secret) || secret.deletion) return "secret is being deleted";
    if (secret.attempt === attempt) return "go on";
    const goesOn = this.#abandoned.has(attempt) && this.#world.parameters.stepsAfterAbandonment === "continue";
    return goesOn ? "go on although abandoned" : "superseded";
  }

  #settle(secret: Secret, attempt: RunningAttempt, outcome: AttemptOutcome): void {
    secret.attempt = undefined;
    const prefix = attempt.kind === "test" ? "TestRotation" : "Rotation";
    if (outcome.result === "failed") {
      if (attempt.kind === "rotation") recordFailure(this.#world, secret, attempt, outcome.retry);
      this.#emit(secret, `${prefix}Failed`, attempt.token, outcome.message);
    } else {
      if (attempt.kind === "rotation") recordSuccess(this.#world, secret, attempt.token);
      this.#emit(secret, `${prefix}Succeeded`, attempt.token);
    }
    this.reconsider(secret);
  }

  #startAllDue(): void {
    const { store, clock } = this.#world;
    for (const secret of store.all()) if (dueMs(secret) <= clock.now()) this.#startDue(secret);
  }

  #startDue(secret: Secret): void {
    const waiting = secret.attempt;
    if (waiting?.token !== undefined && !isStaged(secret.labels, waiting.token)) {
      secret.attempt = undefined;
      this.reconsider(secret);
      return;
    }
    const staged = waiting ? waiting.token : leftOver(secret);
    const attempt = startOf("rotation", staged ?? uuid(this.#world.random), waiting?.number);
    try {
      if (staged === undefined) announceVersion(this.#world, secret, attempt.token);
      this.#begin(secret, attempt);
    } catch (error) {
      this.#settle(secret, attempt, { result: "failed", message: String(error), retry: false });
    }
  }

  #emit(secret: Secret, eventName: RotationEventName, token: string, errorMessage?: string): void {
    const { accountId: account, region, clock, random, onEvent } = this.#world;
    const where = { account, region, nowMs: clock.now(), random };
    onEvent(rotationEvent({ eventName, arn: secret.arn, token, errorMessage }, where));
  }
}
