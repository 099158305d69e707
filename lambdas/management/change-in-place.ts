import { KeyturnError } from "../errors.ts";
import type { Drift } from "../rotation/drift.ts";
import type { ManagedKey } from "../rotation/rotation.ts";
import type { VendorKey } from "../vendors/vendor.ts";
import { VendorError, type VendorErrorCode } from "../vendors/vendor-error.ts";

/** Waits before each look whether the vendor did it: a list may be a moment behind. */
const LOOKS_MS = [0, 1_000, 3_000];

/** What says nothing about the change itself: the same call may do it later, or no call can. */
const NO_VERDICT: ReadonlySet<VendorErrorCode> = new Set(["UNAUTHORIZED", "RATE_LIMITED", "NO_TIME"]);

/** The key as it was listed before. */
type Listed = Pick<VendorKey, "id" | "name">;

const canChange = ({ vendor }: ManagedKey, { name, access }: Drift): boolean =>
  (name === undefined || vendor.rename !== undefined) && (access === undefined || vendor.update !== undefined);

/** @returns whether the vendor may have done it; false: it refused */
const ask = async ({ vendor, invocation, secret }: ManagedKey, keyId: string, drift: Drift): Promise<boolean> => {
  try {
    if (drift.name !== undefined) await vendor.rename?.(keyId, drift.name);
    if (drift.access !== undefined) await vendor.update?.(keyId, drift.access);
    return true;
  } catch (error) {
    if (!(error instanceof VendorError) || NO_VERDICT.has(error.code)) throw error;
    invocation.log.failure("key.not-changed", error, { secretName: secret.name, keyId });
    return error.ambiguous;
  }
};

type Look = "as asked" | "otherwise" | "not listed";

/** How the key is listed now. One whose name was not to change must have kept it: the name is what says whose it is. */
const lookAt = async ({ vendor }: ManagedKey, before: Listed, { name, access }: Drift): Promise<Look> => {
  const listed = (await vendor.list()).keys.find((key) => key.active && key.id === before.id);
  if (!listed) return "not listed";
  const isSo = listed.name === (name ?? before.name) && (access === undefined || listed.access === access.value);
  return isSo ? "as asked" : "otherwise";
};

/**
 * Has the vendor change a key's name or access in place, where it can; the value stays. Whatever it answers, its list decides:
 * an endpoint that is inferred may be missing, may accept and not do it, or do it and not say so. May be repeated.
 * @param listed the key as the vendor lists it before
 * @returns whether the key is so now; false: a new generation is needed
 * @throws VendorError where it may be asked again later; KeyturnError LISTING_NOT_WHOLE (retryable)
 */
export const changeInPlace = async (key: ManagedKey, listed: Listed, drift: Drift): Promise<boolean> => {
  const { clock, log } = key.invocation;
  const { id: keyId } = listed;
  if (!canChange(key, drift) || !(await ask(key, keyId, drift))) return false;
  let look: Look = "not listed";
  for (const waitMs of LOOKS_MS) {
    await clock.sleep(waitMs);
    look = await lookAt(key, listed, drift);
    if (look !== "as asked") continue;
    log.event("key.changed", { secretName: key.secret.name, keyId, name: drift.name, access: drift.access?.value });
    return true;
  }
  if (look === "not listed")
    throw new KeyturnError(
      "LISTING_NOT_WHOLE",
      `${key.vendor.vendor.name} was asked to change ${keyId} and lists it no more, so that it cannot be told whether it did; the next try looks again`,
      { retryable: true },
    );
  log.event("key.not-changed", { secretName: key.secret.name, keyId, reason: "the vendor does not list it as asked" });
  return false;
};
