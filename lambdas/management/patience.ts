import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";

/** IAM: "changes … are eventually consistent". A first deploy invokes `manage` seconds after it made its role. */
const IAM_SETTLES_MS = 30_000;
const PAUSE_MS = 3_000;

const isDenied = (error: unknown): boolean =>
  (error instanceof KeyturnError && error.code === "ACCESS_DENIED") ||
  (error instanceof Error && error.name === "AccessDeniedException");

/** Repeats what may be repeated while the function's own rights may not have spread yet. */
export const untilRightsHaveSpread = async <Answer>(
  { clock, remainingMs, log }: Pick<Invocation, "clock" | "remainingMs" | "log">,
  work: () => Promise<Answer>,
): Promise<Answer> => {
  for (const endMs = clock.now() + IAM_SETTLES_MS; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!isDenied(error) || clock.now() >= endMs || remainingMs() < 2 * PAUSE_MS) throw error;
      log.failure("rights.not-spread", error);
      await clock.sleep(PAUSE_MS);
    }
  }
};
