import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js";
import { Construct } from "constructs";
import { METRICS, type Metric } from "../lambdas/contracts/metrics.ts";
import { FUNCTIONS } from "./functions.ts";
import { serviceMetric } from "./metric.ts";
import type { ArnReference } from "./references.ts";
import type { ServiceFunction } from "./service-function.ts";
import type { ServiceSettings } from "./service-settings.ts";

/** All in seconds, as CloudWatch counts. */
const HOUR = 3_600;
const PASSES_MISSED = 3;

export interface AlarmsProps {
  readonly settings: ServiceSettings;
  readonly topic: ArnReference;
  readonly functions: readonly ServiceFunction[];
}

type Named = readonly [name: string, config: AlarmConfig];

type AlarmConfig = Omit<CloudwatchMetricAlarmConfig, "alarmName" | "alarmActions">;

type Timing = Pick<AlarmConfig, "period" | "evaluationPeriods" | "datapointsToAlarm">;

/** Raised when something happened at all. Nothing written means that nothing happened. */
const happened = {
  statistic: "Sum",
  comparisonOperator: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  treatMissingData: "notBreaching",
} as const;

const intervalSeconds = (settings: ServiceSettings): number => settings.reconcileIntervalMs / 1_000;

/**
 * Failures, as they come. An alarm looks at its last period each minute, so that a long one is raised as soon as a short
 * one, and stays up while AWS tries again within minutes. With a short one every try would call somebody anew.
 */
const failures: Timing = { period: HOUR, evaluationPeriods: 1 };

/**
 * What a pass of reconcile finds, and finds again while it lasts: at each pass, every quarter of an hour, or about
 * hourly, which with the way that passes fall can be an hour and half an interval apart. One of two periods keeps the
 * alarm up between two looks; with one alone it would go off and on with every look.
 */
const finding = (settings: ServiceSettings): Timing => ({
  period: Math.max(HOUR, intervalSeconds(settings)),
  evaluationPeriods: 2,
  datapointsToAlarm: 1,
});

/** How long tags and grants.json may differ in a deploy, which changes one after the other. */
const DEPLOY_SECONDS = 15 * 60;
const DAY = 24 * HOUR;
const MINUTE = 60;

/**
 * Tags that ask for what is not granted, which every pass tells: so many passes that they do so for a quarter of an hour. Periods so short
 * that no two passes share one, over as long as these passes take, the minute included that one may be late.
 */
const mismatch = (settings: ServiceSettings): Timing => {
  const interval = intervalSeconds(settings);
  const passes = Math.max(2, Math.ceil(DEPLOY_SECONDS / interval) + 1);
  const window = passes * interval + 2 * MINUTE;
  // CloudWatch takes a day of periods below an hour.
  const period = window <= DAY ? MINUTE : HOUR;
  return { period, evaluationPeriods: Math.ceil(window / period), datapointsToAlarm: passes };
};

/**
 * Targets: two looks that failed. They are looked at in every pass for an hour after a change, so that a value which does not
 * arrive calls somebody within two passes; else about hourly, so that two looks lie within this window, and a third one before
 * the first leaves it. A cluster that was away at a single look calls nobody (docs/decisions/0038).
 */
const twoLooks = (settings: ServiceSettings): Timing => {
  const period = intervalSeconds(settings);
  return {
    period,
    evaluationPeriods: Math.ceil((2 * Math.max(HOUR, period)) / period) + 2,
    datapointsToAlarm: 2,
  };
};

/**
 * Silence: three passes missed, and at short intervals longer than a pass may take, since the passes of one slow minute
 * all come to their ends late.
 */
const silence = (settings: ServiceSettings): Timing => {
  const period = intervalSeconds(settings);
  const longestPass = Math.ceil((FUNCTIONS.reconcile.timeoutSeconds + period) / period);
  return { period, evaluationPeriods: Math.max(PASSES_MISSED, longestPass + 1) };
};

const metricOf = (settings: ServiceSettings, name: Metric) => {
  const { dimensions, ...rest } = serviceMetric(settings.name, name);
  return { ...rest, dimensions: { ...dimensions } };
};

const errorsOf = (settings: ServiceSettings, one: ServiceFunction): Named => [
  `errors-${one.name}`,
  {
    ...happened,
    // Reconcile fails at every pass while something is wrong; the others when they are called.
    ...(one.name === "reconcile" ? finding(settings) : failures),
    namespace: "AWS/Lambda",
    metricName: "Errors",
    dimensions: { FunctionName: one.function.functionName },
    alarmDescription: `The function ${one.name} failed, ran out of time or was killed. Its log says why.`,
  },
];

const targetsFailed = (settings: ServiceSettings): Named => [
  "targets-failed",
  {
    ...happened,
    ...twoLooks(settings),
    ...metricOf(settings, METRICS.targetsFailed),
    alarmDescription:
      "At two looks a target could not be reached, or needs somebody: a right, a pod that does not start. distribute's log names it.",
  },
];

const alarmConfigs = ({ settings, functions }: AlarmsProps): Readonly<Record<string, AlarmConfig>> => {
  const metric = (name: Metric) => metricOf(settings, name);
  return {
    "rotation-failed": {
      ...happened,
      ...failures,
      ...metric(METRICS.rotationFailed),
      alarmDescription: "A step of a rotation failed. The log of rotate names the key and the reason.",
    },
    "current-key-dead": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.currentKeyDead),
      alarmDescription:
        "A vendor refuses a current key: whoever uses it, fails. A new one is on its way, unless it was destroyed; reconcile's log names the key.",
    },
    "rotation-overdue": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.rotationOverdue),
      alarmDescription:
        "A rotation is past its date and none was under way: reconcile started one, and its log names it.",
    },
    "drift-found": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.driftFound),
      alarmDescription:
        "Something is not as declared and only a person can set it right: reconcile's log says what (drift.found, secret.deleted-while-claimed).",
    },
    "retirement-blocked": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.retirementBlocked),
      alarmDescription:
        "An old generation is past its deadline and still has a reason to stay: reconcile's log names it.",
    },
    "compromised-alive": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.compromisedAlive),
      alarmDescription:
        "A key that is no secret any more still lives half an hour after it was marked: reconcile's log says what keeps it.",
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
      alarmDescription: "A key must be revoked by hand at the vendor: the log of reconcile or manage has its Key ID.",
    },
    "listing-not-whole": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.listingNotWhole),
      alarmDescription:
        "A vendor's list of keys lacks keys that work, again and again: what it lacks counts for nothing, and scheduled rotations wait. Reconcile's log names the connection and the keys (listing.not-whole).",
    },
    "wrong-organization": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.wrongOrganization),
      alarmDescription:
        "A connection's admin key is of another organization than its keys: nothing is minted or revoked there. Put the right admin key back; the log names the connection (organization.wrong).",
    },
    "use-not-understood": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.useNotUnderstood),
      alarmDescription:
        "What a vendor says of the last use of keys is not understood, so that replaced keys are kept: reconcile's log names them (use.not-understood).",
    },
    "deaths-doubted": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.deathsDoubted),
      alarmDescription:
        "A vendor refuses many current keys at once: one is replaced first, and the others when that helps. Reconcile's log names them, and how to replace all (deaths.doubted).",
    },
    "key-expires": {
      ...happened,
      ...finding(settings),
      ...metric(METRICS.keyExpires),
      alarmDescription:
        "A current key ends by itself at its vendor: it is replaced before, where its rotation is on. Reconcile's log names it (key.expires).",
    },
    "requests-refused": {
      ...happened,
      ...mismatch(settings),
      ...metric(METRICS.requestsRefused),
      alarmDescription:
        "For a quarter of an hour a secret's tags ask for what the service does not grant, or for less than it grants, or cannot be read: the log names it (request.refused, request.raised).",
    },
    "reconcile-silent": {
      ...silence(settings),
      ...metric(METRICS.reconcileCompleted),
      statistic: "Sum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      treatMissingData: "breaching",
      alarmDescription:
        "Reconcile has not come to its end lately: it fails, its schedule is disabled, or it was just deployed.",
    },
    ...Object.fromEntries(functions.map((one) => errorsOf(settings, one))),
  };
};

/** The alarms of a service, all to one topic. */
export class Alarms extends Construct {
  readonly #props: AlarmsProps;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#props = props;
    for (const named of Object.entries(alarmConfigs(props))) this.#add(named);
  }

  /** Adds those of a service that has targets. */
  watchTargets(distribute: ServiceFunction): void {
    this.#add(targetsFailed(this.#props.settings));
    this.#add(errorsOf(this.#props.settings, distribute));
  }

  #add([name, config]: Named): void {
    const { settings, topic } = this.#props;
    new CloudwatchMetricAlarm(this, name, {
      ...config,
      alarmName: `keyturn-${settings.name}-${name}`,
      alarmActions: [topic.arn],
    });
  }
}
