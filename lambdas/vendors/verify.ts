import type { Http, HttpRequest } from "./http.ts";
import type { Check } from "./vendor.ts";
import { VendorError } from "./vendor-error.ts";

/** Codes that say that it is the key which is no good: `invalid_api_key`, `revoked-key`. Not `missing-auth`, nor `invalid_request`. */
const NO_GOOD = /invalid|revoked|expired|deleted|disabled|deactivated|inactive|unknown/;
const KEY = /key|token|credential/;
/** What may have to do with the request alone: `invalid_or_missing_api_key`. */
const NOT_SENT = /missing|required|absent|not_?provided/;

const saysNoGood = (code = ""): boolean => {
  const said = code.toLowerCase().replaceAll("-", "_");
  return NO_GOOD.test(said) && KEY.test(said) && !NOT_SENT.test(said);
};

const ofError = ({ code, vendorCode }: VendorError): Check | undefined => {
  if (code === "UNAUTHORIZED") return saysNoGood(vendorCode) ? "refused" : "unclear";
  if (code === "FORBIDDEN") return vendorCode === undefined ? "unclear" : "limited";
  return undefined;
};

/**
 * Makes a harmless call with a key, of whose answer the status alone is read.
 * @throws VendorError when the answer says nothing about the key
 */
export const checkWith = async (
  http: Http,
  request: Pick<HttpRequest, "url" | "headers" | "documentedAt">,
): Promise<Check> => {
  try {
    return (await http.ask({ ...request, method: "GET", repeatable: true })) ? "alive" : "unclear";
  } catch (error) {
    const said = error instanceof VendorError ? ofError(error) : undefined;
    if (said === undefined) throw error;
    return said;
  }
};

/** Whether a key works, by what a call with it said. */
export const works = (check: Check): boolean => check === "alive" || check === "limited";
