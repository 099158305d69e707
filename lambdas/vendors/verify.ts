import { VendorError } from "./vendor-error.ts";

/**
 * What a harmless call with a key says about it: 401 means dead; a success or a 403 means that the key works.
 * @throws VendorError when the answer says nothing about the key
 */
export const verdictOf = async (call: Promise<unknown>): Promise<"alive" | "dead"> => {
  try {
    await call;
    return "alive";
  } catch (error) {
    if (error instanceof VendorError && error.code === "UNAUTHORIZED") return "dead";
    if (error instanceof VendorError && error.code === "FORBIDDEN") return "alive";
    throw error;
  }
};
