import type { APIErrorType, BatchGetSecretValueResponse, SecretValueEntry } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { filters, passes } from "../list-filters.ts";
import type { Model } from "../model.ts";
import { operation } from "../operation.ts";
import { pageOf } from "../pages.ts";
import { nextToken, secretId } from "../request-fields.ts";
import { withoutUndefined } from "../secret-description.ts";
import { invalidParameter, ServiceError } from "../service-error.ts";
import { readValue } from "../value-reading.ts";

const LARGEST_BATCH = 20;

const input = z.object({
  SecretIdList: z.array(secretId).min(1).max(LARGEST_BATCH).optional(),
  Filters: filters.optional(),
  MaxResults: z.number().int().min(1).max(LARGEST_BATCH).optional(),
  NextToken: nextToken.optional(),
});

type Request = z.output<typeof input>;

/**
 * Reads the current values of up to 20 secrets, chosen by id or by filters. What cannot be read is an entry in `Errors`.
 * @throws InvalidParameterException without a choice or with both, InvalidNextTokenException
 */
export const batchGetSecretValue = operation({
  name: "BatchGetSecretValue",
  input,
  run(model, request): BatchGetSecretValueResponse {
    requireOneChoice(request);
    const { ids, next } = request.SecretIdList
      ? { ids: request.SecretIdList, next: undefined }
      : chosen(model, request);
    const values: SecretValueEntry[] = [];
    const errors: APIErrorType[] = [];
    for (const id of ids) readInto(model, id, values, errors);
    return withoutUndefined({ SecretValues: values, NextToken: next, Errors: errors });
  },
});

function requireOneChoice({ SecretIdList: ids, Filters: chosenBy, MaxResults: size, NextToken: token }: Request): void {
  if ((ids === undefined) === (chosenBy === undefined)) {
    throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
  }
  if (ids !== undefined && (size !== undefined || token !== undefined)) {
    throw invalidParameter(
      "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' or 'NextToken' is provided.",
    );
  }
}

function chosen(model: Model, request: Request): { ids: string[]; next: string | undefined } {
  const { page, nextToken: next } = pageOf(model.store.listed(), {
    query: "BatchGetSecretValue",
    placeOf: ({ createdMs, sequence }) => ({ key: createdMs, sequence }),
    isWanted: (secret) => !secret.deletion && passes(secret, request.Filters ?? [], model.region),
    size: request.MaxResults ?? LARGEST_BATCH,
    token: request.NextToken,
  });
  return { ids: page.map(({ arn }) => arn), next };
}

function readInto(model: Model, id: string, values: SecretValueEntry[], errors: APIErrorType[]): void {
  try {
    values.push(readValue(model, model.store.active(id), {}));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    errors.push({ SecretId: id, ErrorCode: error.name, Message: error.message });
  }
}
