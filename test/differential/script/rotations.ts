import { FUNCTION_ARN } from "../our-server.ts";
import { create, describeSecret, key, put, type Scenarios, type Step, step, token } from "./step.ts";

const rotates: readonly Step[] = [
  create("rotating"),
  step("CancelRotateSecret", "never configured", key()),
  step("RotateSecret", "no function", key({ ClientRequestToken: token("r") })),
];

const refusesRotations: readonly Step[] = [
  create("refusing rotations"),
  step(
    "RotateSecret",
    "no such function",
    key({ ClientRequestToken: token("r"), RotationLambdaARN: `${FUNCTION_ARN}-none` }),
  ),
  step("RotateSecret", "no such secret", {
    SecretId: "none",
    ClientRequestToken: token("r"),
    RotationLambdaARN: FUNCTION_ARN,
  }),
  step(
    "RotateSecret",
    "0 days",
    key({
      ClientRequestToken: token("s"),
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: { AutomaticallyAfterDays: 0 },
    }),
  ),
  step(
    "RotateSecret",
    "1,001 days",
    key({
      ClientRequestToken: token("s"),
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: { AutomaticallyAfterDays: 1001 },
    }),
  ),
  step(
    "RotateSecret",
    "a function's ARN of 2,049 characters",
    key({ ClientRequestToken: token("s"), RotationLambdaARN: "x".repeat(2049) }),
  ),
  step(
    "RotateSecret",
    "a token of 5 characters",
    key({ ClientRequestToken: "short", RotationLambdaARN: FUNCTION_ARN }),
  ),
  step("CancelRotateSecret", "no such secret", { SecretId: "none" }),
];

const rotatesByFunction: readonly Step[] = [
  create("a function"),
  step(
    "RotateSecret",
    "by a function, every 30 days",
    key({
      ClientRequestToken: token("r"),
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: { AutomaticallyAfterDays: 30 },
    }),
  ),
  describeSecret("after a rotation"),
  step("GetSecretValue", "after a rotation", key()),
  step("RotateSecret", "once more, nothing given but a token", key({ ClientRequestToken: token("s") })),
  describeSecret("after a second rotation"),
  step("CancelRotateSecret", "configured", key()),
  describeSecret("after rotation was turned off"),
];

const rotatesWhilePending: readonly Step[] = [
  create("a pending version"),
  put("a pending value", "p", { VersionStages: ["AWSPENDING"] }),
  step(
    "RotateSecret",
    "a version is pending",
    key({ ClientRequestToken: token("r"), RotationLambdaARN: FUNCTION_ARN }),
  ),
  step(
    "RotateSecret",
    "a schedule that is none",
    key({
      ClientRequestToken: token("s"),
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: { ScheduleExpression: "cron(5 8 * * ? *)" },
    }),
  ),
  step(
    "RotateSecret",
    "two schedules",
    key({
      ClientRequestToken: token("t"),
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: { AutomaticallyAfterDays: 1, ScheduleExpression: "rate(1 day)" },
    }),
  ),
];

/** How rotations are asked for. */
export const rotations: Scenarios = {
  "a rotation has no function": rotates,
  "rotations are refused": refusesRotations,
  "a function rotates": rotatesByFunction,
  "a rotation meets a pending version": rotatesWhilePending,
};
