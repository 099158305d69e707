import * as z from "zod/mini";
import { KeyturnError } from "../errors.ts";
import { type Access, accessText } from "./access.ts";
import { DEFAULT_DEADLINE_MS, DEFAULT_OVERLAP_MS, DEFAULT_QUIET_MS, type Declaration } from "./declaration.ts";
import { duration } from "./duration.ts";
import { NAME_FORM } from "./key-name.ts";
import { read } from "./read.ts";
import {
  DEFAULT_DATA_KEY,
  DEFAULT_DELAY_MS,
  STORE_KINDS,
  TARGET_KINDS,
  type TargetDeclaration,
  workloadText,
} from "./targets.ts";

const name = z.string().check(z.regex(NAME_FORM));
const text = z.string().check(z.minLength(1));
const count = z.int().check(z.minimum(1));

export const DEFAULT_MAX_REPLACEMENTS = 5;
const DEFAULT_CLAIM_WAIT_MS = 30_000;

/** The least that a key waits, whatever its tags say. Not there: the defaults of a declaration. */
const minimum = z.strictObject({
  overlap: z._default(duration, DEFAULT_OVERLAP_MS),
  quiet: z._default(duration, DEFAULT_QUIET_MS),
  deadline: z._default(duration, DEFAULT_DEADLINE_MS),
});

/** One thing that the service serves. `secret` and `name` may end in `*`; a role or type may be `*`. */
const grant = z.strictObject({
  secret: text,
  name: text,
  role: z.optional(text),
  type: z.optional(text),
  minimum: z.optional(minimum),
  /** What may happen at the deadline, if its tags ask for it. Not there: `report`. */
  onDeadline: z.optional(z.enum(["report", "revoke"])),
});

const connection = z.strictObject({
  vendor: text,
  /** The name of the secret that holds the vendor's admin key. */
  adminSecret: text,
  baseUrl: z.url({ protocol: /^https?$/ }),
  organizationId: z.optional(text),
  plan: text,
  /** How many keys the vendor allows at once, where the plan does not say it. */
  maxKeys: z.optional(count),
  /** How many requests reconcile makes there a day, besides the hourly listing and what is urgent. Not there: a tenth of the plan's. */
  reconcileRequestsPerDay: z.optional(count),
  propagation: duration,
  reportingDelay: duration,
  skew: duration,
  /** How coarse the vendor's time of last use is, such as one that it moves on once an hour at most. Not there: exact. */
  lastUseResolution: z.optional(duration),
  serves: z.array(grant),
});

/** One Secret that a managed key may be written into. `secret` names the managed key's secret, and may end in `*`. */
const placeGrant = z.strictObject({
  secret: text,
  kind: z.enum(TARGET_KINDS),
  namespace: text,
  name: text,
  /** The data key that the value goes into. Not there: the default one. */
  dataKey: z._default(text, DEFAULT_DATA_KEY),
  /** The store that the External Secrets Operator may read it by; without one it reads none. */
  store: z.optional(z.strictObject({ kind: z.enum(STORE_KINDS), name: text })),
  /** Workloads that may be rolled out with it: `deployment/webapp`. */
  restart: z.array(text),
  /** What is waited for and rolled out at the least, whatever the tags say. */
  minimum: z.optional(
    z.strictObject({ delay: z._default(duration, DEFAULT_DELAY_MS), restart: z._default(z.array(text), []) }),
  ),
});

/** How a cluster is reached: as one of EKS, or by a kubeconfig that a secret holds. */
const clusterAccess = z.union([
  z.strictObject({ eks: z.strictObject({ name: text, region: text }) }),
  z.strictObject({ kubeconfigSecret: text, context: z.optional(text) }),
]);

const cluster = z.strictObject({ access: clusterAccess, serves: z.array(placeGrant) });

const schema = z.strictObject({
  service: name,
  /** The longest that a function which mints may run: a twin older than this is dead. */
  mintTimeout: duration,
  reconcileInterval: duration,
  strayAge: duration,
  stuckAge: duration,
  strays: z.enum(["report", "revoke"]),
  maxStrayRevocations: count,
  /** How many current keys of a connection may be found dead at once before it is doubted. */
  maxReplacements: z._default(count, DEFAULT_MAX_REPLACEMENTS),
  /** How long the end of a key waits for claims: whoever replaces an object, or gives it another address, may be about to claim it. */
  claimWait: z._default(duration, DEFAULT_CLAIM_WAIT_MS),
  connections: z.record(name, connection),
  /** By the name that targets call them by. */
  clusters: z.optional(z.record(name, cluster)),
});

/** `grants.json` as it is written: durations are ISO 8601 texts. */
export type GrantsFile = z.input<typeof schema>;
/** `grants.json` as it is read: durations are milliseconds. */
export type Grants = z.output<typeof schema>;
export type ConnectionFile = z.input<typeof connection>;
export type Connection = z.output<typeof connection>;
export type GrantFile = z.input<typeof grant>;
export type Grant = z.output<typeof grant>;
export type PlaceGrantFile = z.input<typeof placeGrant>;
export type PlaceGrant = z.output<typeof placeGrant>;
export type ClusterFile = z.input<typeof cluster>;
export type Cluster = z.output<typeof cluster>;
export type ClusterAccess = z.output<typeof clusterAccess>;

/** The file's name beside each handler. */
export const GRANTS_FILE = "grants.json";

/**
 * Reads what a service grants.
 * @throws KeyturnError BAD_INPUT that names each wrong property
 */
export const grantsOf = (value: unknown): Grants => read(schema, value, GRANTS_FILE);

/** By when a key that was issued at `issuedAtMs` must work, by our clock: propagation, and what clocks may differ by. */
export const worksByMs = ({ propagation, skew }: Connection, issuedAtMs: number): number =>
  issuedAtMs + propagation + skew;

/** Roles that could make or take keys themselves. A wildcard never grants them, only their own name does. */
export const PRIVILEGED: ReadonlySet<string> = new Set(["owner", "admin"]);

const matches = (pattern: string, value: string): boolean =>
  pattern.endsWith("*") ? value.startsWith(pattern.slice(0, -1)) : pattern === value;

const matchesAccess = (rule: Grant, access: Access): boolean => {
  const granted = rule[access.kind];
  return granted === "*" ? !PRIVILEGED.has(access.value) : granted === access.value;
};

/** What a service grants a key: the connection, and the rules that do. */
export interface GrantedKey {
  readonly connection: Connection;
  readonly rules: readonly Grant[];
}

/** What the service grants a declaration, if it grants it anything. */
export const grantedKey = (grants: Grants, declaration: Declaration, secretName: string): GrantedKey | undefined => {
  const found = grants.connections[declaration.connection];
  const rules = (found?.serves ?? []).filter(
    (rule) =>
      matches(rule.secret, secretName) &&
      matches(rule.name, declaration.name) &&
      matchesAccess(rule, declaration.access),
  );
  return found && rules.length > 0 ? { connection: found, rules } : undefined;
};

/**
 * The vendor connection that serves a declaration, and the rules by which it does.
 * @throws KeyturnError NOT_MANAGED for another service's secret, NOT_GRANTED when nothing grants what the tags request
 */
export const grantFor = (grants: Grants, declaration: Declaration, secretName: string): GrantedKey => {
  if (declaration.service !== grants.service)
    throw new KeyturnError(
      "NOT_MANAGED",
      `the secret ${secretName} belongs to the service ${declaration.service}, this is ${grants.service}`,
    );
  const granted = grantedKey(grants, declaration, secretName);
  if (granted) return granted;
  const request = `${declaration.connection} key ${declaration.name} with ${accessText(declaration.access)}`;
  throw new KeyturnError(
    "NOT_GRANTED",
    `the service ${grants.service} does not grant ${secretName} a ${request}; declare the key in the service's app, or add it to the connection's allow list, and deploy`,
  );
};

/** What a service grants a target: the cluster, and the rules that grant its place. */
export interface GrantedPlace {
  readonly cluster: Cluster;
  readonly rules: readonly PlaceGrant[];
}

const isStoreGranted = ({ store }: PlaceGrant, target: TargetDeclaration): boolean =>
  target.kind !== "external-secret" || (store?.kind === target.store.kind && store.name === target.store.name);

const placeText = (target: TargetDeclaration): string => {
  const store = target.kind === "external-secret" ? `, from the store ${target.store.kind}/${target.store.name}` : "";
  return `the data key ${target.dataKey} of the Secret ${target.namespace}/${target.name} (${target.kind}${store})`;
};

/**
 * The cluster that a target of a secret lies in, and the rules by which it may.
 * @throws KeyturnError NOT_GRANTED when nothing grants the secret this place, its data key and its store, or a workload that is to
 * be rolled out
 */
export const placeFor = (grants: Grants, target: TargetDeclaration, secretName: string): GrantedPlace => {
  const found = grants.clusters?.[target.cluster];
  const workloads = target.restart.map(workloadText);
  const rules = (found?.serves ?? []).filter(
    (rule) =>
      matches(rule.secret, secretName) &&
      rule.kind === target.kind &&
      rule.namespace === target.namespace &&
      rule.name === target.name &&
      rule.dataKey === target.dataKey &&
      isStoreGranted(rule, target) &&
      workloads.every((workload) => rule.restart.includes(workload)),
  );
  if (found && rules.length > 0) return { cluster: found, rules };
  const rollout = workloads.length > 0 ? `, nor to roll out ${workloads.join(", ")}` : "";
  throw new KeyturnError(
    "NOT_GRANTED",
    `the service ${grants.service} does not grant ${secretName} ${placeText(target)} in the cluster ${target.cluster}${rollout}; declare the target in the service's app and deploy`,
  );
};
