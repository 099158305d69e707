import { NO_CLAIMS } from "../../../lambdas/contracts/claims.ts";
import type { Declaration } from "../../../lambdas/contracts/declaration.ts";
import { type Connection, type ConnectionFile, grantsOf } from "../../../lambdas/contracts/grants.ts";
import { generationOf, keyName } from "../../../lambdas/contracts/key-name.ts";
import type { Stages } from "../../../lambdas/contracts/labels.ts";
import type { Standing } from "../../../lambdas/evidence/refusal.ts";
import type { Observation, ObservedKey } from "../../../lambdas/reconciliation/observe/observation.ts";
import type { Adoption } from "../../../lambdas/rotation/retirement.ts";
import type { SecretFacts } from "../../../lambdas/secrets.ts";
import type { Stored, StoredKey } from "../../../lambdas/stored.ts";
import type { VendorKey } from "../../../lambdas/vendors/vendor.ts";
import { settingsOfTest } from "../settings-of-test.ts";
import { DAY_MS, declarationOfTest } from "../stand.ts";

export const NOW = Date.UTC(2026, 10, 21, 12);
export const SERVICE_ID = "0a1b2c3d";
export const ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:keyturn/prod/web-AbCdEf";

const connection = (vendor: string): ConnectionFile => ({
  vendor,
  adminSecret: `keyturn/${vendor}`,
  baseUrl: `https://${vendor}.test`,
  plan: "pro",
  propagation: "PT30S",
  reportingDelay: "PT5M",
  skew: "PT5M",
  serves: [],
});

/** Two connections to one vendor, and one to another. */
export const GRANTS = grantsOf({
  ...settingsOfTest,
  connections: {
    pictify: connection("pictify"),
    "pictify-eu": connection("pictify"),
    pictograph: connection("pictograph"),
  },
});

/** A connection of these grants. */
export const connectionOf = (name: string): Connection => {
  const found = GRANTS.connections[name];
  if (!found) throw new Error(`no connection ${name}`);
  return found;
};

/** A vendor key with the name of a version's generation, minted three days ago and never used. */
export const vendorKey = (id: string, versionId: string, over: Partial<VendorKey> = {}): VendorKey => ({
  id,
  name: keyName("web", SERVICE_ID, generationOf(versionId)),
  active: true,
  access: "live",
  createdAtMs: NOW - 3 * DAY_MS,
  lastUse: "never",
  ...over,
});

/** The admin key, whose calls show that the vendor reports uses. */
export const adminKey: VendorKey = {
  id: "admin",
  name: "Admin",
  active: true,
  access: "admin",
  createdAtMs: NOW - 300 * DAY_MS,
  lastUse: NOW - 5 * 60_000,
};

/** What the value of a version says of a key. */
export const storedKey = (keyId: string, over: Partial<StoredKey> = {}): StoredKey => ({
  keyId,
  vendor: "pictify",
  access: { kind: "type", value: "live" },
  issuedAtMs: NOW - 3 * DAY_MS,
  ...over,
});

export interface Given {
  readonly arn?: string;
  readonly stages: Stages;
  /** What the connection `pictify` lists. */
  readonly listed: readonly VendorKey[];
  /** What other connections list; one that is not here was not listed. */
  readonly elsewhere?: Readonly<Record<string, readonly VendorKey[]>>;
  readonly stored?: Readonly<Record<string, Stored>>;
  readonly deletedAtMs?: number;
  readonly declaration?: Partial<Declaration>;
  readonly secret?: Partial<SecretFacts>;
  readonly adoption?: Adoption;
  readonly pendingMadeAtMs?: number;
  /** Whether the vendor takes the values of versions that it does not list as active. */
  readonly standings?: Readonly<Record<string, Standing>>;
}

export const keyOf = (given: Given): ObservedKey => ({
  secret: {
    arn: given.arn ?? ARN,
    name: "keyturn/prod/web",
    tags: {},
    stages: given.stages,
    held: NO_CLAIMS,
    rotationEnabled: true,
    rotationFunctionArn: undefined,
    createdAtMs: NOW - 30 * DAY_MS,
    lastChangedAtMs: NOW - DAY_MS,
    deletedAtMs: given.deletedAtMs,
    nextRotationAtMs: undefined,
    primaryRegion: undefined,
    ...given.secret,
  },
  declaration: { ...declarationOfTest, ...given.declaration },
  stored: new Map(Object.entries(given.stored ?? {})),
  ...(given.standings ? { standings: new Map(Object.entries(given.standings)) } : {}),
  ...(given.adoption ? { adoption: given.adoption } : {}),
  ...(given.pendingMadeAtMs === undefined ? {} : { pendingMadeAtMs: given.pendingMadeAtMs }),
});

/** One managed key and what its vendors list, as a pass of reconcile at `NOW` sees them. */
export const observed = (given: Given): { observation: Observation; key: ObservedKey } => {
  const key = keyOf(given);
  const listings = Object.entries({ pictify: given.listed, ...given.elsewhere });
  const vendors = new Map(
    listings.map(([name, keys]) => [
      name,
      { connection: connectionOf(name), listing: { keys: [...keys, adminKey], vendorNowMs: undefined } },
    ]),
  );
  return { key, observation: { nowMs: NOW, serviceId: SERVICE_ID, keys: [key], vendors } };
};
