import type { ReconcileRequest } from "../../contracts/reconcile.ts";
import { KeyturnError } from "../../errors.ts";
import type { SecretFacts } from "../../secrets.ts";
import type { VendorKey } from "../../vendors/vendor.ts";

/* What a person asked for by name has to be there, before anything is done. */

/** @throws KeyturnError NOT_MANAGED for an ARN that is of no managed secret */
export const checkAskedSecrets = (
  secrets: readonly SecretFacts[],
  { only = [], replaceDead = [] }: ReconcileRequest,
): void => {
  const arns = new Set(secrets.map(({ arn }) => arn));
  const unknown = [...only, ...replaceDead].filter((arn) => !arns.has(arn));
  if (unknown.length > 0)
    throw new KeyturnError(
      "NOT_MANAGED",
      `the service has no managed secret ${unknown.join(", ")}, so nothing was done; give whole ARNs, as the log and inspect have them`,
    );
};

/** @throws KeyturnError KEY_NOT_FOUND for a key id that no listing shows */
export const checkAskedKeys = (listed: readonly VendorKey[], { revokeStrays = [] }: ReconcileRequest): void => {
  const ids = new Set(listed.map(({ id }) => id));
  const unlisted = revokeStrays.filter((id) => !ids.has(id));
  if (unlisted.length > 0)
    throw new KeyturnError(
      "KEY_NOT_FOUND",
      `no vendor of the service lists ${unlisted.join(", ")}, so nothing was done; inspect's vendorKeys has the ids`,
    );
};
