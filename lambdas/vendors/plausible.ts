import type { Listing, VendorKey } from "./vendor.ts";

/** By how much times may be off, in milliseconds. */
interface Tolerance {
  readonly skew: number;
  readonly lastUseResolution?: number | undefined;
}

/** What cannot be true of a key's use: a time in the future, or one before the key was made. */
const isImpossible = (
  { lastUse, lastUseSpanMs = 0, createdAtMs }: VendorKey,
  vendorNowMs: number,
  { skew, lastUseResolution = 0 }: Tolerance,
): boolean => {
  if (typeof lastUse !== "number") return false;
  const isLate = lastUse - lastUseSpanMs > vendorNowMs + skew;
  return isLate || (createdAtMs !== undefined && lastUse < createdAtMs - skew - lastUseResolution);
};

/**
 * A listing in which a time of last use that cannot be true is not understood.
 * @param nowMs our own time, for a vendor that does not tell its
 */
export const plausible = (listing: Listing, tolerance: Tolerance, nowMs: number): Listing => {
  const vendorNowMs = listing.vendorNowMs ?? nowMs;
  const keys = listing.keys.map((key): VendorKey => {
    if (!isImpossible(key, vendorNowMs, tolerance)) return key;
    const { lastUseSpanMs: _, ...rest } = key;
    return { ...rest, lastUse: "not understood" };
  });
  return { ...listing, keys };
};
