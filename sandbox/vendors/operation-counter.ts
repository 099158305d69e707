import type { Operation } from "./hostility.ts";
import type { OperationCount } from "./simulator.ts";

/** How often each operation was called, in the order of first calls. */
export class OperationCounter {
  readonly #counts = new Map<Operation, number>();

  count(operation: Operation): void {
    this.#counts.set(operation, (this.#counts.get(operation) ?? 0) + 1);
  }

  counts(): readonly OperationCount[] {
    return [...this.#counts].map(([operation, count]) => ({ operation, count }));
  }
}
