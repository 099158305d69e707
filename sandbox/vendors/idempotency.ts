import type { Clock } from "../../lambdas/clock.ts";

interface Remembered {
  readonly request: string;
  readonly answer: Response;
  readonly untilMs: number;
}

/** What a repeated Idempotency-Key means: never seen, the first answer again, or the same key on another request. */
export type Recollection =
  | { readonly kind: "new" }
  | { readonly kind: "repeat"; readonly answer: Response }
  | { readonly kind: "conflict" };

/** The answers to requests that carried an Idempotency-Key, kept word for word for `keepMs`, whatever has become of what they speak of. */
export class IdempotencyMemory {
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #remembered = new Map<string, Remembered>();

  constructor(clock: Clock, keepMs: number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
  }

  /** @param request what must be the same in a repeat: path and body */
  recall(idempotencyKey: string, request: string): Recollection {
    const found = this.#remembered.get(idempotencyKey);
    if (!found || found.untilMs <= this.#clock.now()) return { kind: "new" };
    if (found.request !== request) return { kind: "conflict" };
    return { kind: "repeat", answer: found.answer.clone() };
  }

  /** Keeps a success. Errors are not kept: a repeat after one tries again. */
  remember(idempotencyKey: string, request: string, answer: Response): void {
    if (!answer.ok) return;
    const untilMs = this.#clock.now() + this.#keepMs;
    this.#remembered.set(idempotencyKey, { request, answer: answer.clone(), untilMs });
  }
}

/**
 * Does `work` once per Idempotency-Key: a repeat gets the first answer again, the same key on another request gets `conflict`.
 * Without a key the work is always done.
 */
export const onceFor = (
  memory: IdempotencyMemory,
  idempotencyKey: string | undefined,
  request: string,
  work: () => Response,
  conflict: () => Response,
): Response => {
  if (idempotencyKey === undefined) return work();
  const recollection = memory.recall(idempotencyKey, request);
  if (recollection.kind === "repeat") return recollection.answer;
  if (recollection.kind === "conflict") return conflict();
  const answer = work();
  memory.remember(idempotencyKey, request, answer);
  return answer;
};
