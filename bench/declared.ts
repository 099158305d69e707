import type { Access } from "../lambdas/contracts/access.ts";
import type { Declaration } from "../lambdas/contracts/declaration.ts";
import type { GrantsFile } from "../lambdas/contracts/grants.ts";

export const SERVICE = "bench";
export const ADMIN_SECRET = "keyturn/admin";
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const VENDOR_NAMES = ["pictograph", "pictify"] as const;
export type VendorName = (typeof VENDOR_NAMES)[number];

export const BASE_URLS: Readonly<Record<VendorName, string>> = {
  pictograph: "https://pictograph.test",
  pictify: "https://pictify.test",
};

export const ACCESSES: Readonly<Record<VendorName, Access>> = {
  pictograph: { kind: "role", value: "member" },
  pictify: { kind: "type", value: "live" },
};

const PROPAGATION: Readonly<Record<VendorName, string>> = { pictograph: "PT5S", pictify: "PT30S" };

/** What the service grants: one connection with the default delays, and whatever key is declared for it. */
export const grantsFor = (vendor: VendorName, organizationId: string | undefined): GrantsFile => ({
  service: SERVICE,
  mintTimeout: "PT5M",
  reconcileInterval: "PT5M",
  strayAge: "PT24H",
  stuckAge: "PT6H",
  strays: "report",
  maxStrayRevocations: 5,
  connections: {
    [vendor]: {
      vendor,
      adminSecret: ADMIN_SECRET,
      baseUrl: BASE_URLS[vendor],
      plan: "enterprise",
      ...(organizationId === undefined ? {} : { organizationId }),
      propagation: PROPAGATION[vendor],
      reportingDelay: "PT5M",
      skew: "PT5M",
      serves: [{ secret: `keyturn/${SERVICE}/*`, name: "*", [ACCESSES[vendor].kind]: "*" }],
    },
  },
});

/** A key of the bench, as its secret's tags say it, with the delays that a key has by default. */
export const declarationFor = (vendor: VendorName, name: string): Declaration => ({
  service: SERVICE,
  connection: vendor,
  name,
  access: ACCESSES[vendor],
  overlapMs: DAY_MS,
  quietMs: HOUR_MS,
  deadlineMs: 14 * DAY_MS,
  onDeadline: "report",
});

export const tagList = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
