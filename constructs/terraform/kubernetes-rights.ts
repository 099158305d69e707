import { type ITerraformDependable, type TerraformProvider, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import type { PolicyRule } from "../../lambdas/targets/kubernetes/rules.ts";
import { type Block, hclBlocks } from "./hcl-arguments.ts";

/*
 * The two resources of HashiCorp's Kubernetes provider that give rights in a namespace, in the form of its documentation
 * (`kubernetes_role_v1`, `kubernetes_role_binding_v1`). Whatever binding the user has of that provider, its block is enough.
 */
export const RBAC = "rbac.authorization.k8s.io";

/** Whom a binding gives rights to, as the RBAC API has it. */
export type RoleSubject =
  | { readonly kind: "Group"; readonly name: string; readonly apiGroup: typeof RBAC }
  | { readonly kind: "ServiceAccount"; readonly name: string; readonly namespace: string };

interface Metadata {
  readonly name: string;
  readonly namespace: string;
}

interface KubernetesResourceConfig {
  readonly provider: TerraformProvider;
  readonly metadata: Metadata;
  readonly dependsOn?: readonly ITerraformDependable[];
}

type Blocks = Readonly<Record<string, readonly Block[]>>;

/** A resource that is made of blocks alone. They are asked for at synth. */
export class KubernetesResource extends TerraformResource {
  readonly #blocks: () => Blocks;

  constructor(scope: Construct, id: string, type: string, config: KubernetesResourceConfig, blocks: () => Blocks) {
    super(scope, id, {
      terraformResourceType: type,
      terraformGeneratorMetadata: { providerName: "kubernetes" },
      provider: config.provider,
      ...(config.dependsOn ? { dependsOn: [...config.dependsOn] } : {}),
    });
    this.#blocks = blocks;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.#blocks();
  }

  protected override synthesizeHclAttributes(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this.#blocks()).map(([name, blocks]) => [name, hclBlocks(name, blocks)]));
  }
}

const ruleBlock = ({ apiGroups, resources, resourceNames, verbs }: PolicyRule): Block => ({
  api_groups: apiGroups,
  resources,
  ...(resourceNames ? { resource_names: resourceNames } : {}),
  verbs,
});

/** @param rules asked for at synth, after the last target */
export const kubernetesRole = (
  scope: Construct,
  id: string,
  config: KubernetesResourceConfig,
  rules: () => readonly PolicyRule[],
): KubernetesResource =>
  new KubernetesResource(scope, id, "kubernetes_role_v1", config, () => ({
    metadata: [{ ...config.metadata }],
    rule: rules().map(ruleBlock),
  }));

/** Binds the Role of the same name. */
export const kubernetesRoleBinding = (
  scope: Construct,
  id: string,
  config: KubernetesResourceConfig,
  { kind, name, ...more }: RoleSubject,
): KubernetesResource =>
  new KubernetesResource(scope, id, "kubernetes_role_binding_v1", config, () => ({
    metadata: [{ ...config.metadata }],
    role_ref: [{ api_group: RBAC, kind: "Role", name: config.metadata.name }],
    subject: [
      {
        kind,
        name,
        ...("namespace" in more ? { namespace: more.namespace } : {}),
        ...("apiGroup" in more ? { api_group: more.apiGroup } : {}),
      },
    ],
  }));
