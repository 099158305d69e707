import { type Declaration, declarationTags } from "../../lambdas/contracts/declaration.ts";
import { durationText } from "../../lambdas/contracts/duration.ts";
import type { ConnectionFile, GrantsFile } from "../../lambdas/contracts/grants.ts";
import { secretNameOf } from "../../lambdas/contracts/secret-name.ts";
import { CONNECTION_DELAYS, DEADLINE_MS, DELAYS, OVERLAP_MS, QUIET_MS, REQUESTS_PER_DAY, SERVICE } from "./settings.ts";
import { ACCESSES, BASE_URLS, PROPAGATION, type VendorName } from "./vendors.ts";

/** The secret with the vendor's admin key. */
export const ADMIN_SECRET = "keyturn/admin";

/** The least that keys of the kit wait: what they declare. */
export const MINIMUM = {
  overlap: durationText(OVERLAP_MS),
  quiet: durationText(QUIET_MS),
  deadline: durationText(DEADLINE_MS),
};

/** What a service of the kit grants: one connection, and whatever key is declared for it. @param maxKeys the vendor's slots */
export const grantsFor = (
  vendor: VendorName,
  organizationId: string | undefined,
  maxKeys: number,
  service: string = SERVICE,
  connection: Partial<ConnectionFile> = {},
): GrantsFile => {
  const { kind } = ACCESSES[vendor].first;
  return {
    service,
    ...DELAYS,
    strays: "report",
    maxStrayRevocations: 5,
    connections: {
      [vendor]: {
        vendor,
        adminSecret: ADMIN_SECRET,
        baseUrl: BASE_URLS[vendor],
        plan: "enterprise",
        maxKeys,
        reconcileRequestsPerDay: REQUESTS_PER_DAY,
        ...(organizationId === undefined ? {} : { organizationId }),
        propagation: PROPAGATION[vendor],
        ...CONNECTION_DELAYS,
        ...connection,
        serves: [{ secret: `keyturn/${service}/*`, name: "*", [kind]: "*", minimum: MINIMUM }],
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
