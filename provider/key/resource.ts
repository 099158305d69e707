import { UNNAMED } from "../../lambdas/contracts/claims.ts";
import type { KeyFacts, LeftTarget } from "../../lambdas/contracts/key-facts.ts";
import type { Client } from "../client.ts";
import { errorProblem, type Problem, ProblemError, type Warn, warningProblem } from "../protocol/problem.ts";
import type { ManagedResource, PlannedChange, ProposedChange } from "../protocol/provider.ts";
import { serviceProblem } from "../service/problems.ts";
import { type ObjectValue, textOf } from "../wire/value.ts";
import {
  claimOf,
  claimToGiveUp,
  endsBeforeImportedProblem,
  firstClaim,
  livesOn,
  renamedProblem,
  sharedUnnamedProblem,
  sharedWith,
} from "./claim.ts";
import { carryOut, orderClaim, orderFor, orderRemoval } from "./order.ts";
import { planKey, workOf } from "./plan.ts";
import { createPlanMemory, type PlanMemory } from "./plan-memory.ts";
import { isOtherSecret, isSecret } from "./same-secret.ts";
import { KEY_SCHEMA } from "./schema.ts";
import { isSecretId } from "./secret-id.ts";
import { factsState, hasDeclared, isHealthy, isImport, readState, secretIdOf } from "./state.ts";
import { upgradeKey } from "./upgrade.ts";
import { validateKey } from "./validate.ts";

const notASecret = (id: string): ProblemError =>
  new ProblemError(
    errorProblem(
      "Not a secret",
      `A key is imported by the ARN or the name of its secret; ${JSON.stringify(id)} is neither.`,
    ),
  );

const notThere = (secretId: string): ProblemError =>
  new ProblemError(
    errorProblem(
      "There is no such managed key",
      `The service has no managed key whose secret is ${secretId}. Check the name or ARN, and that the secret has the service's keyturn: tags.`,
    ),
  );

const notTold = (secretName: string, why: string): Problem =>
  warningProblem(
    "How a key stands at its vendor could not be told",
    `${secretName}: ${why}. The state keeps what was known of it, and nothing is planned for that; reconcile's log and the service's alarms say more.`,
  );

const notConfirmed = (secretName: string, keyIds: readonly string[]): Problem =>
  warningProblem(
    "A key was destroyed without the confirmation that it is revoked",
    `${secretName}: ${keyIds.join(", ")} may still work at the vendor. Revoke it there by hand.`,
  );

/** The state after a change: the arguments as planned, the facts as they are now. */
const changedState = (planned: ObjectValue, facts: KeyFacts, claim: string | null): ObjectValue => ({
  ...planned,
  ...factsState(facts),
  claim,
});

const ACTIONS = { adopt: "adopt", update: "update", heal: "ensure" } as const;

type Told = Pick<KeyFacts, "secretArn" | "secretName" | "claims">;

/** Claims of others that nobody who sees this state alone would know of. */
const foreignClaims = (memory: PlanMemory, { claims = [] }: Pick<KeyFacts, "claims">, own?: string) =>
  claims.filter(({ id }) => id !== own && !memory.isOfThisState(id));

const toldAs = ({ functions, clock }: Client, { secretArn, secretName }: Told) => ({
  secretArn,
  secretName,
  manageFunction: functions.manageFunction,
  nowMs: clock.now(),
});

const warnOfOthers = (memory: PlanMemory, client: Client, facts: Told, own: string, warn: Warn): void => {
  const others = foreignClaims(memory, facts, own);
  if (others.length > 0) warn(sharedWith(others, toldAs(client, facts)));
};

/** Makes a key. Its claim is open until it is there; a service from before claims takes none, and tells none. */
const create = async (memory: PlanMemory, client: Client, planned: ObjectValue, warn: Warn): Promise<ObjectValue> => {
  const id = client.newClaim();
  memory.applies();
  memory.claimed(id);
  const action = textOf(planned.adopt_key_id) === undefined ? "ensure" : "adopt";
  const facts = await carryOut(client, orderFor("create", action, planned, { id, isOpen: true }));
  if (facts.claims === undefined) return changedState(planned, facts, null);
  const made = changedState(planned, facts, id);
  warnOfOthers(memory, client, await confirmed(client, made, id), id, warn);
  return made;
};

/**
 * The claim of an object that is there.
 * @throws ProblemError with the object: whether its claim is written is not known, and only an object that Terraform knows gives it up
 */
const confirmed = async (client: Client, made: ObjectValue, id: string): Promise<Told> => {
  try {
    return await carryOut(client, orderClaim("create", made, { id }));
  } catch (error) {
    throw new ProblemError(serviceProblem(error, "create"), { cause: error, unfinished: made });
  }
};

/** Gives an object a claim of its own that has none yet, where the service knows claims. */
const firstClaimed = async (
  memory: PlanMemory,
  client: Client,
  prior: ObjectValue,
  state: ObjectValue,
  warn: Warn,
): Promise<ObjectValue> => {
  const { service, stopped } = client;
  const isKnown = (await service.describe(secretIdOf(state), stopped))?.claims !== undefined;
  if (!isKnown) return { ...state, claim: null };
  const id = client.newClaim();
  memory.claimed(id);
  const told = await carryOut(client, orderClaim("update", state, firstClaim(id, prior)));
  warnOfOthers(memory, client, told, id, warn);
  return { ...state, claim: id };
};

const change = async (client: Client, prior: ObjectValue, planned: ObjectValue): Promise<ObjectValue> => {
  const work = workOf(prior, planned);
  const id = claimOf(prior);
  if (work === "nothing") return { ...planned, claim: id ?? null };
  const order = orderFor("update", ACTIONS[work], planned, id === undefined ? undefined : { id });
  return changedState(planned, await carryOut(client, order), id ?? null);
};

const stillInTargets = (secretName: string, left: readonly LeftTarget[]): Problem =>
  warningProblem(
    "Targets still hold the value of a key that was ended",
    `The service has no right to delete anything in a cluster. When nothing reads the value of ${secretName} any more, delete it:\n${left.map(({ cluster, command }) => `- in the cluster ${cluster}: ${command}`).join("\n")}`,
  );

const remove = async (memory: PlanMemory, client: Client, prior: ObjectValue, warn: Warn): Promise<void> => {
  memory.applies();
  const facts = await carryOut(client, orderRemoval(prior, claimToGiveUp(prior, client.newClaim)));
  if (facts.debt.length > 0) warn(notConfirmed(facts.secretName, facts.debt));
  if (facts.leftTargets) warn(stillInTargets(facts.secretName, facts.leftTargets));
  const left = foreignClaims(memory, facts);
  if (left.length > 0) warn(livesOn(left, toldAs(client, facts)));
};

/**
 * Whether an object's claim is the only one; a service from before claims does not tell. One of a create that nobody answered is of a
 * replacement that was cut off: then Terraform ends the object before it, which it calls deposed, and makes the next one.
 */
const isOnlyClaim = ({ claims = [] }: Pick<KeyFacts, "claims">, state: ObjectValue): boolean =>
  claims.every(({ id }) => id === (claimOf(state) ?? UNNAMED));

/** @throws ProblemError where the plan ends the key of a secret and makes it anew, which its destroy could not tell from any other */
const checkNotRenamed = async (memory: PlanMemory, { service, stopped }: Client): Promise<void> => {
  try {
    const ended = await memory.renamed((secretId, arn) => isSecret(service, secretId, arn, stopped));
    const facts = ended && (await service.describe(secretIdOf(ended), stopped));
    if (ended && facts && isOnlyClaim(facts, ended)) throw new ProblemError(renamedProblem(facts.secretArn));
  } catch (error) {
    throw error instanceof ProblemError ? error : new ProblemError(serviceProblem(error), { cause: error });
  }
};

/** @throws ProblemError where the plan ends an object, and keeps another one of the key that has no claim of its own */
const checkNotShared = (memory: PlanMemory): void => {
  const shares = memory.sharesUnnamed();
  if (shares) throw new ProblemError(sharedUnnamedProblem(secretIdOf(shares)));
  const ended = memory.endsBeforeImported();
  if (ended) throw new ProblemError(endsBeforeImportedProblem(secretIdOf(ended)));
};

const plan = async (memory: PlanMemory, client: Client, asked: ProposedChange): Promise<PlannedChange> => {
  const { prior, proposed, isReplacement } = asked;
  if (!prior && !isReplacement) {
    memory.makes(proposed);
    await checkNotRenamed(memory, client);
  }
  try {
    const { service, stopped } = client;
    const planned = planKey(
      prior,
      proposed,
      prior !== null && (await isOtherSecret(service, prior, proposed, stopped)),
    );
    if (prior && planned.replacedBy.length === 0) memory.keeps(prior);
    checkNotShared(memory);
    return planned;
  } catch (error) {
    throw error instanceof ProblemError ? error : new ProblemError(serviceProblem(error), { cause: error });
  }
};

const read = async ({ reader }: Client, state: ObjectValue, warn: Warn): Promise<ObjectValue | null> => {
  const secretId = secretIdOf(state);
  const isExpected = (facts: KeyFacts) =>
    isImport(state) || facts.notTold !== undefined || (isHealthy(facts.status) && hasDeclared(facts, state));
  try {
    const facts = await reader.read(secretId, isExpected);
    if (facts?.notTold !== undefined) warn(notTold(facts.secretName, facts.notTold));
    if (facts && facts.status !== "destroyed") return readState(state, facts);
  } catch (error) {
    throw new ProblemError(serviceProblem(error), { cause: error });
  }
  if (isImport(state)) throw notThere(secretId);
  return null;
};

const importState = (id: string): ObjectValue => {
  if (isSecretId(id)) return { secret_id: id };
  throw notASecret(id);
};

/** The resource `keyturn_api_key`, as one process of the provider has it. */
export const createKeyResource = (): ManagedResource<Client> => {
  const memory = createPlanMemory();
  return {
    schema: KEY_SCHEMA,
    validate: validateKey,
    upgrade: upgradeKey,
    saw: memory.saw,
    importState,
    read,
    plan: (client, asked) => plan(memory, client, asked),
    async planRemoval(client, prior) {
      memory.ends(prior);
      checkNotShared(memory);
      await checkNotRenamed(memory, client);
    },
    create: (client, planned, warn) => create(memory, client, planned, warn),
    async update(client, prior, planned, warn) {
      memory.applies();
      const changed = await change(client, prior, planned);
      return claimOf(changed) === undefined ? firstClaimed(memory, client, prior, changed, warn) : changed;
    },
    remove: (client, prior, warn) => remove(memory, client, prior, warn),
  };
};
