import type { Redacted } from "../redacted.ts";
import type { VendorSession } from "../vendor-session.ts";
import type { Check } from "../vendors/vendor.ts";
import { VendorError } from "../vendors/vendor-error.ts";
import { works } from "../vendors/verify.ts";

/*
 * What a refusal proves: nothing, unless the same endpoint takes a key that is known to work. A vendor whose store of keys is down
 * answers 401 to everybody.
 */

/**
 * refused: the vendor says in its own form that the value is no good, and took another. works: it takes the value. doubted: it is listed as revoked,
 * and not taken in a form that says so: a page of an edge, or the 403 that at some vendors healthy keys get.
 */
export type Standing = "works" | "refused" | "doubted" | "cannot tell";

/** Whether the endpoint takes a key known to work now. Asked at most once, and only after something was refused. */
export type Control = () => Promise<boolean>;

/** What a vendor answered that says nothing about a key. For `catch`: anything else is thrown on. */
export const unclear = (error: unknown): Check => {
  if (error instanceof VendorError) return "unclear";
  throw error;
};

/**
 * A control call with a key known to work.
 * @param known the value of the current key, unless it is the one in doubt; not there: the admin key, whose calls the same endpoint takes
 */
export const controlBy = (session: VendorSession, known?: Redacted): Control => {
  let said: Promise<boolean> | undefined;
  return () => {
    said ??= (known ? session.verify(known) : session.verifyAdmin()).catch(unclear).then(works);
    return said;
  };
};

/** Whether a vendor takes a value. Never throws what a vendor answered: then it cannot be told. */
export const standingOf = async (session: VendorSession, value: Redacted, control: Control): Promise<Standing> => {
  const check = await session.verify(value).catch(unclear);
  if (works(check)) return "works";
  return check === "refused" && (await control()) ? "refused" : "cannot tell";
};
