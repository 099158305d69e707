import { LocalBackend } from "cdktf";
import type { PictifyApiKeyProps, PictographApiKeyProps } from "../constructs/index.ts";
import type { ApiKeysConfiguration } from "./api-keys.ts";
import { inCluster } from "./sandbox-cluster.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error that names a variable which is not set */
export const required = (environment: Environment, name: string): string => {
  const value = environment[name];
  if (value) return value;
  throw new Error(`${name} is not set; "npm run sandbox" writes it to .sandbox/env: source that file, then try again`);
};

/** The delays of one vendor connection. Without those of the environment they are as short as the sandbox's are. */
export const delays = (environment: Environment, vendor: "PICTOGRAPH" | "PICTIFY") => ({
  propagation: environment[`${vendor}_PROPAGATION`] ?? "PT3S",
  reportingDelay: environment[`${vendor}_REPORTING_DELAY`] ?? "PT5S",
  skew: environment[`${vendor}_SKEW`] ?? "PT1S",
});

/**
 * What may be declared otherwise from one deploy to the next. A value that the vendor does not know is refused by the key's
 * construct.
 */
const changeable = (environment: Environment) => ({
  webAppName: environment.KEYTURN_WEBAPP_NAME ?? "sandbox-webapp",
  trainingRole: (environment.KEYTURN_TRAINING_ROLE ?? "member") as PictographApiKeyProps["role"],
  ciType: (environment.KEYTURN_CI_TYPE ?? "test") as PictifyApiKeyProps["type"],
});

/**
 * The stack that the sandbox deploys: both vendors where the environment says they are, four keys, one more where there is a
 * cluster, and delays short enough to watch.
 * @param environment PICTOGRAPH_URL, PICTOGRAPH_ORGANIZATION_ID and PICTIFY_URL; to change a key: KEYTURN_WEBAPP_NAME
 * [sandbox-webapp], KEYTURN_TRAINING_ROLE [member], KEYTURN_CI_TYPE [test]; for the key in a cluster:
 * KEYTURN_CLUSTER_NAMESPACE [none]; besides, as ISO 8601 durations,
 * KEYTURN_OVERLAP [PT30S], KEYTURN_QUIET [PT5S], and for each vendor `<VENDOR>_PROPAGATION` [PT3S],
 * `<VENDOR>_REPORTING_DELAY` [PT5S] and `<VENDOR>_SKEW` [PT1S]
 * @throws Error that names a variable which is not set
 */
export const sandboxConfiguration = (environment: Environment): ApiKeysConfiguration => {
  const { webAppName, trainingRole, ciType } = changeable(environment);
  const short = { quiet: environment.KEYTURN_QUIET ?? "PT5S", recoveryWindowInDays: 0 };
  const common = { ...short, overlap: environment.KEYTURN_OVERLAP ?? "PT30S" };
  const { clusters, pictifyKeys } = inCluster(environment.KEYTURN_CLUSTER_NAMESPACE, short);
  return {
    stackName: "sandbox",
    // Relative, so that the output does not tell in which folder it was made.
    backend: (stack) => new LocalBackend(stack, { path: "terraform.sandbox.tfstate" }),
    service: { name: "sandbox", reconcileInterval: "PT1M" },
    pictograph: {
      adminSecretName: "keyturn/pictograph",
      plan: "pro",
      baseUrl: required(environment, "PICTOGRAPH_URL"),
      organizationId: required(environment, "PICTOGRAPH_ORGANIZATION_ID"),
      ...delays(environment, "PICTOGRAPH"),
    },
    pictify: {
      adminSecretName: "keyturn/pictify",
      plan: "pro",
      baseUrl: required(environment, "PICTIFY_URL"),
      ...delays(environment, "PICTIFY"),
    },
    clusters,
    pictographKeys: {
      Training: { ...common, name: "sandbox-training", role: trainingRole },
      Report: { ...common, name: "sandbox-report", role: "viewer" },
    },
    pictifyKeys: {
      // The secret keeps its name, so that a changed name of the key is no more than that: its readers notice nothing.
      WebApp: { ...common, name: webAppName, secretName: "keyturn/sandbox/sandbox-webapp", type: "live" },
      Ci: { ...common, name: "sandbox-ci", type: ciType },
      ...pictifyKeys,
    },
  };
};
