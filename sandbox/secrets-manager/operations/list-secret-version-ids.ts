import type { ListSecretVersionIdsResponse, SecretVersionsListEntry } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { pageOf } from "../pages.ts";
import { maxResults, nextToken, secretId } from "../request-fields.ts";
import type { Secret, SecretVersion } from "../secret.ts";
import { withoutUndefined } from "../secret-description.ts";
import { stagesOf } from "../staging-labels.ts";
import { pruneVersions } from "../version-pruning.ts";

/** What AWS calls its own key, aws/secretsmanager, in this answer. */
const DEFAULT_KEY = "DefaultEncryptionKey";

/** Lists the versions of a secret, oldest first; those without label only when asked to. @throws InvalidNextTokenException */
export const listSecretVersionIds = operation({
  name: "ListSecretVersionIds",
  input: z.object({
    SecretId: secretId,
    MaxResults: maxResults.optional(),
    NextToken: nextToken.optional(),
    IncludeDeprecated: z.boolean().default(false),
  }),
  run(model, request): ListSecretVersionIdsResponse {
    const secret = model.store.required(request.SecretId);
    pruneVersions(model, secret);
    const labelled = new Set(secret.labels.values());
    const { page, nextToken: next } = pageOf([...secret.versions.values()], {
      query: `ListSecretVersionIds ${secret.arn}`,
      placeOf: ({ createdMs, sequence }) => ({ key: createdMs, sequence }),
      isWanted: ({ id }) => request.IncludeDeprecated || labelled.has(id),
      size: request.MaxResults,
      token: request.NextToken,
    });
    const versions = page.map((version) => entryOf(secret, version));
    return withoutUndefined({ Versions: versions, NextToken: next, ARN: secret.arn, Name: secret.name });
  },
});

function entryOf({ labels }: Secret, version: SecretVersion): SecretVersionsListEntry {
  const stages = stagesOf(labels, version.id);
  const { lastAccessedDayMs: accessedMs } = version;
  return withoutUndefined({
    VersionId: version.id,
    VersionStages: stages.length > 0 ? stages : undefined,
    LastAccessedDate: accessedMs === undefined ? undefined : new Date(accessedMs),
    CreatedDate: new Date(version.createdMs),
    KmsKeyIds: [version.kmsKeyId ?? DEFAULT_KEY],
  });
}
