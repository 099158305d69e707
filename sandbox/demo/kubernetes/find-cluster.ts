import { checkKubernetes } from "../../kubernetes-api/prerequisite.ts";
import { missingLine } from "../../prerequisites.ts";
import type { Alongside, ClusterChoice } from "./cluster.ts";

export interface FindOptions {
  /** Whether it is wanted at all. */
  readonly isWanted: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly alongside: Alongside;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ").trim();

const unusable = (environment: NodeJS.ProcessEnv, error: unknown): string => {
  const reason = oneLine(error instanceof Error ? error.message : "unknown");
  const named = environment.KEYTURN_TEST_KUBECONFIG;
  if (!named) return `the Kubernetes API server cannot be had: ${reason}`;
  return `the cluster that KEYTURN_TEST_KUBECONFIG names (${named}) cannot be used: ${reason}; see to it, or unset the variable`;
};

/** A cluster for the demo, where one is at hand; where not, what is missing. It never throws: the demo goes on without. */
export const findCluster = async ({ isWanted, environment, alongside }: FindOptions): Promise<ClusterChoice> => {
  if (!isWanted) return { missing: "--no-kubernetes was said" };
  const missing = await checkKubernetes(environment);
  if (missing) return { missing: missingLine(missing) };
  try {
    // Not before it is wanted: the client takes a second to load.
    const { openCluster } = await import("./open-cluster.ts");
    return { found: await openCluster(environment, alongside) };
  } catch (error) {
    return { missing: unusable(environment, error) };
  }
};
