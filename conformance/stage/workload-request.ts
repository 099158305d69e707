import type { VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import { VENDOR_REQUESTS } from "../../sandbox/workload/vendor-request.ts";
import type { Stage } from "./stage.ts";
import { BASE_URLS } from "./vendors.ts";

type Homes = Pick<Stage, "homes" | "simulator">;

/** The vendor that issued a value; the life's own where none did. */
const issuerOf = ({ homes, simulator }: Homes, apiKey: string): VendorSimulator =>
  homes.find((one) => one.issuedValues().includes(apiKey)) ?? simulator;

/** Makes a workload's request with a key: to the vendor that issued it, past all that may be the matter with a connection. */
export const workloadRequest =
  (homes: Homes) =>
  (apiKey: string): Promise<Response> => {
    const { vendor, fetch } = issuerOf(homes, apiKey);
    return fetch(VENDOR_REQUESTS[vendor](BASE_URLS[vendor], apiKey));
  };

/** The id of the key that has a value. */
export const keyIdWith = (homes: Homes, apiKey: string): string | undefined => {
  const issuer = issuerOf(homes, apiKey);
  return issuer.keys()[issuer.issuedValues().indexOf(apiKey)]?.id;
};
