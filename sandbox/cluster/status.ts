import { Redacted } from "../../lambdas/redacted.ts";
import type { ClusterAnswer } from "../../lambdas/targets/kubernetes/transport.ts";
import type { Conflict } from "./field-owners.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Place } from "./object-store.ts";

/* Answers of the API server, those that are no success in the form of the API conventions ("Response Status Kind"). */
export const answerOf = (status: number, body: JsonObject): ClusterAnswer => ({
  status,
  retryAfter: undefined,
  body: new Redacted(JSON.stringify(body)),
});

const failure = (code: number, reason: string, message: string, details: JsonObject = {}): ClusterAnswer =>
  answerOf(code, { kind: "Status", apiVersion: "v1", status: "Failure", message, reason, details, code });

const about = ({ resource, name }: Place): JsonObject => ({ name, kind: resource });

export const notFound = (place: Place): ClusterAnswer =>
  failure(404, "NotFound", `${place.resource} "${place.name}" not found`, about(place));

export const namespaceNotFound = ({ namespace }: Place): ClusterAnswer =>
  failure(404, "NotFound", `namespaces "${namespace}" not found`, { name: namespace, kind: "namespaces" });

/** For a path that no kind of object is served at. */
export const noSuchPath = (): ClusterAnswer => ({
  status: 404,
  retryAfter: undefined,
  body: new Redacted("404 page not found\n"),
});

export const unauthorized = (): ClusterAnswer => failure(401, "Unauthorized", "Unauthorized");

export const changedMeanwhile = (place: Place): ClusterAnswer =>
  failure(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${place.resource} "${place.name}": the object has been modified; please apply your changes to the latest version and try again`,
    about(place),
  );

/** `.data.api-key` */
const fieldText = (path: readonly string[]): string => path.map((field) => `.${field}`).join("");

export const fieldConflict = (conflicts: readonly Conflict[]): ClusterAnswer => {
  const causes = conflicts.map(
    ({ path, manager }): Json => ({
      reason: "FieldManagerConflict",
      message: `conflict with "${manager}"`,
      field: fieldText(path),
    }),
  );
  return failure(409, "Conflict", `Apply failed with ${conflicts.length} conflicts`, { causes });
};
