import { VENDORS } from "../lambdas/vendors/registry.ts";
import type { Vendor } from "../lambdas/vendors/vendor.ts";
import type { AllowedKeys } from "./allowed-keys.ts";
import {
  durationProperty,
  keptSecretNameProperty,
  literal,
  nameProperty,
  oneOf,
  received,
  refuse,
  textProperty,
  wholeNumberProperty,
} from "./property-checks.ts";
import type { KeyReference } from "./references.ts";

export interface VendorConnectionProps {
  /** The vendor: `pictify` or `pictograph`. */
  readonly vendor: string;
  /**
   * The name of the Secrets Manager secret that holds the vendor's admin key as `{"apiKey": "…"}`. The functions read
   * it; nothing else does, and it is never in Terraform's files.
   */
  readonly adminSecretName: string;
  /** The plan that is paid for at the vendor: it says how many keys there may be at once. */
  readonly plan: string;
  /**
   * What the connection is called in tags and grants.
   * @default the vendor's name
   */
  readonly connection?: string;
  /**
   * Where the vendor's API is: an https URL, or an http one on this machine.
   * @default the vendor's own
   */
  readonly baseUrl?: string | undefined;
  /**
   * The id of the organization at the vendor whose keys these are. Pictograph needs it.
   * @default none
   */
  readonly organizationId?: string | undefined;
  /**
   * How many keys the vendor allows at once, all roles and types together, where its plan does not say it.
   * @default what the plan says, by role or type; no limit where it says nothing
   */
  readonly maxKeys?: number | undefined;
  /**
   * How long a new key may need until it works, as ISO 8601.
   * @default what the vendor documents: Pictograph PT5S, Pictify PT30S
   */
  readonly propagation?: string | undefined;
  /**
   * How late the vendor may report that a key was used, as ISO 8601.
   * @default PT5M
   */
  readonly reportingDelay?: string | undefined;
  /**
   * How far the vendor's clock may be from AWS's, as ISO 8601.
   * @default PT5M
   */
  readonly skew?: string | undefined;
  /**
   * How coarse the vendor's time of last use is, as ISO 8601: PT1H for one that it moves on once an hour at most. It is added to
   * each key's quiet period.
   * @default none: the vendor tells every call
   */
  readonly lastUseResolution?: string | undefined;
  /**
   * How many requests a day the pass that reconciles may make to the vendor, besides the hourly listing and what is urgent.
   * @default a tenth of what the plan allows a day; 1,000 where no limit is documented
   */
  readonly reconcileRequestsPerDay?: number | undefined;
  /**
   * Keys that other apps declare and this connection serves, besides those that are declared with it.
   * @default none
   */
  readonly allow?: readonly AllowedKeys[];
  /**
   * The KMS key that encrypts the admin secret.
   * @default AWS's own key for Secrets Manager
   */
  readonly adminSecretEncryptionKey?: KeyReference | undefined;
}

/** The props of a connection, checked, and with their defaults. Durations in milliseconds. */
export interface VendorSettings {
  readonly vendor: Vendor;
  readonly connection: string;
  readonly adminSecretName: string;
  readonly plan: string;
  readonly baseUrl: string;
  readonly organizationId: string | undefined;
  readonly maxKeys: number | undefined;
  readonly propagationMs: number;
  readonly reportingDelayMs: number;
  readonly skewMs: number;
  readonly lastUseResolutionMs: number | undefined;
  readonly reconcileRequestsPerDay: number | undefined;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

const vendorOf = (where: string, name: string): Vendor => {
  const vendor = VENDORS[oneOf(where, "vendor", name, Object.keys(VENDORS))];
  return vendor ?? refuse(where, `vendor ${received(name)} is not known`);
};

const urlProperty = (where: string, value: string): string => {
  const text = textProperty(where, "baseUrl", value);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const safe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  // What comes before @ or after ? may be a secret: it is neither taken nor shown.
  if (url?.username || url?.password || url?.search || url?.hash)
    refuse(where, "baseUrl must be scheme, host and path alone, with no user, password, query or fragment");
  if (!safe)
    refuse(where, `baseUrl must be an https URL (http only on this machine's loopback); received ${received(text)}`);
  return text.replace(/\/+$/, "");
};

const organization = (where: string, vendor: Vendor, value: string | undefined): string | undefined => {
  if (value !== undefined) return textProperty(where, "organizationId", value);
  if (!vendor.needsOrganization) return undefined;
  return refuse(
    where,
    `organizationId is missing: ${vendor.name} keeps keys by organization; give the id it shows there`,
  );
};

/**
 * Checks the props of a vendor connection.
 * @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be
 */
export const vendorSettings = (where: string, service: string, props: VendorConnectionProps): VendorSettings => {
  const vendor = vendorOf(where, props.vendor);
  return {
    vendor,
    connection: nameProperty(where, "connection", props.connection ?? vendor.name),
    adminSecretName: keptSecretNameProperty(where, "adminSecretName", service, props.adminSecretName),
    plan: oneOf(where, "plan", props.plan, Object.keys(vendor.plans)),
    baseUrl: urlProperty(where, props.baseUrl ?? vendor.defaultBaseUrl),
    organizationId: literal(where, "organizationId", organization(where, vendor, props.organizationId)),
    maxKeys:
      props.maxKeys === undefined
        ? undefined
        : wholeNumberProperty(where, "maxKeys", props.maxKeys, { from: 1, to: 1_000_000 }),
    propagationMs:
      props.propagation === undefined
        ? vendor.defaultPropagationMs
        : durationProperty(where, "propagation", props.propagation),
    reportingDelayMs: durationProperty(where, "reportingDelay", props.reportingDelay ?? "PT5M"),
    skewMs: durationProperty(where, "skew", props.skew ?? "PT5M"),
    lastUseResolutionMs:
      props.lastUseResolution === undefined
        ? undefined
        : durationProperty(where, "lastUseResolution", props.lastUseResolution),
    reconcileRequestsPerDay:
      props.reconcileRequestsPerDay === undefined
        ? undefined
        : wholeNumberProperty(where, "reconcileRequestsPerDay", props.reconcileRequestsPerDay, {
            from: 1,
            to: 10_000_000,
          }),
  };
};
