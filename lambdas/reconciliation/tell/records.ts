import { timeText } from "../../clock.ts";
import type { Metric } from "../../contracts/metrics.ts";
import type { Log } from "../../log.ts";
import type { Action } from "../decide/action.ts";
import type { Life } from "../decide/finding.ts";

const counted = <Key extends string>(keys: readonly Key[]): ReadonlyMap<Key, number> => {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
};

/**
 * A key that is current needs no explanation but where it is asked for, or where it calls somebody; one that goes in this pass
 * is told when it has.
 */
const isTold = ({ state, metric }: Life, asked: boolean): boolean =>
  state !== "due" && (asked || state !== "current" || metric !== undefined);

/**
 * Why each live key is alive: one record for each that is not simply current, and one for each connection with the counts
 * of all. The fields are those of the vendors' audit logs where they have them: timestamp, action, keyId.
 * @param asked true when a person asked for some secrets: then their current keys are told, too
 */
export const tellLives = (log: Log, lives: readonly Life[], asked: boolean): void => {
  for (const life of lives.filter((one) => isTold(one, asked))) {
    const { untilMs, createdAtMs, lastUse, metric: _, ...facts } = life;
    log.event("key.lives", {
      ...facts,
      ...(untilMs === undefined ? {} : { until: timeText(untilMs) }),
      ...(createdAtMs === undefined ? {} : { createdAt: timeText(createdAtMs) }),
      ...(lastUse === undefined ? {} : { lastUsedAt: typeof lastUse === "number" ? timeText(lastUse) : lastUse }),
    });
  }
  for (const connection of new Set(lives.map((life) => life.connection))) {
    const states = lives.filter((life) => life.connection === connection).map(({ state }) => state);
    log.event("keys.counted", { connection, ...Object.fromEntries(counted(states)) });
  }
};

/** What needs a person, as one count for each metric. */
export const countAlarming = (log: Log, lives: readonly Life[], actions: readonly Action[]): void => {
  const metrics: Metric[] = [
    ...lives.flatMap(({ metric }) => metric ?? []),
    ...actions.flatMap((action) => (action.kind === "report" && action.metric ? [action.metric] : [])),
  ];
  for (const [metric, count] of counted(metrics)) log.metric(metric, count);
};
