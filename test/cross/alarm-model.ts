import type { Attributes } from "../constructs/declare.ts";
import { type DataPoint, watches } from "./embedded-metrics.ts";

/*
 * When an alarm is up: CloudWatch's evaluation of an alarm on one metric, with a sliding window (AWS: "Alarm evaluation",
 * "Alarm evaluation window"), once a minute.
 * Leaves out: INSUFFICIENT_DATA, the delay until a value can be seen, values older than the window, which CloudWatch may
 * use in place of missing ones, and that alarms over more than a day are evaluated once an hour.
 */
export type State = "ALARM" | "OK";

const MINUTE_MS = 60_000;

const STATISTICS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Maximum: (values) => Math.max(...values),
};

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

const known = <Value>(table: Readonly<Record<string, Value>>, name: string): Value => {
  const found = table[name];
  if (found === undefined) throw new Error(`this model of an alarm does not know ${name}`);
  return found;
};

const isBreaching = (alarm: Attributes, points: readonly DataPoint[], fromMs: number, toMs: number): boolean => {
  const values = points.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ value }) => value);
  if (values.length === 0) return known({ breaching: true, notBreaching: false }, alarm.treat_missing_data);
  return known(COMPARISONS, alarm.comparison_operator)(known(STATISTICS, alarm.statistic)(values), alarm.threshold);
};

/** The state that an alarm has at `atMs` when these values were written. */
export const stateAt = (alarm: Attributes, points: readonly DataPoint[], atMs: number): State => {
  const own = points.filter((point) => watches(alarm, point));
  const periodMs = alarm.period * 1_000;
  const breaching = Array.from({ length: alarm.evaluation_periods }, (_, n) =>
    isBreaching(alarm, own, atMs - (n + 1) * periodMs, atMs - n * periodMs),
  ).filter(Boolean).length;
  return breaching >= (alarm.datapoints_to_alarm ?? alarm.evaluation_periods) ? "ALARM" : "OK";
};

export interface Change {
  readonly state: State;
  readonly atMs: number;
}

/** Every change of an alarm's state between two times, each one a call to somebody. The first entry is its first state. */
export const changes = (
  alarm: Attributes,
  points: readonly DataPoint[],
  fromMs: number,
  toMs: number,
): readonly Change[] => {
  const found: Change[] = [];
  const own = points.filter((point) => watches(alarm, point));
  for (let atMs = fromMs; atMs <= toMs; atMs += MINUTE_MS) {
    const state = stateAt(alarm, own, atMs);
    if (found.at(-1)?.state !== state) found.push({ state, atMs });
  }
  return found;
};
