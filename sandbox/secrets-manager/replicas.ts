import type { ReplicationStatusType } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { kmsKeyId } from "./request-fields.ts";
import type { Replica, Secret } from "./secret.ts";
import type { SecretStore } from "./secret-store.ts";
import { invalidParameter } from "./service-error.ts";
import type { Surroundings } from "./surroundings.ts";

/** The key of a replica for which none was asked, as answers of AWS name it. */
const DEFAULT_KEY = "alias/aws/secretsmanager";

/** Written from the API model: RegionType. */
export const regionCode = z
  .string()
  .min(1)
  .max(128)
  .regex(/^([a-z]+-)+\d+$/);

/** Written from the API model: AddReplicaRegionListType. */
export const replicaRegions = z.array(z.object({ Region: regionCode, KmsKeyId: kmsKeyId.optional() })).min(1);

type ReplicaRequest = z.output<typeof replicaRegions>[number];

/**
 * The replicas of a secret after `added` were asked for; a Region that has one already begins anew.
 * @throws InvalidParameterException for the primary Region, and for a Region that is named twice
 */
export function withReplicas(
  { region: primary, clock }: Pick<Surroundings, "region" | "clock">,
  present: readonly Replica[],
  added: readonly ReplicaRequest[],
): readonly Replica[] {
  const regions = added.map(({ Region }) => Region);
  if (regions.includes(primary)) throw invalidParameter(`Invalid replica region: ${primary} is the primary Region.`);
  if (new Set(regions).size < regions.length) throw invalidParameter("Invalid replica region: one is named twice.");
  const fresh = added.map(({ Region, KmsKeyId }) => ({
    region: Region,
    kmsKeyId: KmsKeyId || DEFAULT_KEY,
    addedMs: clock.now(),
  }));
  return [...present.filter(({ region }) => !regions.includes(region)), ...fresh];
}

/** The replicas' status as AWS answers it: InProgress, and after `replicationDelayMs` InSync. */
export function replicationStatus(
  { clock, parameters }: Pick<Surroundings, "clock" | "parameters">,
  { replicas }: Pick<Secret, "replicas">,
): ReplicationStatusType[] {
  const syncedBeforeMs = clock.now() - parameters.replicationDelayMs;
  return replicas.map(({ region, kmsKeyId: key, addedMs }) => ({
    Region: region,
    KmsKeyId: key,
    ...(addedMs > syncedBeforeMs
      ? { Status: "InProgress" as const }
      : { Status: "InSync" as const, StatusMessage: "Replication succeeded" }),
  }));
}

/** Gives a secret other replicas. */
export function setReplicas(
  model: { readonly store: SecretStore },
  secret: Secret,
  replicas: readonly Replica[],
): void {
  secret.replicas = replicas;
  model.store.changed(secret);
}
