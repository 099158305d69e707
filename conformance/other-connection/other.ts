import type { ConnectionFile } from "../../lambdas/contracts/grants.ts";
import type { VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import { OTHER_URL } from "../effects/effect.ts";
import { MINIMUM } from "../stage/declared.ts";
import { CONNECTION_DELAYS, REQUESTS_PER_DAY, SERVICE } from "../stage/settings.ts";
import { ACCESSES, PROPAGATION, type VendorName } from "../stage/vendors.ts";
import type { TroubleName } from "./trouble.ts";

/*
 * A second connection of the service, to the same vendor or to the other one. It has a key of its own, or takes the life's key in.
 */
export const OTHER = "other";
const OTHER_ADMIN_SECRET = "keyturn/other-admin";

/** The other connection of a life. */
export interface OtherConnection {
  readonly vendor: VendorName;
  readonly simulator: VendorSimulator;
}

export const otherGrant = ({ vendor, simulator }: OtherConnection): ConnectionFile => ({
  vendor,
  adminSecret: OTHER_ADMIN_SECRET,
  baseUrl: OTHER_URL,
  plan: "enterprise",
  ...(simulator.organizationId === undefined ? {} : { organizationId: simulator.organizationId }),
  reconcileRequestsPerDay: REQUESTS_PER_DAY,
  propagation: PROPAGATION[vendor],
  ...CONNECTION_DELAYS,
  serves: [{ secret: `keyturn/${SERVICE}/*`, name: "*", [ACCESSES[vendor].first.kind]: "*", minimum: MINIMUM }],
});

/** Which other connection a life has. */
export interface OtherOfLife {
  readonly vendor: VendorName;
  /** What is the matter with it while that is on, which it is from the beginning. @default nothing */
  readonly trouble?: TroubleName;
  /** Whether the life's own key may be there: then it is judged there, too. @default false */
  readonly takesKey?: boolean;
}

/** The secret with its admin key, as a person stores it. */
export const otherAdminSecret = ({ simulator }: OtherConnection) => ({
  Name: OTHER_ADMIN_SECRET,
  SecretString: JSON.stringify({ apiKey: simulator.adminKey }),
});
