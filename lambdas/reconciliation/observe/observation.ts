import type { Declaration } from "../../contracts/declaration.ts";
import type { Connection } from "../../contracts/grants.ts";
import { hasTargets } from "../../contracts/target-tags.ts";
import type { Standing } from "../../evidence/refusal.ts";
import type { Probe } from "../../evidence/use.ts";
import { type Adoption, NO_TARGETS } from "../../rotation/retirement.ts";
import type { SecretFacts } from "../../secrets.ts";
import type { Stored } from "../../stored.ts";
import type { Listing } from "../../vendors/vendor.ts";

const NOT_LOOKED_AT: Adoption = { adopted: false, reason: "its targets were not looked at in this pass" };

export interface ObservedKey {
  readonly secret: SecretFacts;
  readonly declaration: Declaration;
  /** By version id; a version that is not in it was not read. */
  readonly stored: ReadonlyMap<string, Stored>;
  /** By version id: whether the vendor takes the value, of versions whose keys were asked about. */
  readonly standings?: ReadonlyMap<string, Standing>;
  /** Not there: the key has no targets, or they were not looked at. */
  readonly adoption?: Adoption;
  /** When the pending version was made; only looked up where it may be stuck, and where AWS tells it. */
  readonly pendingMadeAtMs?: number;
}

/** The adoption that is to be decided from: of targets of which nothing is known, none has adopted. */
export const adoptionOf = ({ adoption, secret }: ObservedKey): Adoption =>
  adoption ?? (hasTargets(secret.tags) ? NOT_LOOKED_AT : NO_TARGETS);

export interface ObservedVendor {
  readonly connection: Connection;
  readonly listing: Listing;
  /** Whether its vendor answers a check of a key that works with success, so that the check counts as a use. @default false */
  readonly isVerifyOpen?: boolean;
  /** Our call that is to show whether its reporting of uses moves, where one was made of late. */
  readonly probe?: Probe | undefined;
}

/** All that one pass decides from. Nothing in it is a secret. */
export interface Observation {
  readonly nowMs: number;
  readonly serviceId: string;
  readonly keys: readonly ObservedKey[];
  /** Secrets with the service's tag that ask for what is not granted: their versions account for keys, and no more. */
  readonly unserved?: readonly SecretFacts[];
  /** By the name of the connection; one that is not in it was not looked at in this pass, or shows another organization. */
  readonly vendors: ReadonlyMap<string, ObservedVendor>;
  /** When revocations were first asked for in this container, by secret and version (`placeOf`). */
  readonly asked?: ReadonlyMap<string, number>;
  /** The same, when they were last. */
  readonly askedLast?: ReadonlyMap<string, number>;
}
