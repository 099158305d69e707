import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TerraformProvider, type TerraformStack, Testing } from "cdktf";
import { describe, expect, test } from "vitest";
import { ExternalSecretTarget, PictifyApiKey } from "../../../constructs/index.ts";
import { rulesOf } from "../../../lambdas/targets/kubernetes/rules.ts";
import {
  addCluster,
  addWebKey,
  fullSynth,
  newService,
  newStack,
  resourceOf,
  resourcesOf,
  webTarget,
} from "../declare.ts";

const EKS = { eksClusterName: "prod-eu", region: "eu-central-1" };
const KUBECONFIG = { kubeconfigSecretName: "clusters/prod" };
const RBAC = "rbac.authorization.k8s.io";

/** The user's own provider block, of whatever binding. */
class Provider extends TerraformProvider {}

const kubernetes = (stack: TerraformStack) =>
  new Provider(stack, "Kubernetes", {
    terraformResourceType: "kubernetes",
    terraformProviderSource: "hashicorp/kubernetes",
    terraformGeneratorMetadata: { providerName: "kubernetes" },
  });

/** Two keys with targets in two namespaces, and the targets' declarations. */
const declared = (props: object, withProvider = false) => {
  const stack = newStack();
  const service = newService(stack);
  const cluster = addCluster(service, {
    ...props,
    ...(withProvider ? { kubernetesProvider: kubernetes(stack) } : {}),
  });
  const targets = [
    webTarget(cluster, { restart: ["deployment/webapp", "daemonset/agent"] }),
    webTarget(cluster, { namespace: "api", restart: [] }),
  ];
  addWebKey(service, targets);
  const vendor = service.addVendor("Second", {
    vendor: "pictify",
    connection: "second",
    adminSecretName: "keyturn/second",
    plan: "pro",
  });
  const other = new ExternalSecretTarget({ cluster, namespace: "web", secretName: "other", storeName: "aws" });
  new PictifyApiKey(stack, "Other", { vendor, name: "other", type: "test" }).addTarget(other);
  return { stack, cluster, declarations: [...targets, other].map(({ declaration }) => declaration) };
};

const itemsOf = (manifest: string): Record<string, unknown>[] => JSON.parse(manifest).items;

describe("the manifest", () => {
  test("has for each namespace a Role with exactly the rules that its targets need, and its binding", () => {
    const { cluster, declarations } = declared(EKS);
    const metadata = (namespace: string) => ({ name: "keyturn-platform-prod", namespace });
    const roleRef = { apiGroup: RBAC, kind: "Role", name: "keyturn-platform-prod" };
    const subjects = [{ apiGroup: RBAC, kind: "Group", name: "keyturn-platform-prod" }];

    expect(JSON.parse(cluster.rbacManifest())).toEqual({
      apiVersion: "v1",
      kind: "List",
      items: rulesOf(declarations).flatMap(({ namespace, rules }) => [
        { apiVersion: `${RBAC}/v1`, kind: "Role", metadata: metadata(namespace), rules },
        { apiVersion: `${RBAC}/v1`, kind: "RoleBinding", metadata: metadata(namespace), roleRef, subjects },
      ]),
    });
  });

  test("names each Secret and workload, and gives rights on all of nothing but the list of pods", () => {
    const rules = itemsOf(declared(EKS).cluster.rbacManifest()).flatMap(
      ({ rules = [] }) => rules as { resources: string[]; resourceNames?: string[]; verbs: string[] }[],
    );

    expect(rules.length).toBeGreaterThan(4);
    for (const { resources, resourceNames, verbs } of rules)
      if (!resourceNames) expect([resources, verbs]).toEqual([["pods"], ["list"]]);
    expect(rules.flatMap(({ verbs }) => verbs)).not.toContain("*");
    expect(rules.flatMap(({ verbs }) => verbs)).not.toContain("delete");
  });

  test.each([
    [{}, { kind: "ServiceAccount", name: "keyturn", namespace: "keyturn" }],
    [{ serviceAccount: "ops/rotator" }, { kind: "ServiceAccount", name: "rotator", namespace: "ops" }],
    [{ group: "rotators" }, { kind: "Group", name: "rotators", apiGroup: RBAC }],
  ])("binds whom the kubeconfig is of: %j", (props, subject) => {
    const items = itemsOf(declared({ ...KUBECONFIG, ...props }).cluster.rbacManifest());

    expect(items.filter(({ kind }) => kind === "RoleBinding").map(({ subjects }) => subjects)).toEqual([
      [subject],
      [subject],
    ]);
  });

  test("lies beside the stack, the same at each synth", () => {
    const { stack, cluster } = declared(EKS);

    const path = join(fullSynth(stack), "assets", "keyturn-platform-prod", "rbac-prod.json");

    expect(readFileSync(path, "utf8")).toBe(cluster.rbacManifest());
    expect(declared(EKS).cluster.rbacManifest()).toBe(cluster.rbacManifest());
  });

  test("is not written where Terraform makes the Roles, nor for a cluster without targets", () => {
    const withProvider = fullSynth(declared(EKS, true).stack);
    const stack = newStack();
    addCluster(newService(stack));

    for (const folder of [withProvider, fullSynth(stack)])
      expect(existsSync(join(folder, "assets", "keyturn-platform-prod", "rbac-prod.json"))).toBe(false);
  });
});

describe("with the user's Kubernetes provider", () => {
  test("Roles and bindings are resources that say the same as the manifest", () => {
    const { stack, cluster } = declared(EKS, true);
    const items = itemsOf(cluster.rbacManifest());
    const roles = Object.values(resourcesOf(stack, "kubernetes_role_v1"));
    const bindings = Object.values(resourcesOf(stack, "kubernetes_role_binding_v1"));

    for (const { metadata, rules, kind } of items.filter((item) => item.kind === "Role")) {
      const role = roles.find((one) => one.metadata[0].namespace === (metadata as { namespace: string }).namespace);
      expect(kind).toBe("Role");
      expect(role).toMatchObject({ provider: "kubernetes", metadata: [metadata] });
      expect(
        role?.rule.map(
          ({ api_groups: apiGroups, resource_names: resourceNames, ...rest }: Record<string, unknown>) => ({
            apiGroups,
            ...(resourceNames ? { resourceNames } : {}),
            ...rest,
          }),
        ),
      ).toEqual(rules);
    }
    expect(roles).toHaveLength(2);
    expect(bindings).toHaveLength(2);
    expect(bindings[0]).toMatchObject({
      provider: "kubernetes",
      role_ref: [{ api_group: RBAC, kind: "Role", name: "keyturn-platform-prod" }],
      subject: [{ kind: "Group", name: "keyturn-platform-prod", api_group: RBAC }],
    });
  });

  test("the key waits for the rights in its namespaces, the binding for its Role", () => {
    const { stack } = declared(EKS, true);
    const [webRole] = resourceOf(stack, "kubernetes_role_v1", "Role-web");
    const [webBinding, { depends_on }] = resourceOf(stack, "kubernetes_role_binding_v1", "Binding-web");
    const [apiBinding] = resourceOf(stack, "kubernetes_role_binding_v1", "Binding-api");

    expect(depends_on).toEqual([webRole]);
    expect(resourceOf(stack, "keyturn_api_key", "WebApp")[1].depends_on).toEqual(
      expect.arrayContaining([webBinding, apiBinding]),
    );
    expect(resourceOf(stack, "keyturn_api_key", "Other")[1].depends_on).not.toContain(apiBinding);
  });

  test("a service account is bound without an API group", () => {
    const { stack } = declared(KUBECONFIG, true);

    expect(resourceOf(stack, "kubernetes_role_binding_v1", "Binding-api")[1].subject).toEqual([
      { kind: "ServiceAccount", name: "keyturn", namespace: "keyturn" },
    ]);
  });

  test("HCL says the same", () => {
    const hcl = Testing.synthHcl(declared(EKS, true).stack);

    expect(hcl).toMatch(/resource "kubernetes_role_v1"/);
    expect(hcl).toMatch(/metadata \{\s+name\s+= "keyturn-platform-prod"\s+namespace = "web"/);
    expect(hcl).toMatch(/rule \{\s+api_groups = \[\s*"apps",?\s*\]/);
    expect(hcl).toMatch(/role_ref \{\s+api_group = "rbac.authorization.k8s.io"/);
    expect(hcl).toMatch(/subject \{\s+kind\s+= "Group"/);
  });
});
