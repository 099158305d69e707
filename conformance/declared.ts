import { type Declaration, declarationTags } from "../lambdas/contracts/declaration.ts";
import type { GrantsFile } from "../lambdas/contracts/grants.ts";
import { secretNameOf } from "../lambdas/contracts/secret-name.ts";
import { CONNECTION_DELAYS, DEADLINE_MS, DELAYS, OVERLAP_MS, QUIET_MS, SERVICE } from "./settings.ts";
import { ACCESSES, BASE_URLS, PROPAGATION, slotLimits, type VendorName } from "./vendors.ts";

/** The secret with the vendor's admin key. */
export const ADMIN_SECRET = "keyturn/admin";

/** What the kit's service grants: one connection, and whatever key is declared for it. */
export const grantsFor = (vendor: VendorName, organizationId: string | undefined): GrantsFile => {
  const { kind } = ACCESSES[vendor].first;
  return {
    service: SERVICE,
    ...DELAYS,
    strays: "report",
    maxStrayRevocations: 5,
    connections: {
      [vendor]: {
        vendor,
        adminSecret: ADMIN_SECRET,
        baseUrl: BASE_URLS[vendor],
        plan: "enterprise",
        maxKeys: slotLimits(vendor),
        ...(organizationId === undefined ? {} : { organizationId }),
        propagation: PROPAGATION[vendor],
        ...CONNECTION_DELAYS,
        serves: [{ secret: `keyturn/${SERVICE}/*`, name: "*", [kind]: "*" }],
      },
    },
  };
};

/** The managed key of a life, as it is declared at first. */
export const declarationFor = (vendor: VendorName): Declaration => ({
  service: SERVICE,
  connection: vendor,
  name: "web",
  access: ACCESSES[vendor].first,
  overlapMs: OVERLAP_MS,
  quietMs: QUIET_MS,
  deadlineMs: DEADLINE_MS,
  onDeadline: "report",
});

export const SECRET_NAME = secretNameOf(SERVICE, "web");

export const tagsOf = (declaration: Declaration) =>
  Object.entries(declarationTags(declaration)).map(([Key, Value]) => ({ Key, Value }));
