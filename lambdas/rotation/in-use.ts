import type { VendorKey } from "../vendors/vendor.ts";

/** A key may have been used while it was minted and verified; that is no sign of a workload. */
const MINTING_MS = 10 * 60_000;

/** Whether the vendor saw a call that was not the minting's own. */
export const isInUse = ({ lastUse, createdAtMs }: VendorKey): boolean =>
  typeof lastUse === "number" && lastUse > (createdAtMs ?? 0) + MINTING_MS;
