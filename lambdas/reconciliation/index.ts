/* What other functions may use of what reconcile observes. */
export { observeVendors } from "./observe/listings.ts";
export { listedById, match } from "./observe/matching.ts";
export type { Observation, ObservedKey, ObservedVendor } from "./observe/observation.ts";
