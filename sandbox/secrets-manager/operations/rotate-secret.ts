import type { RotateSecretResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import type { Model } from "../model.ts";
import { operation } from "../operation.ts";
import { clientRequestToken, secretId } from "../request-fields.ts";
import { scheduleNext } from "../rotation/attempt-record.ts";
import { scheduleOf } from "../schedules/schedule.ts";
import type { Secret } from "../secret.ts";
import { invalidRequest, ServiceError, tokenInUse } from "../service-error.ts";
import { CURRENT, isPendingElsewhere, moveLabel, PENDING, requireWithinLimit } from "../staging-labels.ts";
import { requireRoomForVersion } from "../version-pruning.ts";

const rules = z.object({
  AutomaticallyAfterDays: z.number().int().min(1).max(1000).optional(),
  ScheduleExpression: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[0-9A-Za-z()#?*\-/, ]+$/)
    .optional(),
  Duration: z
    .string()
    .min(2)
    .max(3)
    .regex(/^[0-9]+h$/)
    .optional(),
});

const input = z.object({
  SecretId: secretId,
  ClientRequestToken: clientRequestToken,
  RotationLambdaARN: z.string().max(2048).optional(),
  RotationRules: rules.optional(),
  RotateImmediately: z.boolean().default(true),
});

type Request = z.output<typeof input>;

/**
 * Configures rotation, and starts one (or the test that RotateImmediately=false asks for), which runs after the answer.
 * @throws InvalidRequestException without a function, or while another rotation has not ended; InvalidParameterException
 *   for a schedule or window that AWS does not allow; AccessDeniedException when Secrets Manager cannot invoke the
 *   function; LimitExceededException when there is no room for the label AWSPENDING or the version
 */
export const rotateSecret = operation({
  name: "RotateSecret",
  input,
  async run(model, request): Promise<RotateSecretResponse> {
    if (request.RotationRules) scheduleOf(request.RotationRules);
    const lambdaArn = functionOf(model.store.active(request.SecretId), request);
    await requireInvocable(model, lambdaArn);
    // Time has passed: everything that decides is read now, and nothing waits from here on.
    const secret = model.store.active(request.SecretId);
    requireReady(model, secret, request.ClientRequestToken);
    configure(model, secret, lambdaArn, request);
    return { ARN: secret.arn, Name: secret.name, VersionId: begin(model, secret, request) };
  },
});

function functionOf(secret: Secret, request: Request): string {
  const lambdaArn = request.RotationLambdaARN || secret.rotation?.lambdaArn;
  if (lambdaArn === undefined) throw invalidRequest("No Lambda rotation function ARN is associated with this secret.");
  return lambdaArn;
}

/** AWS gives the same answer for a function that does not exist as for one that it may not invoke. */
async function requireInvocable(model: Model, lambdaArn: string): Promise<void> {
  if ((await model.lambda.mayInvoke(lambdaArn)) === "yes") return;
  throw new ServiceError(
    "AccessDeniedException",
    "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.",
  );
}

function requireReady(model: Model, secret: Secret, token: string): void {
  if (secret.attempt?.state === "running" || isPendingElsewhere(secret.labels)) {
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  }
  requireWithinLimit(moveLabel(secret.labels, PENDING, token));
  requireRoomForVersion(model, secret, token);
  if (secret.versions.has(token)) throw tokenInUse("InvalidParameterException", token, secret.arn);
  if (!model.parameters.rotateEmptySecret && !secret.labels.has(CURRENT)) {
    throw invalidRequest("You can't rotate a secret that has no current value. Put a value first.");
  }
}

/** New rules, and rotation turned on, begin a new period; else the date that was set stays. */
function configure(model: Model, secret: Secret, lambdaArn: string, request: Request): void {
  const { rotation } = secret;
  secret.rotation = {
    lambdaArn,
    rules: request.RotationRules ?? rotation?.rules,
    configuredMs: request.RotationRules || !rotation ? model.clock.now() : rotation.configuredMs,
    enabled: true,
    next: rotation?.next,
    lastMs: rotation?.lastMs,
  };
  if (request.RotationRules || !rotation?.enabled) scheduleNext(model, secret);
  model.store.changed(secret);
}

function begin(model: Model, secret: Secret, request: Request): string {
  const token = request.ClientRequestToken;
  if (!request.RotateImmediately) return model.rotations.startTest(secret, token);
  model.rotations.start(secret, token);
  return token;
}
