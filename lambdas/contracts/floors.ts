import { DEFAULT_DEADLINE_MS, DEFAULT_OVERLAP_MS, DEFAULT_QUIET_MS, type Declaration } from "./declaration.ts";
import { durationText } from "./duration.ts";
import {
  type Cluster,
  type Connection,
  type Grant,
  type Grants,
  grantedKey,
  grantFor,
  type PlaceGrant,
  placeFor,
} from "./grants.ts";
import { DEFAULT_DELAY_MS, type TargetDeclaration, type Workload, workloadText } from "./targets.ts";

/*
 * Tags only ask. What is granted with a key or a place is the least that is waited for: a tag that asks for less is answered with
 * that, and told. So whoever may tag a secret cannot have a key revoked that is in use.
 */

type Times = Pick<Declaration, "overlapMs" | "quietMs" | "deadlineMs">;

/** A key as it is served, and what its tags ask for that is less than what is granted. */
export interface ServedKey {
  readonly connection: Connection;
  readonly declaration: Declaration;
  /** In words, such as `overlap PT1S (at least PT24H)`; mostly none. */
  readonly below: readonly string[];
}

/** A rule that names the one secret decides before one that is for many: it is the key's own declaration. */
const decisive = <Rule extends { readonly secret: string }>(
  rules: readonly Rule[],
  secretName: string,
): readonly Rule[] => {
  const own = rules.filter(({ secret }) => secret === secretName);
  return own.length > 0 ? own : rules;
};

const FIELDS = [
  ["overlap", "overlapMs", DEFAULT_OVERLAP_MS],
  ["quiet", "quietMs", DEFAULT_QUIET_MS],
  ["deadline", "deadlineMs", DEFAULT_DEADLINE_MS],
] as const;

const longest = (rules: readonly Grant[], field: "overlap" | "quiet" | "deadline", defaultMs: number): number =>
  Math.max(...rules.map(({ minimum }) => minimum?.[field] ?? defaultMs));

const tooShort = (what: string, askedMs: number, leastMs: number): string =>
  `${what} ${durationText(askedMs)} (at least ${durationText(leastMs)})`;

/** A declaration with at least the times that these rules grant, and what it had less. */
const raised = (declaration: Declaration, rules: readonly Grant[]): Omit<ServedKey, "connection"> => {
  const floors = FIELDS.map(([field, property, defaultMs]) => ({
    field,
    property,
    leastMs: longest(rules, field, defaultMs),
  }));
  const below = floors.filter(({ property, leastMs }) => declaration[property] < leastMs);
  const times = Object.fromEntries(below.map(({ property, leastMs }) => [property, leastMs])) as Partial<Times>;
  const mayRevoke = rules.every(({ onDeadline }) => onDeadline === "revoke");
  const revokes = declaration.onDeadline === "revoke" && !mayRevoke;
  return {
    declaration: { ...declaration, ...times, ...(revokes ? { onDeadline: "report" } : {}) },
    below: [
      ...below.map(({ field, property, leastMs }) => tooShort(field, declaration[property], leastMs)),
      ...(revokes ? ["on-deadline revoke (report)"] : []),
    ],
  };
};

/**
 * A key as the service serves it.
 * @throws KeyturnError NOT_MANAGED, NOT_GRANTED
 */
export const servedKey = (grants: Grants, declaration: Declaration, secretName: string): ServedKey => {
  const { connection, rules } = grantFor(grants, declaration, secretName);
  return { connection, ...raised(declaration, decisive(rules, secretName)) };
};

/** A declaration as it is served; as it is where nothing grants it any more, which ends keys, and makes none. */
export const servedDeclaration = (grants: Grants, declaration: Declaration, secretName: string): Declaration => {
  const granted = grantedKey(grants, declaration, secretName);
  return granted ? raised(declaration, decisive(granted.rules, secretName)).declaration : declaration;
};

/** A target as it is served, and what its tags ask for that is less than what is granted. */
export interface ServedTarget {
  readonly cluster: Cluster;
  readonly target: TargetDeclaration;
  readonly below: readonly string[];
}

/** The texts are of workloads that a rule grants: `deployment/webapp`. */
const workloadOf = (text: string): Workload => {
  const [kind, name = ""] = text.split("/");
  return { kind: kind as Workload["kind"], name };
};

/**
 * A target as the service serves it.
 * @throws KeyturnError NOT_GRANTED
 */
export const servedTarget = (grants: Grants, target: TargetDeclaration, secretName: string): ServedTarget => {
  const { cluster, rules } = placeFor(grants, target, secretName);
  const floors = decisive<PlaceGrant>(rules, secretName).map(({ minimum }) => minimum);
  const leastMs = Math.max(...floors.map((floor) => floor?.delay ?? DEFAULT_DELAY_MS));
  const known = new Set(target.restart.map(workloadText));
  const missing = [...new Set(floors.flatMap((floor) => floor?.restart ?? []))].filter((one) => !known.has(one));
  return {
    cluster,
    target: {
      ...target,
      delayMs: Math.max(target.delayMs, leastMs),
      restart: [...target.restart, ...missing.map(workloadOf)],
    },
    below: [
      ...(target.delayMs < leastMs ? [tooShort("delay", target.delayMs, leastMs)] : []),
      ...(missing.length > 0 ? [`no restart of ${missing.join(", ")}`] : []),
    ],
  };
};
