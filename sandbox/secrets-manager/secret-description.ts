import type { DescribeSecretResponse, SecretListEntry } from "@aws-sdk/client-secrets-manager";
import { replicationStatus } from "./replicas.ts";
import type { Secret } from "./secret.ts";
import { stagesByVersion } from "./staging-labels.ts";
import type { Surroundings } from "./surroundings.ts";

/** What DescribeSecret and an entry of ListSecrets have in common. Fields without a value are left out, as AWS does. */
type Description = Omit<DescribeSecretResponse & SecretListEntry, "VersionIdsToStages" | "SecretVersionsToStages">;

const SECOND_MS = 1000;

const dateOf = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));

export function withoutUndefined<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}

function common(secret: Secret, { parameters, region }: Pick<Surroundings, "parameters" | "region">): Description {
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
    PrimaryRegion: secret.replicas.length > 0 ? region : undefined,
  };
}

/** Rules and function stay to be seen when rotation is turned off; the dates do not. */
function rotationOf({ rotation }: Secret): Description {
  if (!rotation) return {};
  const { enabled, lambdaArn, rules, lastMs, next } = rotation;
  // Recorded answers: the last second of the window (days: 23:59:59; 16:00 with 2h: 17:59:59).
  const nextMs = next && next.window.closesMs - SECOND_MS;
  return {
    RotationEnabled: enabled,
    RotationLambdaARN: lambdaArn,
    RotationRules:
      rules && withoutUndefined({ ...rules, AutomaticallyAfterDays: next?.days ?? rules.AutomaticallyAfterDays }),
    ...(enabled ? { LastRotatedDate: dateOf(lastMs), NextRotationDate: dateOf(nextMs) } : {}),
  };
}

export const describeSecret = (secret: Secret, world: Surroundings): DescribeSecretResponse =>
  withoutUndefined({
    ...common(secret, world),
    VersionIdsToStages: stagesByVersion(secret.labels),
    ReplicationStatus: secret.replicas.length > 0 ? replicationStatus(world, secret) : undefined,
  });

export const listEntryOf = (secret: Secret, world: Surroundings): SecretListEntry =>
  withoutUndefined({ ...common(secret, world), SecretVersionsToStages: stagesByVersion(secret.labels) });
