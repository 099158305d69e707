import type { ConnectionFile } from "../../lambdas/contracts/grants.ts";
import type { Fault, Operation } from "../../sandbox/vendors/hostility.ts";
import type { VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import { OTHER_URL } from "../effects/effect.ts";
import { CONNECTION_DELAYS, SERVICE } from "../stage/settings.ts";
import { ACCESSES, PROPAGATION, type VendorName } from "../stage/vendors.ts";

/*
 * A second connection of the service, to the same vendor or to the other one, that is in trouble for the whole life. It has a key whose
 * old generation is due, so that every pass has something to do there that cannot be done.
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
  reconcileRequestsPerDay: 190,
  propagation: PROPAGATION[vendor],
  ...CONNECTION_DELAYS,
  serves: [{ secret: `keyturn/${SERVICE}/*`, name: "*", [ACCESSES[vendor].first.kind]: "*" }],
});

/** Every request hangs until whoever asked gives up. */
const hang = (request: Request): Promise<Response> =>
  new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));

interface Trouble {
  readonly what: string;
  readonly hangs?: true;
  readonly fault?: Fault;
  /** @default every request */
  readonly at?: Operation | "any";
}

/** What may be the matter with it, for the whole life. */
export const TROUBLES = {
  hangs: { what: "does not answer", hangs: true },
  throttles: { what: "asks for five seconds, each time", fault: { kind: "rate-limited", retryAfterSeconds: 5 } },
  "throttles-long": { what: "asks for two hours", fault: { kind: "rate-limited", retryAfterSeconds: 7_200 } },
  fails: { what: "fails with everything", fault: { kind: "server-error" } },
  lies: { what: "lists nothing", fault: { kind: "list-omits" }, at: "list" },
  refuses: { what: "takes nobody's key", fault: { kind: "auth-store-down" } },
} as const satisfies Readonly<Record<string, Trouble>>;

export type TroubleName = keyof typeof TROUBLES;

/** Which other connection a life has. */
export interface OtherInTrouble {
  readonly vendor: VendorName;
  readonly trouble: TroubleName;
}

/** Answers for the other connection. */
export const otherFetch = (
  { simulator }: OtherConnection,
  trouble: TroubleName,
): ((request: Request) => Promise<Response>) => {
  const { hangs, fault, at = "any" }: Trouble = TROUBLES[trouble];
  if (fault) simulator.hostile.next(at, fault, Number.POSITIVE_INFINITY);
  return (request) => (hangs ? hang(request) : simulator.fetch(request));
};

/** The secret with its admin key, as a person stores it. */
export const otherAdminSecret = ({ simulator }: OtherConnection) => ({
  Name: OTHER_ADMIN_SECRET,
  SecretString: JSON.stringify({ apiKey: simulator.adminKey }),
});
