import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Metric } from "../lambdas/contracts/metrics.ts";
import { Account } from "./account.ts";
import { Alarms } from "./alarms.ts";
import type { ClusterProps } from "./cluster-settings.ts";
import { encryptionProblems } from "./failures.ts";
import { CORE_FUNCTION_NAMES, type CoreFunctionName, functionName } from "./functions.ts";
import { grantsText } from "./grants-text.ts";
import { KubernetesCluster } from "./kubernetes-cluster.ts";
import { type MetricReference, serviceMetric } from "./metric.ts";
import type { Reach } from "./permissions.ts";
import { invocation } from "./policy.ts";
import { refuse } from "./property-checks.ts";
import { grantReadAll } from "./read-grant.ts";
import { ReconcileSchedule } from "./reconcile-schedule.ts";
import type { ArnReference, RoleReference } from "./references.ts";
import { attachPolicy } from "./role-policy.ts";
import type { ServiceOfKeys } from "./service.ts";
import type { ServiceFunction } from "./service-function.ts";
import { ServiceFunctions } from "./service-functions.ts";
import { type KeyRotationServiceProps, type ServiceSettings, serviceSettings } from "./service-settings.ts";
import { assumedRoleProblems, awsSettings } from "./terraform/aws-settings.ts";
import { builtProvider } from "./terraform/built-provider.ts";
import { KeyturnProvider } from "./terraform/keyturn-provider.ts";
import { VendorConnection } from "./vendor-connection.ts";
import type { VendorConnectionProps } from "./vendor-settings.ts";

/** The functions of one service in one account and region, with all they need. Keys are declared beside it. */
export class KeyRotationService extends Construct implements ServiceOfKeys {
  readonly settings: ServiceSettings;
  readonly dependencies: readonly ITerraformDependable[];
  readonly provider: KeyturnProvider;
  readonly #account: Account;
  readonly #functions: ServiceFunctions;
  readonly #alarms: Alarms | undefined;
  readonly #connections = new Map<string, VendorConnection>();
  readonly #clusters = new Map<string, KubernetesCluster>();
  /** Where a name, and where a secret's name, was declared. A name has no slash in it, a secret's has. */
  readonly #keyPaths = new Map<string, string>();
  readonly #encryptionKeyArns = new Set<string>();

  constructor(scope: Construct, id: string, props: KeyRotationServiceProps) {
    super(scope, id);
    this.settings = serviceSettings(this.node.path, props);
    const account = new Account(this, "Account");
    this.#account = account;
    this.#functions = new ServiceFunctions(this, {
      settings: this.settings,
      account,
      grants: () => this.grantsText(),
      reach: () => this.#reach(),
    });
    const permission = new LambdaPermission(this, "RotationPermission", {
      action: "lambda:InvokeFunction",
      functionName: this.functionOf("rotate").functionName,
      principal: "secretsmanager.amazonaws.com",
      sourceAccount: account.id,
    });
    const { schedule } = new ReconcileSchedule(this, "Schedule", {
      settings: this.settings,
      account,
      reconcile: this.#functions.core.reconcile,
    });
    // A destroy that a key refuses must leave all that looks after keys.
    this.node.addValidation({ validate: () => encryptionProblems(this, account, this.settings) });
    this.dependencies = [permission, this.functionOf("inspect"), this.functionOf("manage"), schedule];
    this.provider = this.#makeProvider();
    this.#alarms = this.#makeAlarms();
  }

  get name(): string {
    return this.settings.name;
  }

  get production(): boolean {
    return this.settings.production;
  }

  functionOf(name: CoreFunctionName): ServiceFunction["function"] {
    return this.#functions.core[name].function;
  }

  needDistribute(): ServiceFunction {
    const { distribute } = this.#functions;
    if (distribute) return distribute;
    const made = this.#functions.makeDistribute();
    this.#alarms?.watchTargets(made);
    return made;
  }

  /**
   * Connects the service to a vendor's organization.
   * @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be
   */
  addVendor(id: string, props: VendorConnectionProps): VendorConnection {
    const connection = new VendorConnection(this, id, this, props);
    const name = connection.connection;
    if (this.#connections.has(name))
      refuse(
        connection.node.path,
        `the service ${this.name} has a connection ${name} already; give this one a name of its own (connection: "…")`,
      );
    this.#connections.set(name, connection);
    this.#refuseSharedSecret(connection.node.path, connection.settings.adminSecretName);
    return connection;
  }

  /**
   * Lets keys of the service have targets in a Kubernetes cluster: one of EKS, or any that a kubeconfig reaches.
   * @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be
   */
  addCluster(id: string, props: ClusterProps): KubernetesCluster {
    const cluster = new KubernetesCluster(this, id, this, props);
    const { name, identity } = cluster;
    if (this.#clusters.has(name))
      refuse(
        cluster.node.path,
        `the service ${this.name} has a cluster named "${name}" already; give each its own name`,
      );
    const twin = [...this.#clusters.values()].find((other) => other.identity === identity);
    if (twin) refuse(cluster.node.path, `the cluster is declared already (${twin.node.path}); use that one`);
    this.#clusters.set(name, cluster);
    this.#refuseSharedSecret(cluster.node.path, cluster.settings.kubeconfigSecretName);
    return cluster;
  }

  takeKey(where: string, { name, secretName }: { readonly name: string; readonly secretName: string }): void {
    const other = this.#keyPaths.get(name);
    if (other !== undefined)
      refuse(where, `the service ${this.name} has a key named "${name}" already (${other}); give each its own name`);
    const holder = this.#keyPaths.get(secretName);
    if (holder !== undefined)
      refuse(where, `the secret ${secretName} holds another key already (${holder}); give each its own secretName`);
    this.#keyPaths.set(name, where).set(secretName, where);
  }

  useEncryptionKey(key: ArnReference): void {
    this.#encryptionKeyArns.add(key.arn);
  }

  metric(metric: Metric): MetricReference {
    return serviceMetric(this.name, metric);
  }

  grantPlan(role: RoleReference): void {
    this.#grantInvocation("grantPlan", `keyturn-plan-${this.name}`, ["inspect"], role);
  }

  grantDeploy(role: RoleReference): void {
    this.#grantInvocation("grantDeploy", `keyturn-deploy-${this.name}`, ["inspect", "manage"], role);
  }

  grantRead(role: RoleReference): void {
    const encryptionKeyArns = () => [...this.#encryptionKeyArns];
    grantReadAll(this, { account: this.#account, service: this.name, encryptionKeyArns }, role);
  }

  /** The text of grants.json, with everything that has been declared until now. */
  grantsText(): string {
    const connections = [...this.#connections].map(([name, connection]) => [name, connection.grants()] as const);
    const clusters = [...this.#clusters].map(([name, cluster]) => [name, cluster.grants()] as const);
    return grantsText(this.settings, Object.fromEntries(connections), Object.fromEntries(clusters));
  }

  #grantInvocation(grant: string, name: string, functions: readonly CoreFunctionName[], role: RoleReference): void {
    const invoked = functions.map((one) => ({
      arn: this.functionOf(one).arn,
      byName: (account: Account, region: string) =>
        account.arn("lambda", `function:${functionName(this.name, one)}`, region),
    }));
    attachPolicy(this, { grant, name, statements: (arnOf) => [invocation(invoked.map(arnOf))] }, role);
  }

  /** The functions that have admin keys reach no cluster, and the one that reaches clusters has no admin key. */
  #refuseSharedSecret(where: string, secretName: string | undefined): void {
    const isAdmin = [...this.#connections.values()].some(({ settings }) => settings.adminSecretName === secretName);
    const isKubeconfig = [...this.#clusters.values()].some(
      ({ settings }) => settings.kubeconfigSecretName !== undefined && settings.kubeconfigSecretName === secretName,
    );
    if (isAdmin && isKubeconfig)
      refuse(where, `the secret ${secretName} cannot hold both an admin key and a kubeconfig; keep them in two`);
  }

  #reach(): Reach {
    const connections = [...this.#connections.values()];
    const clusters = [...this.#clusters.values()].map(({ settings }) => settings);
    const sorted = (names: readonly string[]) => [...new Set(names)].sort();
    return {
      account: this.#account,
      service: this.name,
      adminSecretNames: sorted(connections.map(({ settings }) => settings.adminSecretName)),
      kubeconfigSecretNames: sorted(clusters.flatMap(({ kubeconfigSecretName }) => kubeconfigSecretName ?? [])),
      eksClusters: clusters.flatMap(({ eks }) => eks ?? []),
      encryptionKeyArns: {
        ownSecrets: [...this.#encryptionKeyArns],
        adminSecrets: connections.flatMap(({ encryptionKeyArns }) => encryptionKeyArns),
        kubeconfigSecrets: clusters.flatMap(({ kubeconfigSecretEncryptionKey: key }) => key?.arn ?? []),
      },
    };
  }

  #makeAlarms(): Alarms | undefined {
    const { settings } = this;
    if (!settings.alarmTopic) return undefined;
    const functions = CORE_FUNCTION_NAMES.map((name) => this.#functions.core[name]);
    return new Alarms(this, "Alarms", { settings, topic: settings.alarmTopic, functions });
  }

  #makeProvider(): KeyturnProvider {
    const { name, bundles, terraformProvider } = this.settings;
    if (!terraformProvider) this.node.addValidation({ validate: () => assumedRoleProblems(this) });
    return new KeyturnProvider(this, "Terraform", {
      // A name may begin with a digit, an alias may not.
      alias: `service-${name}`,
      // Known when the app is synthesized: a plan asks before anything is made.
      inspectFunction: functionName(name, "inspect"),
      manageFunction: functionName(name, "manage"),
      ...awsSettings(this, terraformProvider),
      built: builtProvider(bundles),
    });
  }
}
