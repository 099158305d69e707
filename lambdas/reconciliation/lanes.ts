import type { ReconcileRequest } from "../contracts/reconcile.ts";
import type { Invocation } from "../invocation.ts";
import type { World } from "../world.ts";
import type { Listings } from "./observe/listings.ts";
import type { ContainerMemory } from "./observe/memory.ts";
import type { Observation } from "./observe/observation.ts";
import type { TargetLooks } from "./observe/targets.ts";

/** What all lanes of a pass have. */
export interface Lanes {
  readonly world: World;
  readonly invocation: Invocation;
  /** The connections whose budgets had nothing left when the pass began but for the hourly listing and what is urgent. */
  readonly spent: ReadonlySet<string>;
  /** The connections that are to be listed in this pass. */
  readonly due: ReadonlySet<string>;
  readonly memory: ContainerMemory;
  readonly request: ReconcileRequest;
  /** All keys of the service, and no vendors: each lane adds those that it has listed. */
  readonly observation: Observation;
  readonly listings: Listings;
  readonly looks: TargetLooks;
  /** What went wrong, of all lanes. */
  readonly errors: unknown[];
}
