import type { VendorSimulator } from "../../../../sandbox/vendors/simulator.ts";
import { unlimited } from "../../reconciliation/passes.ts";
import type { VendorName } from "../../second-connection.ts";
import { mintedKeys, pictographKey, type Stand, type StandOptions } from "../../stand.ts";

/*
 * What the tests of answers that were seen need of either vendor, told once.
 */
export const VENDORS = ["pictify", "pictograph"] as const satisfies readonly VendorName[];

const DECLARED = { pictify: {}, pictograph: pictographKey } as const;
const ACCESS = { pictify: "live", pictograph: "viewer" } as const;

/** A key of the vendor, as it is declared. */
export const declaredAt = (vendor: VendorName) => DECLARED[vendor];

type Switches = NonNullable<NonNullable<StandOptions["pictify"]>["switches"]> &
  NonNullable<NonNullable<StandOptions["pictograph"]>["switches"]>;

export type { Switches };

/** A stand whose vendors both are otherwise than their documents. */
export const standWith = (switches: Switches, options: StandOptions = {}): Promise<Stand> =>
  unlimited({
    ...options,
    pictify: { ...options.pictify, switches },
    pictograph: { ...options.pictograph, switches },
  });

/** A key that people made for themselves. */
export const peoplesKey = (simulator: VendorSimulator, name: string): string =>
  simulator.issueKey({ name, access: ACCESS[simulator.vendor] }).id;

/** A workload's call with a key; the answer's status: 401 where the vendor refuses the key. */
export const callAt = async (stand: Stand, vendor: VendorName, apiKey: string): Promise<number> => {
  const [path, headers] =
    vendor === "pictify"
      ? ["/api-keys", { Authorization: `Bearer ${apiKey}` }]
      : ["/api/v1/developer/datasets/", { "X-API-Key": apiKey }];
  return (await stand[vendor].fetch(new Request(`https://${vendor}.test${path}`, { headers }))).status;
};

/** How often a create was asked for. */
export const createsAt = (stand: Stand, vendor: VendorName): number =>
  stand[vendor].calls().find(({ operation }) => operation === "create")?.count ?? 0;

export const aliveAt = (stand: Stand, vendor: VendorName): readonly string[] =>
  mintedKeys(stand[vendor]).map(({ id }) => id);
