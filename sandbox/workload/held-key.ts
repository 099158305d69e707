import type { Clock } from "../../lambdas/clock.ts";
import type { SecretValue } from "../../lambdas/contracts/secret-value.ts";

export interface HeldKeyOptions {
  readonly clock: Clock;
  /** Reads the current value of the secret. */
  readonly read: () => Promise<Pick<SecretValue, "apiKey" | "keyId">>;
  /** How long the value that was just read is used, in milliseconds: drawn anew for each. */
  readonly holdMs: () => number;
}

/** A key that is read from its secret, and read again after a time that nobody can foresee. */
export interface HeldKey {
  key(): Promise<string>;
  /** Which key is held and since when, for whoever has to explain a failure. Never its value. */
  description(): string;
}

export const createHeldKey = ({ clock, read, holdMs }: HeldKeyOptions): HeldKey => {
  let held: { value: Pick<SecretValue, "apiKey" | "keyId">; readAtMs: number; untilMs: number } | undefined;
  return {
    async key() {
      if (!held || clock.now() >= held.untilMs) {
        const readAtMs = clock.now();
        held = { value: await read(), readAtMs, untilMs: readAtMs + holdMs() };
      }
      return held.value.apiKey.reveal();
    },
    description() {
      if (!held) return "no key yet";
      return `${held.value.keyId}, read ${Math.round((clock.now() - held.readAtMs) / 1_000)} s before`;
    },
  };
};
