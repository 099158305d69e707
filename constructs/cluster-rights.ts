import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { type ISynthesisSession, type ITerraformDependable, type TerraformProvider, TerraformStack } from "cdktf";
// PLATFORM: cdktf exports no way to write a file of one's own at synth but this, which its own TerraformAsset uses.
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer.js";
import { Construct } from "constructs";
import { type PolicyRule, rulesOf, type Written } from "../lambdas/targets/kubernetes/rules.ts";
import type { ClusterSettings, Subject } from "./cluster-settings.ts";
import {
  type KubernetesResource,
  kubernetesRole,
  kubernetesRoleBinding,
  RBAC,
  type RoleSubject,
} from "./terraform/kubernetes-rights.ts";

export interface ClusterRightsProps {
  readonly service: string;
  readonly settings: ClusterSettings;
  /** What is written in the cluster; asked for at synth, after the last target. */
  readonly places: () => readonly Written[];
}

/** A file that any installation of kubectl takes; `List` is what `kubectl get -o json` prints. */
const LIST = { apiVersion: "v1", kind: "List" };

const subjectOf = (subject: Subject): RoleSubject =>
  subject.kind === "Group" ? { apiGroup: RBAC, ...subject } : subject;

/**
 * The rights in a cluster: for each namespace one Role, with exactly the rules that its targets need, and its binding. They
 * are resources of the user's Kubernetes provider, or else a manifest beside the stack.
 */
export class ClusterRights extends Construct {
  readonly #props: ClusterRightsProps;
  readonly #bindings = new Map<string, KubernetesResource>();

  constructor(scope: Construct, id: string, props: ClusterRightsProps) {
    super(scope, id);
    this.#props = props;
    if (!props.settings.kubernetesProvider)
      addCustomSynthesis(this, { onSynthesize: (session) => this.#write(session) });
  }

  /** Gives the rights in a namespace. Returns the resources by which they are given, if any are. */
  allowIn(namespace: string): readonly ITerraformDependable[] {
    const { settings } = this.#props;
    if (!settings.kubernetesProvider) return [];
    const made = this.#bindings.get(namespace) ?? this.#bind(namespace, settings.kubernetesProvider);
    this.#bindings.set(namespace, made);
    return [made];
  }

  manifest(): string {
    const { subject } = this.#props.settings;
    const name = this.#name;
    const items = rulesOf(this.#props.places()).flatMap(({ namespace, rules }) => {
      const header = { apiVersion: `${RBAC}/v1`, metadata: { name, namespace } };
      const roleRef = { apiGroup: RBAC, kind: "Role", name };
      return [
        { ...header, kind: "Role", rules },
        { ...header, kind: "RoleBinding", roleRef, subjects: [subjectOf(subject)] },
      ];
    });
    return `${JSON.stringify({ ...LIST, items }, null, 2)}\n`;
  }

  /** One for each service, so that two of them can write into one namespace. */
  get #name(): string {
    return `keyturn-${this.#props.service}`;
  }

  #bind(namespace: string, provider: TerraformProvider): KubernetesResource {
    const metadata = { name: this.#name, namespace };
    const role = kubernetesRole(this, `Role-${namespace}`, { provider, metadata }, () => this.#rulesIn(namespace));
    return kubernetesRoleBinding(
      this,
      `Binding-${namespace}`,
      { provider, metadata, dependsOn: [role] },
      subjectOf(this.#props.settings.subject),
    );
  }

  #rulesIn(namespace: string): readonly PolicyRule[] {
    return rulesOf(this.#props.places().filter((place) => place.namespace === namespace)).flatMap(({ rules }) => rules);
  }

  #write(session: ISynthesisSession): void {
    if (this.#props.places().length === 0) return;
    const { service, settings } = this.#props;
    const { workingDirectory } = session.manifest.forStack(TerraformStack.of(this));
    const file = posix.join("assets", `keyturn-${service}`, `rbac-${settings.name}.json`);
    const path = join(session.outdir, workingDirectory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, this.manifest());
  }
}
