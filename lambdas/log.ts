import type { Clock } from "./clock.ts";
import {
  CONNECTION_DIMENSION,
  MEASUREMENTS,
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  type Measurement,
  type Metric,
} from "./contracts/metrics.ts";
import { redactedJson } from "./redacted.ts";

type Facts = Readonly<Record<string, unknown>>;

export interface Log {
  /** Something that was done or decided: one JSON line. `action` is a fixed name, such as `key.minted`. */
  event(action: string, facts?: Facts): void;
  /** Something that failed: one JSON line with the error's name and message. */
  failure(action: string, error: unknown, facts?: Facts): void;
  /** A count, as a line in CloudWatch's embedded metric format. */
  metric(metric: Metric, count: number): void;
  /** Measurements of a vendor connection, as one such line; at most 100 values of each. */
  measure(connection: string, values: Readonly<Partial<Record<Measurement, readonly number[]>>>): void;
}

export interface LogOptions {
  readonly write: (line: string) => void;
  readonly clock: Clock;
  readonly service: string;
  readonly requestId: string;
}

const errorFacts = (error: unknown): Facts =>
  error instanceof Error ? { errorType: error.name, errorMessage: error.message } : { errorType: typeof error };

/** A line in the embedded metric format (CloudWatch: "Specification: Embedded metric format"). */
const embedded = (clock: Clock, dimensions: readonly string[], metrics: readonly object[], values: object): string =>
  redactedJson({
    _aws: {
      Timestamp: clock.now(),
      CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [dimensions], Metrics: metrics }],
    },
    ...values,
  });

/** A log whose every line has passed the one redaction. */
export const createLog = ({ write, clock, service, requestId }: LogOptions): Log => {
  const line = (level: "info" | "error", action: string, facts: Facts): void =>
    write(
      redactedJson({ timestamp: new Date(clock.now()).toISOString(), level, action, service, requestId, ...facts }),
    );
  return {
    event: (action, facts = {}) => line("info", action, facts),
    failure: (action, error, facts = {}) => line("error", action, { ...errorFacts(error), ...facts }),
    metric: (metric, count) =>
      write(
        embedded(clock, [METRIC_DIMENSION], [{ Name: metric, Unit: "Count" }], {
          [METRIC_DIMENSION]: service,
          [metric]: count,
        }),
      ),
    measure: (connection, values) => {
      const known = (Object.entries(values) as [Measurement, readonly number[]][]).filter(([, all]) => all.length > 0);
      const metrics = known.map(([of]) => ({ Name: MEASUREMENTS[of].name, Unit: MEASUREMENTS[of].unit }));
      const dimensions = { [METRIC_DIMENSION]: service, [CONNECTION_DIMENSION]: connection };
      const measured = Object.fromEntries(known.map(([of, all]) => [MEASUREMENTS[of].name, all]));
      if (known.length > 0) write(embedded(clock, Object.keys(dimensions), metrics, { ...dimensions, ...measured }));
    },
  };
};
