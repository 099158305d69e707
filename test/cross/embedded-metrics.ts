import * as z from "zod";
import type { Attributes } from "../constructs/declare.ts";

/*
 * Reads a log's lines as CloudWatch reads them (AWS: "Specification: Embedded metric format"): the targets of `_aws` must
 * be members of the same line, dimensions texts and metrics numbers, or no metric is made.
 * Leaves out: storage resolution, and what a metric's unit changes.
 */
const MOST_DIMENSIONS = 30;
const MOST_METRICS = 100;
const MOST_VALUES = 100;

const directive = z.object({
  Namespace: z.string().min(1).max(1_024),
  Dimensions: z.array(z.array(z.string()).max(MOST_DIMENSIONS)).min(1),
  Metrics: z.array(z.object({ Name: z.string().min(1), Unit: z.enum(["Count", "Seconds", "None"]) })).max(MOST_METRICS),
});

const embedded = z.looseObject({
  _aws: z.object({ Timestamp: z.int().positive(), CloudWatchMetrics: z.array(directive).min(1) }),
});

/** One value of one metric, as CloudWatch would store it. */
export interface DataPoint {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/** One value, or up to 100 of them. */
const values = z.union([z.number().transform((value) => [value]), z.array(z.number()).min(1).max(MOST_VALUES)]);

const pointsOf = (line: z.output<typeof embedded>): readonly DataPoint[] =>
  line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.flatMap(({ Name }) =>
        values.parse(line[Name]).map((value) => ({
          namespace: Namespace,
          metricName: Name,
          dimensions: Object.fromEntries(names.map((name) => [name, z.string().min(1).parse(line[name])])),
          value,
          atMs: line._aws.Timestamp,
        })),
      ),
    ),
  );

/**
 * The values that CloudWatch would take from these lines; a line without `_aws` is a log line and nothing else.
 * @throws ZodError for a line of which CloudWatch would make no metric
 */
export const dataPoints = (lines: readonly string[]): readonly DataPoint[] =>
  lines
    .map((line): unknown => JSON.parse(line))
    .filter((line) => typeof line === "object" && line !== null && "_aws" in line)
    .flatMap((line) => pointsOf(embedded.parse(line)));

/** Whether an alarm, by its synthesized attributes, watches the metric that the point is of. */
export const watches = (alarm: Attributes, point: DataPoint): boolean =>
  alarm.namespace === point.namespace &&
  alarm.metric_name === point.metricName &&
  JSON.stringify(Object.entries(alarm.dimensions).sort()) === JSON.stringify(Object.entries(point.dimensions).sort());
