import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js";
import { Construct } from "constructs";
import { METRICS, type Metric } from "../lambdas/contracts/metrics.ts";
import { serviceMetric } from "./metric.ts";
import type { ArnReference } from "./references.ts";
import type { ServiceFunction } from "./service-function.ts";
import type { ServiceSettings } from "./service-settings.ts";

const FIVE_MINUTES = 300;
const HOUR = 3_600;
const PASSES_MISSED = 3;

export interface AlarmsProps {
  readonly settings: ServiceSettings;
  readonly topic: ArnReference;
  readonly functions: readonly ServiceFunction[];
}

type AlarmConfig = Omit<CloudwatchMetricAlarmConfig, "alarmName" | "alarmActions">;

/** Raised when something happened at all. Nothing written means that nothing happened. */
const happened = {
  comparisonOperator: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  evaluationPeriods: 1,
  treatMissingData: "notBreaching",
} as const;

/** Failures, as they come. */
const failures: Pick<AlarmConfig, "statistic" | "period"> = { statistic: "Sum", period: FIVE_MINUTES };

/**
 * What a pass of reconcile finds, and finds again while it lasts. An organization is listed hourly at least, so that
 * the alarm stays up between two looks.
 */
const finding = (settings: ServiceSettings): Pick<AlarmConfig, "statistic" | "period"> => ({
  statistic: "Maximum",
  period: Math.max(HOUR, settings.reconcileIntervalMs / 1_000),
});

const alarmConfigs = ({ settings, functions }: AlarmsProps): Readonly<Record<string, AlarmConfig>> => {
  const metric = (name: Metric) => {
    const { dimensions, ...rest } = serviceMetric(settings.name, name);
    return { ...rest, dimensions: { ...dimensions } };
  };
  const errors = functions.map((one): [string, AlarmConfig] => [
    `errors-${one.name}`,
    {
      ...happened,
      ...failures,
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: one.function.functionName },
      alarmDescription: `The function ${one.name} failed, ran out of time or was killed. Its log says why.`,
    },
  ]);
  return {
    "rotation-failed": {
      ...happened,
      ...failures,
      ...metric(METRICS.rotationFailed),
      alarmDescription: "A step of a rotation failed. The log of rotate or manage names the key and the reason.",
    },
    "retirement-blocked": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.retirementBlocked),
      alarmDescription:
        "An old generation is past its deadline and still has a reason to stay: reconcile's log names it.",
    },
    "strays-held": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.straysHeld),
      alarmDescription:
        "The vendor has keys with a name of this service that nobody accounts for: reconcile's log names them.",
    },
    "revoke-by-hand": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.revokeByHand),
      alarmDescription: "A key must be revoked by hand at the vendor: reconcile's log has its Key ID.",
    },
    "requests-refused": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.requestsRefused),
      alarmDescription: "A secret's tags ask for what the service does not grant, or cannot be read: the log names it.",
    },
    "reconcile-silent": {
      ...metric(METRICS.reconcileCompleted),
      statistic: "Sum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      period: settings.reconcileIntervalMs / 1_000,
      evaluationPeriods: PASSES_MISSED,
      treatMissingData: "breaching",
      alarmDescription: "Reconcile has not come to its end lately: it fails, or its schedule is disabled.",
    },
    ...Object.fromEntries(errors),
  };
};

/** The alarms of a service, all to one topic. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    for (const [name, config] of Object.entries(alarmConfigs(props)))
      new CloudwatchMetricAlarm(this, name, {
        ...config,
        alarmName: `keyturn-${props.settings.name}-${name}`,
        alarmActions: [props.topic.arn],
      });
  }
}
