import { EksAccessEntry } from "@cdktf/provider-aws/lib/eks-access-entry/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { ClusterFile } from "../lambdas/contracts/grants.ts";
import { placeGrantOf } from "../lambdas/contracts/place-grant.ts";
import { objectOf, type TargetDeclaration } from "../lambdas/contracts/targets.ts";
import { allowedPlace, type Place } from "./allowed-places.ts";
import { ClusterRights } from "./cluster-rights.ts";
import { type ClusterProps, type ClusterSettings, clusterSettings } from "./cluster-settings.ts";
import { refuse } from "./property-checks.ts";
import type { ServiceOfKeys } from "./service.ts";
import { regionProblems } from "./terraform/aws-settings.ts";

/** A Kubernetes cluster as a service reaches it: how, and what it may write there. */
export class KubernetesCluster extends Construct {
  readonly service: ServiceOfKeys;
  readonly settings: ClusterSettings;
  readonly #places: Place[] = [];
  /** Who writes an object of the cluster, by the path of the key. */
  readonly #writers = new Map<string, string>();
  readonly #rights: ClusterRights;
  #accessEntry: EksAccessEntry | undefined;

  /** Use `KeyRotationService.addCluster`. */
  constructor(scope: Construct, id: string, service: ServiceOfKeys, props: ClusterProps) {
    super(scope, id);
    this.service = service;
    this.settings = clusterSettings(this.node.path, service.name, props);
    this.#rights = new ClusterRights(this, "Rights", {
      service: service.name,
      settings: this.settings,
      places: () => this.#places,
    });
    for (const entry of props.allow ?? []) this.#take(allowedPlace(this.node.path, service.name, entry));
    const { eks, accessEntry, awsProvider } = this.settings;
    if (eks && accessEntry && !awsProvider)
      this.node.addValidation({ validate: () => regionProblems(this, eks.region) });
  }

  /** What targets, tags and grants call it. */
  get name(): string {
    return this.settings.name;
  }

  /** The same for two declarations of one cluster. */
  get identity(): string {
    const { eks, kubeconfigSecretName, context } = this.settings;
    return JSON.stringify(eks ?? { kubeconfigSecretName, context });
  }

  /**
   * Takes in a target of a key.
   * @param where the path of the key's construct, for messages
   * @returns what must be there before the key's first value is distributed
   * @throws KeyturnError BAD_INPUT when another target writes the same object
   */
  serve(where: string, target: TargetDeclaration, secretName: string): readonly ITerraformDependable[] {
    const object = objectOf(target);
    const writer = this.#writers.get(object);
    if (writer !== undefined)
      refuse(
        where,
        `the Secret ${target.namespace}/${target.name} in the cluster ${this.name} is written by a target of ${writer} already; one Secret holds one key: give each its own secretName`,
      );
    this.#writers.set(object, where);
    const { kind, namespace, name, restart } = target;
    return this.#take({ kind, namespace, name, restart, grant: placeGrantOf(secretName, target) });
  }

  /**
   * The Role and its binding for each namespace, as a manifest for `kubectl apply -f`: JSON, with the targets that have been
   * declared until now. It is also written beside the stack.
   */
  rbacManifest(): string {
    return this.#rights.manifest();
  }

  /** Its part of grants.json. */
  grants(): ClusterFile {
    const { eks, kubeconfigSecretName, context } = this.settings;
    return {
      access: eks
        ? { eks }
        : { kubeconfigSecret: kubeconfigSecretName ?? "", ...(context === undefined ? {} : { context }) },
      serves: this.#places.map(({ grant }) => grant),
    };
  }

  #take(place: Place): readonly ITerraformDependable[] {
    this.#places.push(place);
    const distribute = this.service.needDistribute();
    const { eks, accessEntry, awsProvider, subject, dependsOn } = this.settings;
    if (eks && accessEntry)
      this.#accessEntry ??= new EksAccessEntry(this, "AccessEntry", {
        clusterName: eks.name,
        principalArn: distribute.role.arn,
        kubernetesGroups: [subject.name],
        ...(awsProvider ? { provider: awsProvider } : {}),
        dependsOn: [...dependsOn],
      });
    return [...(this.#accessEntry ? [this.#accessEntry] : []), ...this.#rights.allowIn(place.namespace)];
  }
}
