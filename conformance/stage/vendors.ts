import type { Clock } from "../../lambdas/clock.ts";
import type { Access } from "../../lambdas/contracts/access.ts";
import type { ConnectionFile } from "../../lambdas/contracts/grants.ts";
import { createPictify } from "../../sandbox/vendors/pictify.ts";
import type { PictifyOptions } from "../../sandbox/vendors/pictify-options.ts";
import { createPictograph } from "../../sandbox/vendors/pictograph.ts";
import type { PictographOptions } from "../../sandbox/vendors/pictograph-options.ts";
import { seededRandom } from "../../sandbox/vendors/random-source.ts";
import type { IssueRequest, VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import { REPORTING_MS, SPARE_SLOTS } from "./settings.ts";

export const VENDOR_NAMES = ["pictograph", "pictify"] as const;
export type VendorName = (typeof VENDOR_NAMES)[number];

export const isVendor = (text: string): text is VendorName => VENDOR_NAMES.some((name) => name === text);

export const BASE_URLS: Readonly<Record<VendorName, string>> = {
  pictograph: "https://pictograph.test",
  pictify: "https://pictify.test",
};

/** What a key may do in the kit, at first and after it was changed. */
export const ACCESSES: Readonly<Record<VendorName, { readonly first: Access; readonly changed: Access }>> = {
  pictograph: { first: { kind: "role", value: "member" }, changed: { kind: "role", value: "viewer" } },
  pictify: { first: { kind: "type", value: "live" }, changed: { kind: "type", value: "test" } },
};

export const PROPAGATION: Readonly<Record<VendorName, string>> = { pictograph: "PT5S", pictify: "PT30S" };

/** Keys of the user's own: some look much like ours, down to the form of the name. */
const PLANTED: Readonly<Record<VendorName, readonly IssueRequest[]>> = {
  pictograph: [
    { name: "ci", access: "member" },
    { name: "web", access: "viewer" },
    { name: "web-kt-01234567-0123456789", access: "member" },
  ],
  pictify: [
    { name: "ci", access: "live" },
    { name: "web", access: "test" },
    { name: "web-kt-01234567-0123456789", access: "live" },
  ],
};

/** The keys that a plan allows: as many as there are, and the spare ones. @param more slots for whoever else is to mint */
export const slotLimits = (vendor: VendorName, more = 0): number => PLANTED[vendor].length + 1 + SPARE_SLOTS + more;

export interface PlantedVendor {
  readonly simulator: VendorSimulator;
  /** Ids of the keys that are nobody's business but the user's; the admin key is among them. */
  readonly plantedIds: ReadonlySet<string>;
}

/** A vendor as another of its documents has it, by the vendor's name. */
export interface VendorVariant {
  /** What its connection declares because of it. */
  readonly connection?: Partial<ConnectionFile>;
  readonly pictograph?: Partial<PictographOptions>;
  readonly pictify?: Partial<PictifyOptions>;
}

/** A vendor on the life's clock, with the user's own keys in it. */
export const createVendor = (
  vendor: VendorName,
  clock: Clock,
  seed: number,
  limit: number,
  variant: VendorVariant = {},
): PlantedVendor => {
  const random = seededRandom(seed);
  const common = { clock, random, usageDelayMs: REPORTING_MS };
  // More renders than a workload asks for in the longest life: refused ones count as no use.
  const plan = { plan: "enterprise", keyLimit: { all: limit }, testRendersPerDay: 10_000 } as const;
  const simulator =
    vendor === "pictograph"
      ? createPictograph({ ...common, keyLimit: limit, ...variant.pictograph })
      : createPictify({ ...common, ...plan, ...variant.pictify });
  const planted = PLANTED[vendor].map((request) => simulator.issueKey({ ...request, propagationMs: 0 }).id);
  return { simulator, plantedIds: new Set([simulator.adminKeyId, ...planted]) };
};
