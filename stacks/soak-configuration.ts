import { LocalBackend } from "cdktf";
import type { ApiKeysConfiguration } from "./api-keys.ts";
import { delays, type Environment, required } from "./sandbox-configuration.ts";

const DEFAULT_KEYS = 50;
/** The same in both vendors; with it Pictify allows 50 live keys at once, the old ones in their overlap included. */
export const SOAK_PLANS = { pictograph: "pro", pictify: "business" } as const;
/** Of more keys, too few slots would be left for their overlaps. */
const MOST_OF_PICTIFY = 25;

/** How many keys of each vendor a soak has: half of them each, and no more of Pictify than its plan has room for. */
export const soakKeyCounts = (keys: number): { readonly pictograph: number; readonly pictify: number } => {
  const pictify = Math.min(Math.floor(keys / 2), MOST_OF_PICTIFY);
  return { pictograph: keys - pictify, pictify };
};

const keysOf = <Key extends object>(count: number, prefix: string, key: Key) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const number = `${index + 1}`.padStart(2, "0");
      return [`${prefix}${number}`, { ...key, name: `soak-${prefix.toLowerCase()}-${number}` }];
    }),
  );

/**
 * The stack that the soak deploys: many keys of both vendors, and delays so short that each is rotated many times.
 * @param environment as `sandboxConfiguration` reads it, and KEYTURN_SOAK_KEYS [50]
 * @throws Error that names a variable which is not set
 */
export const soakConfiguration = (environment: Environment): ApiKeysConfiguration => {
  const counts = soakKeyCounts(Number(environment.KEYTURN_SOAK_KEYS ?? DEFAULT_KEYS));
  const common = {
    overlap: environment.KEYTURN_OVERLAP ?? "PT1M",
    quiet: environment.KEYTURN_QUIET ?? "PT5S",
    recoveryWindowInDays: 0,
  };
  return {
    stackName: "soak",
    backend: (stack) => new LocalBackend(stack, { path: "terraform.soak.tfstate" }),
    // A stray is older than the five minutes in which a run may still store what it minted.
    service: { name: "soak", reconcileInterval: "PT1M", strayAge: "PT6M", stuckAge: "PT10M" },
    pictograph: {
      adminSecretName: "keyturn/pictograph",
      plan: SOAK_PLANS.pictograph,
      baseUrl: required(environment, "PICTOGRAPH_URL"),
      organizationId: required(environment, "PICTOGRAPH_ORGANIZATION_ID"),
      ...delays(environment, "PICTOGRAPH"),
    },
    pictify: {
      adminSecretName: "keyturn/pictify",
      plan: SOAK_PLANS.pictify,
      baseUrl: required(environment, "PICTIFY_URL"),
      ...delays(environment, "PICTIFY"),
    },
    pictographKeys: keysOf(counts.pictograph, "Pictograph", { ...common, role: "member" as const }),
    pictifyKeys: keysOf(counts.pictify, "Pictify", { ...common, type: "live" as const }),
  };
};
