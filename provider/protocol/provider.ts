import type { ObjectValue } from "../wire/value.ts";
import type { Problem, Warn } from "./problem.ts";
import type { ObjectSchema } from "./schema.ts";

/** What a planned change looks like, and which attributes cannot be changed without a replacement. */
export interface PlannedChange {
  readonly planned: ObjectValue;
  readonly replacedBy: readonly string[];
}

/**
 * A kind of resource. States and configurations are objects by attribute, in the form of the schema; a method says what is
 * wrong by throwing a `ProblemError`.
 */
export interface ManagedResource<Client> {
  readonly schema: ObjectSchema;
  /** Everything that is wrong with a configuration, as far as it is known yet. */
  validate(config: ObjectValue): readonly Problem[];
  /** The state of today's schema that a state of an older one stands for. */
  upgrade(fromVersion: number, state: ObjectValue): ObjectValue;
  /** The state from which an import begins; it is read afterwards. */
  importState(id: string): ObjectValue;
  /** The state as it is now; `null` when there is no such thing any more. */
  read(client: Client, state: ObjectValue, warn: Warn): Promise<ObjectValue | null>;
  /** @param prior `null` for one that is to be made; @param proposed the configuration, completed from the prior state */
  plan(prior: ObjectValue | null, proposed: ObjectValue): PlannedChange;
  create(client: Client, planned: ObjectValue): Promise<ObjectValue>;
  update(client: Client, prior: ObjectValue, planned: ObjectValue): Promise<ObjectValue>;
  remove(client: Client, prior: ObjectValue, warn: Warn): Promise<void>;
}

export interface DataSource<Client> {
  readonly schema: ObjectSchema;
  validate(config: ObjectValue): readonly Problem[];
  read(client: Client, config: ObjectValue): Promise<ObjectValue>;
}

export interface Provider<Client> {
  readonly schema: ObjectSchema;
  validate(config: ObjectValue): readonly Problem[];
  /**
   * Opens what the resources work with.
   * @param stopped aborts when Terraform is told to stop
   */
  configure(config: ObjectValue, stopped: AbortSignal): Client;
  readonly resources: Readonly<Record<string, ManagedResource<Client>>>;
  readonly dataSources: Readonly<Record<string, DataSource<Client>>>;
}

/** The kind of resource or data source that Terraform names. */
export const kindNamed = <Kind>(kinds: Readonly<Record<string, Kind>>, typeName: string): Kind => {
  const kind = kinds[typeName];
  if (kind !== undefined) return kind;
  throw new Error(`Terraform asked for a ${typeName}; this provider has ${Object.keys(kinds).join(", ")}`);
};
