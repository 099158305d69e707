import { reportedUntilMs } from "../evidence/use.ts";
import type { VendorKey } from "../vendors/vendor.ts";

/** A key may have been used while it was minted and verified; that is no sign of a workload. */
const MINTING_MS = 10 * 60_000;

/** Whether the vendor saw a call that was not the minting's own. */
export const isInUse = ({ lastUse, createdAtMs }: VendorKey): boolean =>
  typeof lastUse === "number" && lastUse > (createdAtMs ?? 0) + MINTING_MS;

/** Whether the vendor tells of no call but the minting's own, and reports calls that came after it. */
export const isUnusedSinceMinting = (key: VendorKey, listed: readonly VendorKey[]): boolean => {
  if (key.lastUse === "not understood" || key.lastUse === "not told" || isInUse(key)) return false;
  return (reportedUntilMs(listed) ?? 0) > (key.createdAtMs ?? 0);
};
