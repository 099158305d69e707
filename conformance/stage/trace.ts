import type { Clock } from "../../lambdas/clock.ts";

export interface Violation {
  /** Which promise: a fixed name. */
  readonly promise: string;
  readonly what: string;
  readonly atMs: number;
}

/** What happened in a life, in order, and what of it broke a promise. */
export class Trace {
  readonly #clock: Clock;
  readonly #lines: string[] = [];
  readonly violations: Violation[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  tell(line: string): void {
    this.#lines.push(`${new Date(this.#clock.now()).toISOString().slice(5, 19)}  ${line}`);
  }

  violation(promise: string, what: string): void {
    if (this.violations.some((one) => one.promise === promise && one.what === what)) return;
    this.violations.push({ promise, what, atMs: this.#clock.now() });
    this.tell(`VIOLATION  ${promise}: ${what}`);
  }

  lines(): readonly string[] {
    return this.#lines;
  }
}
