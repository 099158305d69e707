import { type Access, accessText } from "../lambdas/contracts/access.ts";
import { KeyturnError } from "../lambdas/errors.ts";
import { slotLimit } from "../lambdas/rotation/slots.ts";
import type { VendorSettings } from "./vendor-settings.ts";

const times = (count: number): string => (count === 1 ? "one is" : `${count} are`);

/**
 * Checks that a rotation of any declared key finds a free slot at the vendor: there must be one more than there are
 * keys declared. A plan counts keys by role or type; `maxKeys` counts all keys of the connection.
 * @param declared what was declared at the connection, the newest included
 * @throws KeyturnError KEY_LIMIT
 */
export const checkSlots = (
  where: string,
  settings: VendorSettings,
  newest: Access,
  declared: readonly Access[],
): void => {
  const { vendor, plan, maxKeys } = settings;
  const limit = slotLimit(vendor, { plan, maxKeys }, newest);
  const byAccess = maxKeys === undefined;
  const count = byAccess ? declared.filter(({ value }) => value === newest.value).length : declared.length;
  if (limit === undefined || count < limit) return;
  const source = byAccess ? `${vendor.name}'s plan ${plan}` : "maxKeys";
  throw new KeyturnError(
    "KEY_LIMIT",
    `${where}: ${source} allows ${limit} keys${byAccess ? ` with ${accessText(newest)}` : ""} at once, and with this one ` +
      `${times(count)} declared; a rotation needs a spare one, because the old and the new key are both valid for a ` +
      "while: declare fewer, or take a larger plan",
  );
};
