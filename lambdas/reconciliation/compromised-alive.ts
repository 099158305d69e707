import { timeText } from "../clock.ts";
import { isCompromised, marks } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { Finding, Life } from "./finding.ts";
import { holdersOf } from "./holders.ts";
import type { Version } from "./version.ts";
import { whereabouts } from "./whereabouts.ts";

/**
 * How long a compromised key may live until somebody is called: several passes, in which a rotation and a common rollout come
 * to their ends.
 */
export const COMPROMISED_ALIVE_MS = 30 * 60_000;

const markedAtMs = (labels: readonly string[]): readonly number[] =>
  [...marks("compromised", labels), ...marks("compromised-first", labels)].map(({ atMs }) => atMs);

/** Since when labels call a key compromised. */
export const markedSinceMs = (labels: readonly string[]): number => Math.min(...markedAtMs(labels));

/** Since when a version's key is marked as compromised, be it on this version, or on another one that holds the same key. */
export const compromisedSinceMs = ({ pass, key, labels, ...version }: Version): number | undefined => {
  const where = whereabouts({ pass, key, labels, ...version });
  const sharing = "key" in where ? holdersOf(pass.observation, key, where.key.id) : [];
  const times = [labels, ...sharing.map((other) => other.labels)].filter(isCompromised).flatMap(markedAtMs);
  return times.length > 0 ? Math.min(...times) : undefined;
};

const calls = (life: Life, sinceMs: number): Life => {
  const why = life.state === "current" ? "it is compromised, and nothing has replaced it yet" : life.reason;
  return { ...life, reason: `${why} (marked ${timeText(sinceMs)})`, metric: METRICS.compromisedAlive };
};

/** Whoever may have a compromised key can use it while it lives: what keeps it too long calls somebody, whatever it is. */
export const callingForCompromised = (version: Version, finding: Finding): Finding => {
  const sinceMs = compromisedSinceMs(version);
  if (sinceMs === undefined || version.pass.observation.nowMs < sinceMs + COMPROMISED_ALIVE_MS) return finding;
  return { ...finding, lives: finding.lives.map((life) => calls(life, sinceMs)) };
};
