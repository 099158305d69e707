import { type Clock, systemClock } from "../lambdas/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly wake: () => void;
}

/** How many turns of the event loop in-process work gets to come to rest before time moves again. */
const TURNS_TO_SETTLE = 4;

const MAX_IDLE_SETTLES = 1_000;
/** Work that still holds time after so many turns never lets go of it. */
const MAX_HELD_TURNS = 1_000_000;

/** How finely time follows the wall where it has to. */
const WALL_STEP_MS = 2;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * A clock that moves only when it is told to, for worlds that live in one process.
 * Timers wake in the order of their time, each with the clock standing at exactly that time.
 * Leaves out: work that waits for real I/O (sockets, files) is not waited for between two timers, but for what is said to be
 * `alongside`.
 */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  #timers: Timer[] = [];
  #isHeld: () => boolean = () => false;
  readonly #wall: Clock;
  /** How much work is under way that has a time of its own. */
  #alongside = 0;

  /**
   * @param startMs the first time it shows, in milliseconds since the Unix epoch
   * @param wall the time of what goes on `alongside`
   */
  constructor(startMs: number = Date.UTC(2026, 0, 1), wall: Clock = systemClock) {
    this.#nowMs = startMs;
    this.#wall = wall;
  }

  now(): number {
    return this.#nowMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const timer = { dueMs: this.#nowMs + Math.max(0, durationMs), order: this.#order++, wake };
      this.#timers.push(timer);
      signal?.addEventListener("abort", wake);
    });
  }

  /** From now on no time passes while `isHeld` says so: for work that takes turns which no timer knows of. */
  holdWhile(isHeld: () => boolean): void {
    this.#isHeld = isHeld;
  }

  /** For work that another process does in its own time: until it is done, `run` moves time no faster than the wall's. */
  async alongside<Result>(work: Promise<Result>): Promise<Result> {
    this.#alongside++;
    try {
      return await work;
    } finally {
      this.#alongside--;
    }
  }

  /** Moves time forward by `durationMs`, waking every timer on the way and letting its work come to rest. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    await this.#settle();
    for (let timer = this.#nextDue(endMs); timer; timer = this.#nextDue(endMs)) await this.#wake(timer);
    this.#nowMs = endMs;
  }

  /**
   * Moves time just as far as `work` needs to settle, and returns what it returned.
   * @throws Error when the work waits for something that is not on this clock
   */
  async run<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    work.then(done, done);
    await this.#settle();
    for (let idle = 0; !settled; ) {
      if (this.#alongside > 0) {
        await this.#followWall();
        continue;
      }
      const timer = this.#nextDue(Number.POSITIVE_INFINITY);
      idle = timer ? 0 : idle + 1;
      if (idle > MAX_IDLE_SETTLES) throw new Error("the work waits for something that is not on this clock");
      await (timer ? this.#wake(timer) : this.#settle());
    }
    return work;
  }

  async #followWall(): Promise<void> {
    const sinceMs = this.#wall.now();
    await this.#wall.sleep(WALL_STEP_MS);
    await this.advance(this.#wall.now() - sinceMs);
  }

  /** @throws Error when something holds time for good */
  async #settle(): Promise<void> {
    for (let quiet = 0, turns = 0; quiet < TURNS_TO_SETTLE; quiet++, turns++) {
      await nextTurn();
      if (this.#isHeld()) quiet = -1;
      if (turns > MAX_HELD_TURNS) throw new Error("something holds the clock and never lets go");
    }
  }

  async #wake(timer: Timer): Promise<void> {
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.wake();
    await this.#settle();
  }

  #nextDue(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue;
      if (!next || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order)) next = timer;
    }
    return next;
  }
}
