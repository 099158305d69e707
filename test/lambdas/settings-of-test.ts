import type { GrantsFile } from "../../lambdas/contracts/grants.ts";

/** A service without connections and clusters, with the delays that the constructs have by default. */
export const settingsOfTest = {
  service: "prod",
  mintTimeout: "PT5M",
  reconcileInterval: "PT5M",
  strayAge: "PT24H",
  stuckAge: "PT6H",
  strays: "report",
  maxStrayRevocations: 5,
} as const satisfies Omit<GrantsFile, "connections" | "clusters">;
