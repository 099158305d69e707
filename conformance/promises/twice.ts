import type { Effect } from "../effects/effect.ts";
import type { Life } from "../stage/life.ts";

/**
 * Sees which revocations reconcile asks a healthy vendor for, and tells where several passes asked for the same. The end of a compromised key
 * is urgent: who knows nothing of another one asks for it.
 */
export const watchTwice = (life: Life) => {
  const asked = new Map<string, Set<number>>();
  return {
    note({ by, name, invocation, keyId }: Effect): void {
      if (by !== "reconcile" || name !== "revoke key" || keyId === undefined) return;
      asked.set(keyId, (asked.get(keyId) ?? new Set()).add(invocation));
    },
    judge(): void {
      const { stage, witness } = life;
      for (const [keyId, passes] of asked)
        if (passes.size > 1 && !witness.exceptions.compromised.has(keyId))
          stage.trace.violation(
            "passes that overlap ask for nothing twice",
            `${passes.size} passes asked for the revocation of ${keyId}`,
          );
    },
  };
};
