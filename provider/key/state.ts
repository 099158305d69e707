import type { KeyFacts } from "../../lambdas/contracts/key-facts.ts";
import type { ExpectedKey } from "../../lambdas/contracts/manage.ts";
import { type ObjectValue, textOf, type Value } from "../wire/value.ts";
import { NOT_YET } from "./claim.ts";

/** A key's facts as the computed attributes of its resource. */
export const factsState = (facts: KeyFacts): ObjectValue => ({
  secret_arn: facts.secretArn,
  key_id: facts.keyId ?? null,
  key_prefix: facts.keyPrefix ?? null,
  status: facts.status,
  version_id: facts.versionId ?? null,
  created_at: facts.createdAt ?? null,
  last_used_at: facts.lastUsedAt ?? null,
  next_rotation_at: facts.nextRotationAt ?? null,
  live_generations: facts.liveGenerations,
  debt: facts.debt,
});

/** Whether nothing is to be done in a status: the key works, whether or not its next generation is on its way. */
export const isHealthy = (status: Value | undefined): boolean => status === "current" || status === "rotating";

/** Whether a state has nothing but the secret yet, as at the begin of an import. */
export const isImport = (state: ObjectValue): boolean => textOf(state.name) === undefined;

/**
 * The state after a read. Name and access are what the key has, so that a plan shows where they are not as configured.
 * The vendor stays the one that the key was made with: the tags may name the next one already. An import has only the
 * secret yet, and takes all from the facts.
 */
export const readState = (state: ObjectValue, facts: KeyFacts): ObjectValue => {
  // What could not be told is as it was known before; what the secret says of itself is new.
  if (facts.notTold !== undefined && !isImport(state))
    return { ...state, next_rotation_at: facts.nextRotationAt ?? null };
  return readFacts(state, facts);
};

const readFacts = (state: ObjectValue, facts: KeyFacts): ObjectValue => ({
  ...state,
  ...(isImport(state) && { secret_id: facts.secretArn, claim: facts.claims === undefined ? null : NOT_YET }),
  name: facts.name,
  vendor: textOf(state.vendor) ?? facts.connection,
  role: facts.role ?? null,
  type: facts.type ?? null,
  ...factsState(facts),
});

const required = (state: ObjectValue, name: string): string => {
  const text = textOf(state[name]);
  if (text !== undefined) return text;
  throw new Error(`the attribute ${name} has no value where it must have one`);
};

/** The secret as the functions are told of it: by its ARN where that is known. */
export const secretIdOf = (state: ObjectValue): string => textOf(state.secret_arn) ?? required(state, "secret_id");

/** What the state says is declared. */
export const expectedOf = (state: ObjectValue): ExpectedKey => {
  const [role, type] = [textOf(state.role), textOf(state.type)];
  return {
    name: required(state, "name"),
    connection: required(state, "vendor"),
    ...(role !== undefined && { role }),
    ...(type !== undefined && { type }),
  };
};

const isAsExpected = ({ name, role, type }: KeyFacts, expected: ExpectedKey): boolean =>
  name === expected.name && role === expected.role && type === expected.type;

/** Whether the current generation has the name and the access that the state says. */
export const hasDeclared = (facts: KeyFacts, state: ObjectValue): boolean => isAsExpected(facts, expectedOf(state));

/**
 * What of the facts is not as expected, in words; `undefined`: the current generation works and all is as expected. That the
 * next one is on its way, as by a schedule, is nothing to wait for.
 */
export const difference = (facts: KeyFacts, expected: ExpectedKey): string | undefined => {
  if (!isHealthy(facts.status)) return `${facts.secretName} is ${facts.status}`;
  if (isAsExpected(facts, expected)) return undefined;
  return `the current generation of ${facts.secretName}, which is ${facts.status}, is not yet as declared`;
};
