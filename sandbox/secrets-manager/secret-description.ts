import type { DescribeSecretResponse, SecretListEntry } from "@aws-sdk/client-secrets-manager";
import type { ModelParameters } from "./model-parameters.ts";
import { describedRules } from "./rotation/rotation-rules.ts";
import type { Secret } from "./secret.ts";
import { stagesByVersion } from "./staging-labels.ts";

/** What DescribeSecret and an entry of ListSecrets have in common. Fields without a value are left out, as AWS does. */
type Description = Omit<DescribeSecretResponse & SecretListEntry, "VersionIdsToStages" | "SecretVersionsToStages">;

const dateOf = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));

export function withoutUndefined<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}

function common(secret: Secret, parameters: ModelParameters): Description {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description || undefined,
    KmsKeyId: secret.kmsKeyId,
    ...rotationOf(secret),
    LastChangedDate: dateOf(secret.lastChangedMs),
    LastAccessedDate: dateOf(secret.lastAccessedDayMs),
    DeletedDate: dateOf(parameters.deletedDate === "call" ? secret.deletion?.requestedMs : secret.deletion?.endMs),
    Tags: secret.tags?.map((tag) => ({ ...tag })),
    CreatedDate: dateOf(secret.createdMs),
  };
}

/** Rules and function stay to be seen when rotation is turned off; the dates do not. */
function rotationOf({ rotation }: Secret): Description {
  if (!rotation) return {};
  const { enabled, lambdaArn, rules, lastMs, nextMs } = rotation;
  return {
    RotationEnabled: enabled,
    RotationLambdaARN: lambdaArn,
    RotationRules: rules && withoutUndefined(describedRules(rules)),
    ...(enabled ? { LastRotatedDate: dateOf(lastMs), NextRotationDate: dateOf(nextMs) } : {}),
  };
}

export const describeSecret = (secret: Secret, parameters: ModelParameters): DescribeSecretResponse =>
  withoutUndefined({ ...common(secret, parameters), VersionIdsToStages: stagesByVersion(secret.labels) });

export const listEntryOf = (secret: Secret, parameters: ModelParameters): SecretListEntry =>
  withoutUndefined({ ...common(secret, parameters), SecretVersionsToStages: stagesByVersion(secret.labels) });
