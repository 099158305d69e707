import { AuthorizationV1Api } from "@kubernetes/client-node";
import type { PolicyRule } from "../../lambdas/targets/kubernetes/rules.ts";
import { configOf, type TestCluster, withToken } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { policyRules } from "./policy-rules.ts";

export interface ServiceAccountOptions {
  readonly namespace: string;
  /** Default `keyturn`. */
  readonly name?: string;
  /** What it may do in its namespace, and nowhere else. */
  readonly rules: readonly PolicyRule[];
}

const RBAC = "rbac.authorization.k8s.io";

const allow = async ({ core, rbac }: TestCluster, options: Required<ServiceAccountOptions>): Promise<void> => {
  const { namespace, name, rules } = options;
  const metadata = { name };
  await core.createNamespacedServiceAccount({ namespace, body: { metadata } });
  await rbac.createNamespacedRole({ namespace, body: { metadata, rules: policyRules(rules) } });
  const roleRef = { apiGroup: RBAC, kind: "Role", name };
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  await rbac.createNamespacedRoleBinding({ namespace, body: { metadata, roleRef, subjects } });
};

const isAllowed = async (kubeconfig: string, namespace: string, rule: PolicyRule): Promise<boolean> => {
  const attributes = {
    namespace,
    verb: rule.verbs[0] ?? "",
    group: rule.apiGroups[0] ?? "",
    resource: rule.resources[0] ?? "",
    ...(rule.resourceNames?.[0] === undefined ? {} : { name: rule.resourceNames[0] }),
  };
  const reviews = configOf(kubeconfig).makeApiClient(AuthorizationV1Api);
  const { status } = await reviews.createSelfSubjectAccessReview({
    body: { spec: { resourceAttributes: attributes } },
  });
  return status?.allowed ?? false;
};

/**
 * Makes a service account with a Role of these rules, and returns a kubeconfig with its token (good for an hour) once the
 * API server knows of the rules.
 */
export const serviceAccountKubeconfig = async (
  cluster: TestCluster,
  { namespace, name = "keyturn", rules }: ServiceAccountOptions,
): Promise<string> => {
  await allow(cluster, { namespace, name, rules });
  const body = { spec: { audiences: [], expirationSeconds: 3_600 } };
  const { status } = await cluster.core.createNamespacedServiceAccountToken({ name, namespace, body });
  const kubeconfig = withToken(cluster, status?.token ?? "");
  for (const rule of rules) {
    await eventually(`${name} may do what its Role says`, () => isAllowed(kubeconfig, namespace, rule));
  }
  return kubeconfig;
};
