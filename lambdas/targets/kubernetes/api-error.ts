import { read } from "../../contracts/read.ts";
import { redactText } from "../../redacted.ts";
import { TargetError } from "../target-error.ts";
import { type StatusObject, statusObject } from "./objects.ts";
import { type ObjectPath, ruleText, type Verb } from "./rules.ts";
import type { ClusterAnswer } from "./transport.ts";

/** What was asked of an API server, as far as an error has to say it. */
export interface Asked {
  readonly object: ObjectPath;
  /** The rights that it takes. */
  readonly verbs: readonly Verb[];
}

/** Another field manager holds fields that were to be applied. */
export class FieldConflict extends Error {
  /** Paths such as `.data.api-key`. */
  readonly fields: readonly string[];

  constructor(fields: readonly string[]) {
    super(`held by other field managers: ${fields.join(", ")}`);
    this.fields = fields;
  }
}

/** "secrets web/pictify-credentials" */
export const objectText = ({ resource, namespace, name }: ObjectPath): string =>
  `${resource} ${namespace}${name === "" ? "" : `/${name}`}`;

const EMPTY = read(statusObject, {}, "an empty Status");

/** The Status in an answer's body; an empty one where a proxy answered, or nothing. */
const statusIn = ({ body }: ClusterAnswer): StatusObject => {
  try {
    return statusObject.parse(JSON.parse(body.reveal()));
  } catch {
    return EMPTY;
  }
};

const hasCause = (status: StatusObject, reason: string): boolean =>
  status.details.causes.some((cause) => cause.reason === reason);

const retryAfterMs = ({ retryAfter }: ClusterAnswer, status: StatusObject): number | undefined => {
  const seconds = Number(retryAfter ?? status.details.retryAfterSeconds ?? Number.NaN);
  return Number.isNaN(seconds) ? undefined : seconds * 1_000;
};

/** True for the 404 of an object that is not there, and not of its kind or its namespace. */
export const isObjectMissing = (answer: ClusterAnswer, { name }: ObjectPath): boolean => {
  if (answer.status !== 404) return false;
  const { kind, name: missing } = statusIn(answer).details;
  return missing === name && kind !== "namespaces";
};

const missing = (status: StatusObject, object: ObjectPath): TargetError => {
  if (status.details.kind === "namespaces")
    return new TargetError(
      "NOT_FOUND",
      `the cluster has no namespace ${object.namespace}; create it, or declare another one`,
    );
  const kind = `${object.resource} of ${object.group || "the core group"}/${object.version}`;
  const install =
    object.group === "external-secrets.io" ? "; install the External Secrets Operator, 0.17 or later" : "";
  return new TargetError("NOT_FOUND", `the cluster knows no ${kind}${install}`);
};

const said = (status: StatusObject): string =>
  status.message === "" ? "" : ` (${redactText(status.message).slice(0, 300)})`;

/** How an API server words that an authorizer said no; all else that it forbids an admission did: a quota, a policy, a webhook. */
const LACKS_RIGHT = /\bcannot \S+ resource\b/;

const forbidden = (status: StatusObject, { object, verbs }: Asked): TargetError => {
  if (hasCause(status, "NamespaceTerminating"))
    return new TargetError("NOT_FOUND", `the namespace ${object.namespace} is being deleted`);
  if (status.message !== "" && !LACKS_RIGHT.test(status.message))
    return new TargetError("INVALID", `the API server refuses ${objectText(object)}: 403${said(status)}`);
  return new TargetError(
    "FORBIDDEN",
    `the right to ${verbs.join(" and ")} ${objectText(object)} is missing: add ${ruleText(object, verbs)}, and bind it to who Keyturn is there`,
  );
};

const conflict = (status: StatusObject, { object }: Asked): Error => {
  const fields = status.details.causes
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ field }) => field);
  if (fields.length > 0) return new FieldConflict(fields);
  return new TargetError("CHANGED", `${objectText(object)} was changed at the same moment`);
};

/**
 * What an answer other than a success means. The one place where the API server's statuses are given a meaning.
 * @returns the error to throw
 */
export const errorOf = (answer: ClusterAnswer, asked: Asked): Error => {
  const status = statusIn(answer);
  const what = objectText(asked.object);
  switch (answer.status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return new TargetError("INVALID", `the API server refuses ${what}: ${answer.status}${said(status)}`);
    case 401:
      return new TargetError("UNAUTHORIZED", "the cluster does not take the credentials that Keyturn has for it");
    case 403:
      return forbidden(status, asked);
    case 404:
      return missing(status, asked.object);
    case 409:
      return conflict(status, asked);
    case 429:
      return new TargetError("RATE_LIMITED", `the API server has too many requests to answer for ${what}`, {
        retryAfterMs: retryAfterMs(answer, status),
      });
    default:
      if (answer.status >= 500)
        return new TargetError("UNAVAILABLE", `the API server answered ${answer.status} for ${what}${said(status)}`, {
          retryAfterMs: retryAfterMs(answer, status),
        });
      return new TargetError("FAILED", `the API server answered ${answer.status} for ${what}${said(status)}`);
  }
};
