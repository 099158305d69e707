import type { TargetDeclaration, WorkloadKind } from "../../contracts/targets.ts";

/** A rule of a Role, in the form of the RBAC API (`rbac.authorization.k8s.io/v1`). */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Not there: all of them. */
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export interface NamespaceRules {
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
}

/** What decides which rights a target needs. */
export type Written = Pick<TargetDeclaration, "kind" | "namespace" | "name" | "restart">;

export type Verb = "get" | "list" | "patch" | "create";

/** One object of a namespace, or with an empty name all objects of a kind. */
export interface ObjectPath {
  readonly group: "" | "apps" | "external-secrets.io";
  readonly version: "v1";
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

const WORKLOAD_RESOURCES: Readonly<Record<WorkloadKind, string>> = {
  deployment: "deployments",
  statefulset: "statefulsets",
  daemonset: "daemonsets",
};

const path =
  (group: ObjectPath["group"], resource: string) =>
  (namespace: string, name: string): ObjectPath => ({
    group,
    version: "v1",
    resource,
    namespace,
    name,
  });

export const secretPath = path("", "secrets");
export const externalSecretPath = path("external-secrets.io", "externalsecrets");
export const podsPath = (namespace: string): ObjectPath => path("", "pods")(namespace, "");
export const workloadPath = (kind: WorkloadKind, namespace: string, name: string): ObjectPath =>
  path("apps", WORKLOAD_RESOURCES[kind])(namespace, name);

const ruleFor = ({ group, resource, name }: ObjectPath, verbs: readonly Verb[]): PolicyRule => ({
  apiGroups: [group],
  resources: [resource],
  ...(name === "" ? {} : { resourceNames: [name] }),
  verbs,
});

/** Server-side apply needs `patch`, and `create` for what is not there yet; the name is in its path, so that a rule may have it. */
const APPLIED: readonly Verb[] = ["get", "create", "patch"];

interface Right {
  readonly path: ObjectPath;
  readonly verbs: readonly Verb[];
}

const rightsOf = (target: Written): readonly Right[] => {
  const { namespace, name, restart } = target;
  const written: readonly Right[] =
    target.kind === "kubernetes"
      ? [{ path: secretPath(namespace, name), verbs: APPLIED }]
      : [
          { path: externalSecretPath(namespace, name), verbs: APPLIED },
          { path: secretPath(namespace, name), verbs: ["get"] },
        ];
  const workloads = restart.map(
    (one): Right => ({
      path: workloadPath(one.kind, namespace, one.name),
      verbs: ["get", "patch"],
    }),
  );
  const pods: readonly Right[] = restart.length > 0 ? [{ path: podsPath(namespace), verbs: ["list"] }] : [];
  return [...written, ...workloads, ...pods];
};

const sortedNames = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();

/** One rule for each kind of object and set of verbs, with all its names. */
const mergedRules = (rights: readonly Right[]): readonly PolicyRule[] => {
  const groups = new Map<string, Right[]>();
  for (const right of rights) {
    const { group, resource } = right.path;
    const key = `${group}/${resource}/${right.verbs.join()}`;
    groups.set(key, [...(groups.get(key) ?? []), right]);
  }
  return [...groups.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, [first, ...others]]) => {
      if (!first) return [];
      const rule = ruleFor(first.path, first.verbs);
      const names = sortedNames([first, ...others].map(({ path: one }) => one.name));
      return [rule.resourceNames ? { ...rule, resourceNames: names } : rule];
    });
};

/**
 * The rules that a set of targets in one cluster needs, and no more: one Role for each namespace. Kubernetes cannot limit the
 * right to list pods to some of them.
 */
export const rulesOf = (targets: readonly Written[]): readonly NamespaceRules[] =>
  sortedNames(targets.map(({ namespace }) => namespace)).map((namespace) => ({
    namespace,
    rules: mergedRules(targets.filter((target) => target.namespace === namespace).flatMap(rightsOf)),
  }));

/** A rule as a person adds it: for the message of a 403. */
export const ruleText = (object: ObjectPath, verbs: readonly Verb[]): string =>
  `${JSON.stringify(ruleFor(object, verbs))} in a Role of the namespace ${object.namespace}`;
