import { constants } from "node:fs";
import { access } from "node:fs/promises";
import type { MissingPrerequisite } from "../prerequisites.ts";
import { findGo, type GoChoice, HOW_TO_GET_GO, MINIMUM_GO } from "./go-toolchain.ts";

export const checkGo = (choice: GoChoice): MissingPrerequisite | undefined =>
  choice.found
    ? undefined
    : {
        name: "a Kubernetes API server",
        found: choice.problem,
        needed: `Go >= ${MINIMUM_GO} to build one, or a cluster`,
        howToGet: HOW_TO_GET_GO,
      };

const isReadable = (path: string): Promise<boolean> =>
  access(path, constants.R_OK).then(
    () => true,
    () => false,
  );

/** What is missing for a Kubernetes API: the cluster that `KEYTURN_TEST_KUBECONFIG` names, else Go to build our own. */
export const checkKubernetes = async (env = process.env): Promise<MissingPrerequisite | undefined> => {
  const named = env.KEYTURN_TEST_KUBECONFIG;
  if (!named) return checkGo(await findGo(env));
  if (await isReadable(named)) return undefined;
  return {
    name: "a Kubernetes API server",
    found: `KEYTURN_TEST_KUBECONFIG names ${named}, which cannot be read`,
    needed: "a kubeconfig",
    howToGet: "Name a file that is there, or unset KEYTURN_TEST_KUBECONFIG.",
  };
};

/** What is missing for an API server of our own, for what no other cluster lets us do, such as to restart it. */
export const checkOwnKubernetes = async (env = process.env): Promise<MissingPrerequisite | undefined> => {
  if (!env.KEYTURN_TEST_KUBECONFIG) return checkGo(await findGo(env));
  return {
    name: "a Kubernetes API server of our own",
    found: "KEYTURN_TEST_KUBECONFIG names another",
    needed: "its nodes can be told what to do, and it can be restarted",
    howToGet: "Unset KEYTURN_TEST_KUBECONFIG.",
  };
};
