import type { GrantsFile } from "../../lambdas/contracts/grants.ts";
import { placeGrantOf } from "../../lambdas/contracts/place-grant.ts";
import { targetTags } from "../../lambdas/contracts/target-tags.ts";
import type { TargetDeclaration } from "../../lambdas/contracts/targets.ts";
import { DAY_MS, SERVICE } from "../stage/settings.ts";
import type { VendorName } from "../stage/vendors.ts";

/*
 * The target of the kit's key, in the chapters that have one. Kinds of targets and kinds of access have nothing to do with the vendor;
 * each kind is played with one of the two, so that all are played in as few lives.
 */
export const CLUSTER = "prod";
export const NAMESPACE = "web";
export const SECRET = "web-credentials";
export const DATA_KEY = "api-key";
export const REGION = "us-east-1";
const WORKLOAD = { kind: "deployment", name: "web" } as const;

/** The secret with the cluster's kubeconfig, where it is reached by one. */
export const KUBECONFIG_SECRET = "keyturn/clusters/prod";

export const PLACE = {
  id: "web",
  cluster: CLUSTER,
  namespace: NAMESPACE,
  name: SECRET,
  dataKey: DATA_KEY,
  restart: [WORKLOAD],
  delayMs: 120_000,
};

/** What is declared: a Secret at Pictograph, an ExternalSecret at Pictify. */
export const targetFor = (vendor: VendorName): TargetDeclaration =>
  vendor === "pictograph"
    ? { kind: "kubernetes", ...PLACE }
    : { kind: "external-secret", ...PLACE, store: { kind: "ClusterSecretStore", name: "aws" }, refreshMs: DAY_MS };

/** The resource that it writes. */
export const resourceFor = (vendor: VendorName): "secrets" | "externalsecrets" =>
  targetFor(vendor).kind === "kubernetes" ? "secrets" : "externalsecrets";

export const targetTagsFor = (vendor: VendorName) =>
  Object.entries(targetTags(targetFor(vendor))).map(([Key, Value]) => ({ Key, Value }));

/** What grants it: a cluster that a kubeconfig reaches at Pictograph, one of EKS at Pictify. */
export const clustersFor = (vendor: VendorName): NonNullable<GrantsFile["clusters"]> => {
  const place = placeGrantOf(`keyturn/${SERVICE}/*`, targetFor(vendor));
  const access =
    vendor === "pictograph" ? { kubeconfigSecret: KUBECONFIG_SECRET } : { eks: { name: CLUSTER, region: REGION } };
  return { [CLUSTER]: { access, serves: [place] } };
};
