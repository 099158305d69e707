import type { Clock } from "../lambdas/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly wake: () => void;
}

/** How many turns of the event loop in-process work gets to come to rest before time moves again. */
const TURNS_TO_SETTLE = 4;

const MAX_IDLE_SETTLES = 1_000;

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < TURNS_TO_SETTLE; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/**
 * A clock that moves only when it is told to, for worlds that live in one process.
 * Timers wake in the order of their time, each with the clock standing at exactly that time.
 * Leaves out: work that waits for real I/O (sockets, files) is not waited for between two timers.
 */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  #timers: Timer[] = [];

  /** @param startMs the first time it shows, in milliseconds since the Unix epoch */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
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

  /** Moves time forward by `durationMs`, waking every timer on the way and letting its work come to rest. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    await settle();
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
    await settle();
    for (let idle = 0; !settled; ) {
      const timer = this.#nextDue(Number.POSITIVE_INFINITY);
      idle = timer ? 0 : idle + 1;
      if (idle > MAX_IDLE_SETTLES) throw new Error("the work waits for something that is not on this clock");
      await (timer ? this.#wake(timer) : settle());
    }
    return work;
  }

  async #wake(timer: Timer): Promise<void> {
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.wake();
    await settle();
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
