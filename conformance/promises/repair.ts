import type { Life } from "../stage/life.ts";
import { MINUTE_MS, RECONCILE_MS, REPORTING_MS, SKEW_MS } from "../stage/settings.ts";

/** Measurements are written for a connection whenever it was listed. */
const listedAtMs = (line: string, connection: string): number | undefined => {
  const written: { Connection?: unknown; _aws?: { Timestamp: number } } = JSON.parse(line);
  return written.Connection === connection ? written._aws?.Timestamp : undefined;
};

const toldAtMs = (line: string, keyId: string): number | undefined => {
  const said: { action?: unknown; keyId?: unknown; timestamp?: string } = JSON.parse(line);
  return said.action === "key.dead" && said.keyId === keyId ? Date.parse(said.timestamp ?? "") : undefined;
};

/** A pass that was under way when a key was revoked may have listed it before. */
const PROMISE = "a dead key is told in the pass that sees it, and replaced within two";
const UNDER_WAY_MS = 2 * MINUTE_MS;

/** A key that became current a moment ago may not be listed as it is: so long nothing is concluded from that. */
const YOUNG_MS = REPORTING_MS + SKEW_MS + MINUTE_MS;

/** Sees which key is current, and judges whether one that a person revoked while it was current was told and replaced in time. */
export const watchRepairs = (life: Life) => {
  const currentSince = new Map<string, number>();
  const note = (): void => {
    const keyId = life.witness.currentKeyId;
    if (keyId !== undefined && !currentSince.has(keyId)) currentSince.set(keyId, life.stage.clock.now());
  };
  note();

  /** What of it did not hold. */
  const late = (): string | undefined => {
    note();
    const { stage, witness } = life;
    if (stage.killedAt() !== undefined || witness.exceptions.newKeysFail) return undefined;
    const lines = stage.seen.filter((line) => line.startsWith("{"));
    for (const [keyId, revokedMs] of witness.exceptions.revokedByHand) {
      const sinceMs = currentSince.get(keyId);
      const wasCurrent = [...currentSince].findLast(([, ms]) => ms <= revokedMs)?.[0] === keyId;
      if (sinceMs === undefined || !wasCurrent || witness.exceptions.revokedUnseen.has(keyId)) continue;
      const seenMs = lines
        .flatMap((line) => listedAtMs(line, stage.vendor) ?? [])
        .find((ms) => ms > Math.max(revokedMs + UNDER_WAY_MS, sinceMs + YOUNG_MS));
      const replacedMs = [...currentSince.values()].find((ms) => ms > revokedMs);
      if (seenMs === undefined || (replacedMs !== undefined && replacedMs <= seenMs)) continue;
      const told = lines.flatMap((line) => toldAtMs(line, keyId) ?? []).some((ms) => ms <= seenMs + RECONCILE_MS);
      if (!told) return `${keyId} is dead, and the pass that listed its vendor did not tell`;
      if (replacedMs === undefined || replacedMs > seenMs + 3 * RECONCILE_MS)
        return `${keyId} is dead, and was not replaced before the third pass`;
    }
    return undefined;
  };

  return {
    note,
    judge(): void {
      const what = late();
      if (what !== undefined) life.stage.trace.violation(PROMISE, what);
    },
  };
};
