import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule/index.js";
import { Construct } from "constructs";
import type { Account } from "./account.ts";
import { functionName } from "./functions.ts";
import { invocation, policyDocument, type Statement, throughService, trustPolicy } from "./policy.ts";
import { roleBounds } from "./role-bounds.ts";
import type { ServiceFunction } from "./service-function.ts";
import type { ServiceSettings } from "./service-settings.ts";

const MINUTE_MS = 60_000;

/** EventBridge Scheduler's expression for an interval of whole minutes. */
export const rateExpression = (intervalMs: number): string => {
  const minutes = intervalMs / MINUTE_MS;
  return `rate(${minutes} ${minutes === 1 ? "minute" : "minutes"})`;
};

/** EventBridge Scheduler reads a schedule with the rights of the schedule's role (AWS: "Encryption at rest"). */
const decryption = (keyArns: readonly string[]): Statement => ({
  Sid: "ReadSchedule",
  Effect: "Allow",
  Action: ["kms:Decrypt"],
  Resource: keyArns,
  Condition: throughService("scheduler"),
});

export interface ReconcileScheduleProps {
  readonly settings: ServiceSettings;
  readonly account: Account;
  readonly reconcile: ServiceFunction;
}

/** What starts reconcile, again and again. */
export class ReconcileSchedule extends Construct {
  readonly schedule: SchedulerSchedule;

  constructor(scope: Construct, id: string, { settings, account, reconcile }: ReconcileScheduleProps) {
    super(scope, id);
    const key = settings.scheduleEncryptionKey;
    const name = functionName(settings.name, "reconcile");
    const role = new IamRole(this, "Role", {
      name: `keyturn-${settings.name}-schedule-${account.region}`,
      description: `Keyturn ${settings.name}: starts reconcile`,
      assumeRolePolicy: trustPolicy("scheduler.amazonaws.com", account.id),
      ...roleBounds(settings),
    });
    const policy = new IamRolePolicy(this, "Policy", {
      name: "keyturn",
      role: role.name,
      policy: policyDocument([invocation([reconcile.function.arn]), decryption(key ? [key.arn] : [])]),
    });
    this.schedule = new SchedulerSchedule(this, "Schedule", {
      name,
      description: `Keyturn ${settings.name}: disable this to pause every scheduled revocation`,
      scheduleExpression: rateExpression(settings.reconcileIntervalMs),
      flexibleTimeWindow: { mode: "OFF" },
      ...(key ? { kmsKeyArn: key.arn } : {}),
      target: { arn: reconcile.function.arn, roleArn: role.arn, input: "{}" },
      dependsOn: [policy],
      // A person who pauses the service disables the schedule; the next deploy must not start it again.
      lifecycle: { ignoreChanges: ["state"] },
    });
  }
}
