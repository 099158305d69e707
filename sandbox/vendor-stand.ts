import { randomUUID } from "node:crypto";
import type { Clock } from "../lambdas/clock.ts";
import { Redacted } from "../lambdas/redacted.ts";
import { createHttp } from "../lambdas/vendors/http.ts";
import { VENDORS } from "../lambdas/vendors/registry.ts";
import type { Vendor, VendorConnection } from "../lambdas/vendors/vendor.ts";
import { CannotStart } from "./command-line.ts";
import type { Delays } from "./delays.ts";
import { foreignVendor } from "./recorder/foreign-vendor.ts";
import { createRecorder, type Recorder, type VendorFetch } from "./recorder/recorder.ts";
import { createPictify } from "./vendors/pictify.ts";
import type { PictifyPlan } from "./vendors/pictify-options.ts";
import { createPictograph } from "./vendors/pictograph.ts";
import type { PictographPlan } from "./vendors/pictograph-options.ts";

export type VendorName = "pictograph" | "pictify";

/** The plan of each simulated vendor. */
export interface VendorPlans {
  readonly pictograph: PictographPlan;
  readonly pictify: PictifyPlan;
}

const PRO: VendorPlans = { pictograph: "pro", pictify: "pro" };

/** A vendor of the sandbox: a simulator, or a server that somebody else runs, with the recorder before it. */
export interface VendorStand {
  readonly name: VendorName;
  readonly isForeign: boolean;
  readonly recorder: Recorder;
  readonly organizationId: string | undefined;
  /** Secret. */
  readonly adminKey: string;
  readonly vendor: Vendor;
  /** The way to the vendor past the recorder, so that looking does not count as one of Keyturn's calls. */
  readonly direct: VendorConnection;
  /** Every value issued so far, admin keys included. Secret: only for the search for leaks. */
  issuedValues(): readonly string[];
}

interface Upstream {
  readonly fetch: VendorFetch;
  readonly isForeign: boolean;
  readonly adminKey: string;
  readonly organizationId: string | undefined;
  issuedValues(): readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that put a vendor server of somebody else in a simulator's place; for each vendor all or none. */
const FOREIGN: Readonly<Record<VendorName, readonly string[]>> = {
  pictograph: ["PICTOGRAPH_URL", "PICTOGRAPH_ADMIN_KEY", "PICTOGRAPH_ORGANIZATION_ID"],
  pictify: ["PICTIFY_URL", "PICTIFY_ADMIN_KEY"],
};

const checkUrl = (variable: string, url = ""): void => {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return;
  throw new CannotStart(`${variable} must be the URL of a server, such as http://127.0.0.1:8080, not "${url}"`);
};

const isForeign = (name: VendorName, environment: Environment): boolean => {
  const all = FOREIGN[name];
  const missing = all.filter((variable) => !environment[variable]);
  if (missing.length === all.length) return false;
  if (missing.length > 0)
    throw new CannotStart(`to use a ${name} server of yours, set ${all.join(", ")}; missing: ${missing.join(", ")}`);
  const url = `${name.toUpperCase()}_URL`;
  checkUrl(url, environment[url]);
  return true;
};

/**
 * Whether any vendor is somebody else's server: those keep their own time.
 * @throws CannotStart when a vendor's variables are set in part, or its URL is none
 */
export const usesForeignVendors = (environment: Environment): boolean =>
  [isForeign("pictograph", environment), isForeign("pictify", environment)].includes(true);

const foreign = (name: VendorName, environment: Environment): Upstream => {
  const prefix = name.toUpperCase();
  const adminKey = environment[`${prefix}_ADMIN_KEY`] ?? "";
  return {
    fetch: foreignVendor(environment[`${prefix}_URL`] ?? ""),
    isForeign: true,
    adminKey,
    organizationId: environment[`${prefix}_ORGANIZATION_ID`],
    issuedValues: () => [adminKey],
  };
};

const simulated = (name: VendorName, clock: Clock, delays: Delays, plans: VendorPlans): Upstream => {
  const times = { clock, propagationMs: delays.propagationMs[name], usageDelayMs: delays.reportingMs };
  const simulator =
    name === "pictograph"
      ? createPictograph({ ...times, plan: plans.pictograph, organizationId: randomUUID() })
      : createPictify({ ...times, plan: plans.pictify });
  const { fetch, adminKey, organizationId } = simulator;
  return { fetch, adminKey, organizationId, isForeign: false, issuedValues: () => simulator.issuedValues() };
};

const directFetch = (send: VendorFetch): typeof fetch =>
  ((url: string, init: RequestInit) => send(new Request(url, init))) as typeof fetch;

const LOOKING_MS = 60_000;

/** Puts one vendor of the sandbox up. */
export const standVendor = (
  name: VendorName,
  environment: Environment,
  clock: Clock,
  delays: Delays,
  plans: VendorPlans = PRO,
): VendorStand => {
  const upstream = isForeign(name, environment) ? foreign(name, environment) : simulated(name, clock, delays, plans);
  const vendor = VENDORS[name];
  if (!vendor) throw new Error(`there is no vendor ${name}`);
  const recorder = createRecorder(upstream.fetch, clock);
  const { adminKey, organizationId } = upstream;
  const http = createHttp({ fetch: directFetch(upstream.fetch), clock, remainingMs: () => LOOKING_MS });
  return {
    name,
    isForeign: upstream.isForeign,
    recorder,
    organizationId,
    adminKey,
    vendor,
    direct: { baseUrl: vendor.defaultBaseUrl, organizationId, http, adminKey: new Redacted(adminKey) },
    issuedValues: () => [...new Set([...upstream.issuedValues(), ...recorder.issuedValues()])],
  };
};
