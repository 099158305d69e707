import { METRIC_DIMENSION, METRIC_NAMESPACE, type Metric } from "../lambdas/contracts/metrics.ts";

/** A metric as an alarm or a dashboard names it. */
export interface MetricReference {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** A metric that the functions of `service` write. All keys of a service share its metrics; the logs name the key. */
export const serviceMetric = (service: string, metric: Metric): MetricReference => ({
  namespace: METRIC_NAMESPACE,
  metricName: metric,
  dimensions: { [METRIC_DIMENSION]: service },
});
