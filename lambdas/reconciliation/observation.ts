import type { Declaration } from "../contracts/declaration.ts";
import type { Connection } from "../contracts/grants.ts";
import type { SecretFacts } from "../secrets.ts";
import type { Stored } from "../stored.ts";
import type { Listing } from "../vendors/vendor.ts";

export interface ObservedKey {
  readonly secret: SecretFacts;
  readonly declaration: Declaration;
  /** By version id; a version that is not in it was not read. */
  readonly stored: ReadonlyMap<string, Stored>;
}

export interface ObservedVendor {
  readonly connection: Connection;
  readonly listing: Listing;
}

/** All that one pass decides from. Nothing in it is a secret. */
export interface Observation {
  readonly nowMs: number;
  readonly serviceId: string;
  readonly keys: readonly ObservedKey[];
  /** By the name of the connection; one that is not in it was not looked at in this pass. */
  readonly vendors: ReadonlyMap<string, ObservedVendor>;
}
