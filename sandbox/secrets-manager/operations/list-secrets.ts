import type { ListSecretsResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { filters, passes } from "../list-filters.ts";
import { operation } from "../operation.ts";
import { pageOf } from "../pages.ts";
import { maxResults, nextToken } from "../request-fields.ts";
import type { Secret } from "../secret.ts";
import { listEntryOf, withoutUndefined } from "../secret-description.ts";

const SORT_KEYS = {
  "created-date": (secret: Secret) => secret.createdMs,
  "last-accessed-date": (secret: Secret) => secret.lastAccessedDayMs ?? 0,
  "last-changed-date": (secret: Secret) => secret.lastChangedMs,
  name: (secret: Secret) => secret.name,
};

const input = z.object({
  IncludePlannedDeletion: z.boolean().default(false),
  MaxResults: maxResults.optional(),
  NextToken: nextToken.optional(),
  Filters: filters.default([]),
  SortOrder: z.enum(["asc", "desc"]).default("asc"),
  SortBy: z.enum(["created-date", "last-accessed-date", "last-changed-date", "name"]).default("created-date"),
});

/** Lists the secrets of the account, page by page, oldest first unless asked otherwise. @throws InvalidNextTokenException */
export const listSecrets = operation({
  name: "ListSecrets",
  input,
  run(model, request): ListSecretsResponse {
    const { SortBy: sortBy, SortOrder: order } = request;
    const { page, nextToken: next } = pageOf(model.store.listed(), {
      query: `ListSecrets ${sortBy} ${order}`,
      placeOf: (secret) => ({ key: SORT_KEYS[sortBy](secret), sequence: secret.sequence }),
      isWanted: (secret) =>
        (request.IncludePlannedDeletion || !secret.deletion) && passes(secret, request.Filters, model.region),
      descending: order === "desc",
      size: request.MaxResults,
      token: request.NextToken,
    });
    const entries = page.map((secret) => listEntryOf(secret, model));
    return withoutUndefined({ SecretList: entries, NextToken: next });
  },
});
