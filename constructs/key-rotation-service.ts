import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { ENVIRONMENT } from "../lambdas/contracts/environment.ts";
import type { Metric } from "../lambdas/contracts/metrics.ts";
import { Account } from "./account.ts";
import { Alarms } from "./alarms.ts";
import { FUNCTION_NAMES, type FunctionName } from "./functions.ts";
import { grantsText } from "./grants-text.ts";
import { type MetricReference, serviceMetric } from "./metric.ts";
import type { Reach } from "./permissions.ts";
import { refuse } from "./property-checks.ts";
import { ReconcileSchedule } from "./reconcile-schedule.ts";
import type { ArnReference } from "./references.ts";
import { ServiceFunction } from "./service-function.ts";
import { type KeyRotationServiceProps, type ServiceSettings, serviceSettings } from "./service-settings.ts";
import { VendorConnection } from "./vendor-connection.ts";
import type { VendorConnectionProps } from "./vendor-settings.ts";

/** A service that mints, rotates and retires the keys that are declared with it. */
export interface IKeyRotationService extends IConstruct {
  readonly name: string;
  /** A metric that the service's functions write, to be used in an alarm or a dashboard. */
  metric(metric: Metric): MetricReference;
}

/** The functions of one service in one account and region, with all they need. Keys are declared beside it. */
export class KeyRotationService extends Construct implements IKeyRotationService {
  readonly settings: ServiceSettings;
  /** What must exist before a key is made, and until it is destroyed. */
  readonly dependencies: readonly ITerraformDependable[];
  readonly #functions: Readonly<Record<FunctionName, ServiceFunction>>;
  readonly #connections = new Map<string, VendorConnection>();
  readonly #keyPaths = new Map<string, string>();
  readonly #encryptionKeyArns = new Set<string>();

  constructor(scope: Construct, id: string, props: KeyRotationServiceProps) {
    super(scope, id);
    this.settings = serviceSettings(this.node.path, props);
    const account = new Account(this, "Account");
    this.#functions = this.#makeFunctions(account);
    const permission = new LambdaPermission(this, "RotationPermission", {
      action: "lambda:InvokeFunction",
      functionName: this.functionOf("rotate").functionName,
      principal: "secretsmanager.amazonaws.com",
      sourceAccount: account.id,
    });
    this.dependencies = [permission, this.functionOf("manage")];
    const functions = FUNCTION_NAMES.map((name) => this.#functions[name]);
    new ReconcileSchedule(this, "Schedule", {
      settings: this.settings,
      account,
      reconcile: this.#functions.reconcile,
    });
    if (this.settings.alarmTopic)
      new Alarms(this, "Alarms", { settings: this.settings, topic: this.settings.alarmTopic, functions });
  }

  get name(): string {
    return this.settings.name;
  }

  /** Whether the service may have keys of production. */
  get production(): boolean {
    return this.settings.production;
  }

  functionOf(name: FunctionName): ServiceFunction["function"] {
    return this.#functions[name].function;
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
    return connection;
  }

  /**
   * Takes in the name of a key that was declared with this service.
   * @throws KeyturnError BAD_INPUT for a name that another key has
   */
  takeName(where: string, name: string): void {
    const other = this.#keyPaths.get(name);
    if (other !== undefined)
      refuse(where, `the service ${this.name} has a key named "${name}" already (${other}); give each its own name`);
    this.#keyPaths.set(name, where);
  }

  /** Lets the functions use a KMS key that encrypts a secret of theirs. */
  useEncryptionKey(key: ArnReference): void {
    this.#encryptionKeyArns.add(key.arn);
  }

  metric(metric: Metric): MetricReference {
    return serviceMetric(this.name, metric);
  }

  /** The text of grants.json, with everything that has been declared until now. */
  grantsText(): string {
    const parts = [...this.#connections].map(([name, connection]) => [name, connection.grants()] as const);
    return grantsText(this.settings, Object.fromEntries(parts));
  }

  #reach(account: Account): Reach {
    const connections = [...this.#connections.values()];
    const adminKeys = connections.flatMap(({ encryptionKeyArns }) => encryptionKeyArns);
    return {
      account,
      service: this.name,
      adminSecretNames: [...new Set(connections.map(({ settings }) => settings.adminSecretName))].sort(),
      encryptionKeyArns: [...new Set([...this.#encryptionKeyArns, ...adminKeys])],
    };
  }

  #makeFunctions(account: Account): Readonly<Record<FunctionName, ServiceFunction>> {
    const make = (
      name: FunctionName,
      invokes: readonly ServiceFunction[],
      environment: Readonly<Record<string, string>>,
    ) =>
      new ServiceFunction(this, name, {
        name,
        settings: this.settings,
        account,
        grants: () => this.grantsText(),
        reach: () => this.#reach(account),
        invokes,
        environment,
      });
    const rotate = make("rotate", [], {});
    // AWS asks whoever calls RotateSecret to be allowed to invoke the rotation function ("RotateSecret", permissions).
    const manage = make("manage", [rotate], {});
    const environment = { [ENVIRONMENT.manageFunction]: manage.function.functionName };
    return { rotate, manage, reconcile: make("reconcile", [rotate, manage], environment) };
  }
}
