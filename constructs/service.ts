import type { ITerraformDependable } from "cdktf";
import type { IConstruct } from "constructs";
import type { Metric } from "../lambdas/contracts/metrics.ts";
import type { CoreFunctionName } from "./functions.ts";
import type { MetricReference } from "./metric.ts";
import type { ArnReference, RoleReference } from "./references.ts";
import type { ServiceFunction } from "./service-function.ts";
import type { ServiceSettings } from "./service-settings.ts";
import type { KeyturnProvider } from "./terraform/keyturn-provider.ts";

/** A service that mints, rotates and retires the keys that are declared with it. */
export interface IKeyRotationService extends IConstruct {
  readonly name: string;
  /** A metric that the service's functions write, to be used in an alarm or a dashboard. */
  metric(metric: Metric): MetricReference;
  /** Lets a role plan: ask the service how its keys are. It may change nothing by it. */
  grantPlan(role: RoleReference): void;
  /** Lets a role deploy keys: ask the service, and have it make, change and destroy its keys. */
  grantDeploy(role: RoleReference): void;
  /** Lets a role read every key of the service, those that come later too, by one policy. `grantRead` of a key is for one key. */
  grantRead(role: RoleReference): void;
}

/** A service as its connections, its clusters and its keys work with it. */
export interface ServiceOfKeys extends IKeyRotationService {
  readonly settings: ServiceSettings;
  /** What must exist before a key is made, and until it is destroyed. */
  readonly dependencies: readonly ITerraformDependable[];
  /** The block of Keyturn's Terraform provider that stands for this service. */
  readonly provider: KeyturnProvider;
  /** Whether the service may have keys of production. */
  readonly production: boolean;
  functionOf(name: CoreFunctionName): ServiceFunction["function"];
  /** The function `distribute`. It is made when it is first asked for: a service without targets has none. */
  needDistribute(): ServiceFunction;
  /**
   * Takes in a key that was declared with this service.
   * @throws KeyturnError BAD_INPUT for a name or a secret that another key has
   */
  takeKey(where: string, key: { readonly name: string; readonly secretName: string }): void;
  /** Lets the functions use a KMS key that encrypts a secret of theirs. */
  useEncryptionKey(key: ArnReference): void;
}
