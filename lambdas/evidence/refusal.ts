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

/** A control call with the admin key, whose calls the same endpoint takes: one with a current key would count as its use. */
export const controlBy = (session: VendorSession): Control => {
  let said: Promise<boolean> | undefined;
  return () => {
    said ??= session.verifyAdmin().catch(unclear).then(works);
    return said;
  };
};

/** One of several looks at a value, each of which has to find it refused. */
export const standingInOneLook = async (
  session: VendorSession,
  value: Redacted,
  control: Control,
): Promise<Standing> => {
  const check = await session.verify(value).catch(unclear);
  if (works(check)) return "works";
  return check === "refused" && (await control()) ? "refused" : "cannot tell";
};

/**
 * Whether a vendor takes a value. Refused is what it refused before it took the control and after: one odd answer proves nothing.
 * Never throws what a vendor answered: then it cannot be told.
 */
export const standingOf = async (session: VendorSession, value: Redacted, control: Control): Promise<Standing> => {
  const standing = await standingInOneLook(session, value, control);
  return standing === "refused" ? standingInOneLook(session, value, control) : standing;
};

/** A key that its vendor lists as revoked is dead where it is not taken any more, in whatever form: these are two signs, of which one may be doubted. */
export const standingOfRevoked = async (
  session: VendorSession,
  value: Redacted,
  control: Control,
): Promise<Standing> => {
  try {
    const check = await session.verify(value);
    if (check === "alive") return "works";
    const isSure = check === "limited" ? session.vendor.isVerifyOpen : check === "refused" && (await control());
    return isSure ? "refused" : "doubted";
  } catch (error) {
    if (error instanceof VendorError) return "cannot tell";
    throw error;
  }
};
