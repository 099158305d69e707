import type { Declaration } from "../../../lambdas/contracts/declaration.ts";
import { grantsOf } from "../../../lambdas/contracts/grants.ts";
import { generationOf, keyName } from "../../../lambdas/contracts/key-name.ts";
import type { Stages } from "../../../lambdas/contracts/labels.ts";
import type { Observation, ObservedKey } from "../../../lambdas/reconciliation/observation.ts";
import type { Stored } from "../../../lambdas/stored.ts";
import type { VendorKey } from "../../../lambdas/vendors/vendor.ts";
import { DAY_MS, declarationOfTest } from "../stand.ts";

export const NOW = Date.UTC(2026, 10, 21, 12);
export const SERVICE_ID = "0a1b2c3d";
export const ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:keyturn/prod/web-AbCdEf";

export const GRANTS = grantsOf({
  service: "prod",
  mintTimeout: "PT5M",
  reconcileInterval: "PT5M",
  strayAge: "PT24H",
  stuckAge: "PT6H",
  strays: "report",
  maxStrayRevocations: 5,
  connections: {
    pictify: {
      vendor: "pictify",
      adminSecret: "keyturn/pictify",
      baseUrl: "https://pictify.test",
      plan: "pro",
      propagation: "PT30S",
      reportingDelay: "PT5M",
      skew: "PT5M",
      serves: [],
    },
  },
});

const CONNECTION = GRANTS.connections.pictify;
if (!CONNECTION) throw new Error("no connection");

/** A vendor key with the name of a version's generation, minted three days ago and never used. */
export const vendorKey = (id: string, versionId: string, over: Partial<VendorKey> = {}): VendorKey => ({
  id,
  name: keyName("web", SERVICE_ID, generationOf(versionId)),
  active: true,
  createdAtMs: NOW - 3 * DAY_MS,
  lastUse: "never",
  ...over,
});

export interface Given {
  readonly stages: Stages;
  readonly listed: readonly VendorKey[];
  readonly stored?: Readonly<Record<string, Stored>>;
  readonly deletedAtMs?: number;
  readonly declaration?: Partial<Declaration>;
}

const keyOf = ({ stages, stored = {}, deletedAtMs, declaration }: Given): ObservedKey => ({
  secret: {
    arn: ARN,
    name: "keyturn/prod/web",
    tags: {},
    stages,
    rotationEnabled: true,
    rotationFunctionArn: undefined,
    createdAtMs: NOW - 30 * DAY_MS,
    deletedAtMs,
    nextRotationAtMs: undefined,
    primaryRegion: undefined,
  },
  declaration: { ...declarationOfTest, ...declaration },
  stored: new Map(Object.entries(stored)),
});

/** One managed key and what its vendor lists, as a pass of reconcile at `NOW` sees them. */
export const observed = (given: Given): { observation: Observation; key: ObservedKey } => {
  const key = keyOf(given);
  const vendors = new Map([
    ["pictify", { connection: CONNECTION, listing: { keys: given.listed, vendorNowMs: undefined } }],
  ]);
  return { key, observation: { nowMs: NOW, serviceId: SERVICE_ID, keys: [key], vendors } };
};
