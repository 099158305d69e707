import type { FunctionName } from "../../constructs/functions.ts";
import type { Clock } from "../../lambdas/clock.ts";
import { type Call, type Effect, isOtherCall } from "./effect.ts";

/** One run of a function, from its event to its answer or its death. */
export interface Run {
  readonly by: FunctionName;
  readonly task: string;
  readonly number: number;
  readonly remainingMs: () => number;
  /** Told when it is killed. */
  readonly onDeath: () => void;
  isDead: boolean;
  /** True as soon as what was under way when it died has come to its end. */
  isBuried: boolean;
}

/** Where the gate kills: at the effect of that number, before or after the call. */
export interface Kill {
  readonly at: number;
  readonly moment: "before" | "after";
}

export interface GateListener {
  /** An effect that is counted and about to be made; it is made when the promise resolves. */
  beforeEffect?(effect: Effect): Promise<void> | void;
  /** An effect that was done, whatever was answered. @param failure what it threw */
  onEffect(effect: Effect, failure: unknown): Promise<void>;
  onKill(effect: Effect, kill: Kill): void;
  /** A dead run tried one more effect; it was refused. */
  onZombie(call: Call, run: Run): void;
}

/** Finds the place in the handlers' source that is asking just now. */
export type FindSite = () => string | undefined;

/** What a dead process waits for. */
const never = <Answer>(): Promise<Answer> => new Promise<Answer>(() => {});

/**
 * The one gate that every effect of every handler passes. It numbers and names them, and kills: the run's call never settles,
 * nor does anything else that it waits for, so that nothing of it goes on.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #listener: GateListener;
  readonly #findSite: FindSite | undefined;
  #kills: readonly Kill[] = [];
  #count = 0;
  #isCounting = false;
  #underWay = 0;
  readonly #begun = new Set<Effect>();

  /** @param findSite finds the place that asks for an effect */
  constructor(clock: Clock, listener: GateListener, findSite?: FindSite) {
    this.#clock = clock;
    this.#listener = listener;
    this.#findSite = findSite;
  }

  /** From now on effects are numbered, from 1, and these kills happen. */
  startCounting(kills: readonly Kill[]): void {
    this.#kills = kills;
    this.#count = 0;
    this.#isCounting = true;
  }

  /** How many calls have been begun and not answered. */
  get underWay(): number {
    return this.#underWay;
  }

  /** The effects that were asked for and are not done. */
  get begun(): readonly Effect[] {
    return [...this.#begun];
  }

  /** Lets one call of a run through, or kills the run at it. */
  async pass<Answer>(run: Run, call: Call, make: () => Promise<Answer>): Promise<Answer> {
    if (this.#isOver(run)) return this.#refuse(run, call);
    const { by, task, number: invocation } = run;
    const number = this.#isCounting ? ++this.#count : 0;
    const site = this.#isCounting ? this.#findSite?.() : undefined;
    const effect: Effect = {
      ...call,
      number,
      atMs: this.#clock.now(),
      by,
      task,
      invocation,
      ...(site ? { site } : {}),
    };
    const kill = number > 0 ? this.#kills.find(({ at }) => at === number) : undefined;
    this.#begun.add(effect);
    if (number > 0) await this.#listener.beforeEffect?.(effect);
    if (this.#isOver(run) || kill?.moment === "before") this.#begun.delete(effect);
    if (this.#isOver(run)) return never();
    if (kill?.moment === "before") return this.#kill(run, effect, kill);
    const { answer, failure, hasFailed } = await this.#outcome(call, make);
    this.#begun.delete(effect);
    await this.#listener.onEffect(effect, failure);
    if (kill && !run.isDead) return this.#kill(run, effect, kill);
    if (run.isDead) return never();
    if (hasFailed) throw failure;
    return answer as Answer;
  }

  /** Time that a run waits for: it does not pass for a dead one. */
  async sleep(run: Run, durationMs: number, signal?: AbortSignal): Promise<void> {
    await this.#clock.sleep(durationMs, signal);
    if (run.isDead) await never();
  }

  async #outcome<Answer>(call: Call, make: () => Promise<Answer>) {
    // What another connection does not answer is nothing that the life waits for.
    const counts = isOtherCall(call) ? 0 : 1;
    this.#underWay += counts;
    try {
      return { answer: await make(), failure: undefined, hasFailed: false };
    } catch (failure) {
      return { answer: undefined, failure, hasFailed: true };
    } finally {
      this.#underWay -= counts;
    }
  }

  /** AWS ends a run whose time is over, too. */
  #isOver(run: Run): boolean {
    if (!run.isDead && run.remainingMs() <= 0) this.#bury(run);
    return run.isDead;
  }

  #bury(run: Run): void {
    run.isDead = true;
    run.onDeath();
    setImmediate(() => {
      run.isBuried = true;
    });
  }

  #kill<Answer>(run: Run, effect: Effect, kill: Kill): Promise<Answer> {
    this.#bury(run);
    this.#listener.onKill(effect, kill);
    return never();
  }

  /** Calls that are begun side by side with the one it died at are refused in silence, as are those that still waited for their turn. */
  #refuse<Answer>(run: Run, call: Call): Promise<Answer> {
    if (run.isBuried) this.#listener.onZombie(call, run);
    return never();
  }
}
