import type { SecretValueEntry } from "@aws-sdk/client-secrets-manager";
import type { Model } from "./model.ts";
import type { Labels, Secret, SecretVersion } from "./secret.ts";
import { dayOf } from "./secret-values.ts";
import { invalidRequest, notFound } from "./service-error.ts";
import { CURRENT, stagesOf } from "./staging-labels.ts";

/** Which version of a secret to read: by id, by staging label, or the current one. */
export interface ValueRequest {
  readonly VersionId?: string | undefined;
  readonly VersionStage?: string | undefined;
}

/**
 * Reads a value of a secret that is not marked for deletion, and marks the access.
 * @throws ResourceNotFoundException when there is no such version, or it has no value yet; InvalidRequestException when
 *   both ways are given and the version does not have the label
 */
export function readValue(model: Model, secret: Secret, request: ValueRequest): SecretValueEntry {
  const labels = request.VersionId === undefined ? model.store.seenLabels(secret) : secret.labels;
  const version = findVersion(secret, labels, request);
  if (!version?.value) throw valueNotFound(request);
  markAccess(model, secret, version);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...("string" in version.value
      ? { SecretString: version.value.string }
      : { SecretBinary: Uint8Array.from(version.value.binary) }),
    VersionStages: stagesOf(labels, version.id),
    CreatedDate: new Date(version.createdMs),
  };
}

function findVersion(secret: Secret, labels: Labels, request: ValueRequest): SecretVersion | undefined {
  const { VersionId: id, VersionStage: stage } = request;
  if (id === undefined) return secret.versions.get(labels.get(stage ?? CURRENT) ?? "");
  const version = secret.versions.get(id);
  if (version && stage !== undefined && labels.get(stage) !== id) {
    throw invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.");
  }
  return version;
}

const valueNotFound = ({ VersionId: id, VersionStage: stage }: ValueRequest) =>
  notFound(
    `Secrets Manager can't find the specified secret value for ${
      id === undefined ? `staging label: ${stage ?? CURRENT}` : `VersionId: ${id}`
    }`,
  );

function markAccess(model: Model, secret: Secret, version: SecretVersion): void {
  const today = dayOf(model.clock.now());
  secret.lastAccessedDayMs = today;
  version.lastAccessedDayMs = today;
}
