import { FUNCTIONS, type FunctionName } from "../../constructs/functions.ts";
import type { Clock } from "../../lambdas/clock.ts";
import { type Effect, effectText } from "../effects/effect.ts";
import type { GateListener } from "../effects/gate.ts";
import { DOWNTIME_MS } from "../stage/settings.ts";
import type { Trace } from "../stage/trace.ts";
import type { Retry } from "./crash-point.ts";

const effectLine = ({ number, by, task, invocation, name }: Effect): string =>
  `${number > 0 ? `#${number}` : "  "}  ${by} ${task} [run ${invocation}]  ${name}`;

const failureLine = (failure: unknown): string =>
  failure instanceof Error ? `  -> ${failure.name}` : failure === undefined ? "" : "  -> failed";

export interface DeathsOptions {
  readonly clock: Clock;
  readonly trace: Trace;
  readonly retry: Retry;
  readonly beforeEffect: (effect: Effect) => Promise<void>;
  readonly onEffect: (effect: Effect) => Promise<void>;
}

/** Who died where, and when a killed function is back. */
export interface Deaths extends GateListener {
  /** The first effect that a run died at. */
  killedAt(): string | undefined;
  isAway(by: FunctionName): boolean;
  /** When all are back, in milliseconds since the epoch; 0: none was killed. */
  backMs(): number;
}

/** Writes down what passes the gate, and keeps a killed function away for as long as the life says. */
export const createDeaths = ({ clock, trace, retry, beforeEffect, onEffect }: DeathsOptions): Deaths => {
  const awayUntilMs = new Map<FunctionName, number>();
  let killedAt: string | undefined;
  return {
    beforeEffect,
    async onEffect(effect, failure) {
      trace.tell(effectLine(effect) + failureLine(failure));
      await onEffect(effect);
    },
    onKill(effect, { moment }) {
      killedAt ??= effectText(effect);
      trace.tell(`${effectLine(effect)}  KILLED ${moment} it`);
      const timeoutMs = FUNCTIONS[effect.by].timeoutSeconds * 1_000;
      const awayMs = DOWNTIME_MS[retry] > 0 ? timeoutMs + DOWNTIME_MS[retry] : 0;
      awayUntilMs.set(effect.by, clock.now() + awayMs);
    },
    onZombie: ({ name }, run) => trace.violation("the kit", `${run.by} ${run.task} tried ${name} after its death`),
    killedAt: () => killedAt,
    isAway: (by) => clock.now() < (awayUntilMs.get(by) ?? 0),
    backMs: () => Math.max(0, ...awayUntilMs.values()),
  };
};
