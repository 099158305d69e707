import type { ReconcileRequest } from "../contracts/reconcile.ts";
import { KeyturnError } from "../errors.ts";
import type { Observation } from "./observation.ts";

/**
 * Makes sure that what a person asked for by name is there, before anything is done.
 * @throws KeyturnError NOT_MANAGED for an ARN that is of no managed secret, KEY_NOT_FOUND for a key id that no listing shows
 */
export const checkAsked = (observation: Observation, request: ReconcileRequest): void => {
  const { only = [], replaceDead = [], revokeStrays = [] } = request;
  const arns = new Set(
    [...observation.keys.map(({ secret }) => secret), ...(observation.unserved ?? [])].map(({ arn }) => arn),
  );
  const unknown = [...only, ...replaceDead].filter((arn) => !arns.has(arn));
  if (unknown.length > 0)
    throw new KeyturnError(
      "NOT_MANAGED",
      `the service has no managed secret ${unknown.join(", ")}, so nothing was done; give whole ARNs, as the log and inspect have them`,
    );
  const ids = new Set([...observation.vendors.values()].flatMap(({ listing }) => listing.keys.map(({ id }) => id)));
  const unlisted = revokeStrays.filter((id) => !ids.has(id));
  if (unlisted.length > 0)
    throw new KeyturnError(
      "KEY_NOT_FOUND",
      `no vendor of the service lists ${unlisted.join(", ")}, so nothing was done; inspect's vendorKeys has the ids`,
    );
};
