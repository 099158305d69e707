import type { VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import type { Handlers, WorldChange } from "../effects/container.ts";
import type { CallAws } from "../stage/account.ts";

/** A fault of the code under test, put in from outside of it: the production code has no switch for it. */
export interface Mutant {
  readonly name: string;
  /** What the code does wrong then. */
  readonly what: string;
  /** A life that it breaks, by its name; nowhere: a rotation to which nothing else happens is enough. */
  readonly shownAt?: string;
  /** Changes what the functions see of their worlds. */
  change?(stage: { readonly simulator: VendorSimulator; readonly aws: CallAws }): WorldChange;
  /** Functions that run in place of ours. */
  readonly handlers?: Handlers;
}
