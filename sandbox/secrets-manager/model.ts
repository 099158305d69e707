import type { Rotations } from "./rotation/rotations.ts";
import type { SecretStore } from "./secret-store.ts";
import type { Surroundings } from "./surroundings.ts";

/** All that an operation works on. */
export interface Model extends Surroundings {
  readonly store: SecretStore;
  readonly rotations: Rotations;
}
