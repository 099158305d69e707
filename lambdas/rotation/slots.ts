import type { Access } from "../contracts/access.ts";
import type { Connection } from "../contracts/grants.ts";
import { KeyturnError } from "../errors.ts";
import type { Vendor, VendorKey } from "../vendors/vendor.ts";

/** How many keys of an access the plan allows at once; `undefined` where no limit is known. */
export const slotLimit = (vendor: Vendor, connection: Pick<Connection, "plan" | "maxKeys">, access: Access) =>
  connection.maxKeys ?? vendor.plans[connection.plan]?.[access.value];

/** How many of the listed keys take a slot of that access. A key whose access is not listed counts for every one. */
export const slotsTaken = (
  keys: readonly VendorKey[],
  connection: Pick<Connection, "maxKeys">,
  access: Access,
): number =>
  keys.filter(
    (key) => key.active && (connection.maxKeys !== undefined || (key.access ?? access.value) === access.value),
  ).length;

/** @throws KeyturnError KEY_LIMIT when the plan has no slot for one more key, so that nothing is minted */
export const checkFreeSlot = (
  keys: readonly VendorKey[],
  vendor: Vendor,
  connection: Connection,
  access: Access,
): void => {
  const limit = slotLimit(vendor, connection, access);
  const taken = slotsTaken(keys, connection, access);
  if (limit === undefined || taken < limit) return;
  throw new KeyturnError(
    "KEY_LIMIT",
    `${vendor.name}'s plan ${connection.plan} allows ${limit} ${access.value} keys and ${taken} are there, so none was minted; revoke one that is not needed, or take a larger plan`,
  );
};
