import type { Clock } from "./clock.ts";
import { METRIC_DIMENSION, METRIC_NAMESPACE, type Metric } from "./contracts/metrics.ts";
import { redactedJson } from "./redacted.ts";

type Facts = Readonly<Record<string, unknown>>;

export interface Log {
  /** Something that was done or decided: one JSON line. `action` is a fixed name, such as `key.minted`. */
  event(action: string, facts?: Facts): void;
  /** Something that failed: one JSON line with the error's name and message. */
  failure(action: string, error: unknown, facts?: Facts): void;
  /** A measurement, as a line in CloudWatch's embedded metric format. */
  metric(metric: Metric, count: number): void;
}

export interface LogOptions {
  readonly write: (line: string) => void;
  readonly clock: Clock;
  readonly service: string;
  readonly requestId: string;
}

const errorFacts = (error: unknown): Facts =>
  error instanceof Error ? { errorType: error.name, errorMessage: error.message } : { errorType: typeof error };

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
        redactedJson({
          _aws: {
            Timestamp: clock.now(),
            CloudWatchMetrics: [
              {
                Namespace: METRIC_NAMESPACE,
                Dimensions: [[METRIC_DIMENSION]],
                Metrics: [{ Name: metric, Unit: "Count" }],
              },
            ],
          },
          [METRIC_DIMENSION]: service,
          [metric]: count,
        }),
      ),
  };
};
