import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SANDBOX_CLUSTER } from "../../stacks/sandbox-cluster.ts";
import { SERVICE } from "./key-watch.ts";

/**
 * The manifest with Keyturn's rights in the cluster, which synthesis lays beside the stack.
 * @param stackFolder where the stack was synthesized to
 */
export const readRbacManifest = (stackFolder: string): string =>
  readFileSync(join(stackFolder, "assets", `keyturn-${SERVICE}`, `rbac-${SANDBOX_CLUSTER.name}.json`), "utf8");
