import type { ObservedStep } from "../sandbox.ts";
import { isDeath } from "./function-log.ts";

export interface RotationCounts {
  /** Those that the soak started. */
  readonly started: number;
  /** Starts that AWS refused, as a rotation was under way. */
  readonly refused: number;
  /** Those that somebody else started: reconcile. */
  readonly startedByKeyturn: number;
  readonly finished: number;
  /** Finished ones of which a step had failed before. */
  readonly resumed: number;
  /** Steps that ended with their process, by their names. */
  readonly diedIn: Readonly<Record<string, number>>;
  /** Steps that failed otherwise, by what they said, without what differs from one to the next. */
  readonly failedWith: Readonly<Record<string, number>>;
}

/** Follows the rotations of a run by what Secrets Manager is asked and sees. */
export interface RotationLedger {
  /** Secrets of which no rotation is under way, in their order. */
  idle(): readonly string[];
  underWay(): readonly string[];
  started(secretArn: string): void;
  /** AWS did not start what was noted as started: another rotation of the secret is under way. */
  refused(secretArn: string): void;
  stepStarted(step: Omit<ObservedStep, "error">): void;
  stepEnded(step: ObservedStep): void;
  counts(): RotationCounts;
}

/** The first words of an error, with ids, numbers and names taken out. */
export const kindOfFailure = (error: string): string =>
  error
    .replace(/^Runtime\.HandlerError: /, "")
    .replace(/\S*-kt-\S+|\bkeyturn\/\S+|\(\S+\)/g, "…")
    .replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\d[\d.:TZ-]*/g, "…")
    .slice(0, 80);

const add = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

export const createRotationLedger = (secretArns: readonly string[]): RotationLedger => {
  /** How many steps have failed of the rotation that is under way, by secret. */
  const underWay = new Map<string, number>();
  const totals = { started: 0, refused: 0, startedByKeyturn: 0, finished: 0, resumed: 0 };
  const diedIn: Record<string, number> = {};
  const failedWith: Record<string, number> = {};

  const fail = (secretArn: string, step: string, error: string): void => {
    underWay.set(secretArn, (underWay.get(secretArn) ?? 0) + 1);
    if (isDeath(error)) add(diedIn, step);
    else add(failedWith, `${step}: ${kindOfFailure(error)}`);
  };
  const finish = (secretArn: string): void => {
    totals.finished++;
    if ((underWay.get(secretArn) ?? 0) > 0) totals.resumed++;
    underWay.delete(secretArn);
  };

  return {
    idle: () => secretArns.filter((arn) => !underWay.has(arn)),
    underWay: () => [...underWay.keys()],
    started(secretArn) {
      totals.started++;
      underWay.set(secretArn, 0);
    },
    refused(secretArn) {
      totals.started--;
      totals.refused++;
      underWay.set(secretArn, underWay.get(secretArn) ?? 0);
    },
    stepStarted({ secretArn, step }) {
      if (underWay.has(secretArn) || step !== "createSecret") return;
      totals.startedByKeyturn++;
      underWay.set(secretArn, 0);
    },
    stepEnded({ secretArn, step, error }) {
      if (!underWay.has(secretArn)) return; // the test by which a rotation is configured
      if (error !== undefined) fail(secretArn, step, error);
      else if (step === "finishSecret") finish(secretArn);
    },
    counts: () => ({ ...totals, diedIn: { ...diedIn }, failedWith: { ...failedWith } }),
  };
};
