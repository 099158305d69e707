import type { ObjectValue } from "../wire/value.ts";
import type { Problem, Warn } from "./problem.ts";
import type { ObjectSchema } from "./schema.ts";

/** What is to be planned. */
export interface ProposedChange {
  /** `null`: it is to be made. */
  readonly prior: ObjectValue | null;
  /** The configuration, completed from the prior state. */
  readonly proposed: ObjectValue;
  /** It is made in the place of an object that cannot be changed so. Not told of a tainted one. */
  readonly isReplacement: boolean;
}

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
  /** Told of every object of the state that this process is asked about, before anything else is asked of it. */
  saw(state: ObjectValue): void;
  /** The state from which an import begins; it is read afterwards. */
  importState(id: string): ObjectValue;
  /** The state as it is now; `null` when there is no such thing any more. */
  read(client: Client, state: ObjectValue, warn: Warn): Promise<ObjectValue | null>;
  plan(client: Client, change: ProposedChange): Promise<PlannedChange>;
  /** An object is to be destroyed. Not asked of one that another one replaces at its address. */
  planRemoval(client: Client, prior: ObjectValue): Promise<void>;
  create(client: Client, planned: ObjectValue, warn: Warn): Promise<ObjectValue>;
  update(client: Client, prior: ObjectValue, planned: ObjectValue, warn: Warn): Promise<ObjectValue>;
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
