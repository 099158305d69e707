import type { KeyFacts } from "../../lambdas/contracts/key-facts.ts";
import type { Client } from "../client.ts";
import { errorProblem, type Problem, ProblemError, warningProblem } from "../protocol/problem.ts";
import type { ManagedResource } from "../protocol/provider.ts";
import { serviceProblem } from "../service/problems.ts";
import { type ObjectValue, textOf } from "../wire/value.ts";
import { carryOut, orderFor, orderRemoval } from "./order.ts";
import { planKey, workOf } from "./plan.ts";
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
const changedState = (planned: ObjectValue, facts: KeyFacts): ObjectValue => ({ ...planned, ...factsState(facts) });

const ACTIONS = { adopt: "adopt", update: "update", heal: "ensure" } as const;

/** The resource `keyturn_api_key`. */
export const keyResource: ManagedResource<Client> = {
  schema: KEY_SCHEMA,
  validate: validateKey,
  upgrade: upgradeKey,
  plan: planKey,

  importState(id) {
    if (isSecretId(id)) return { secret_id: id };
    throw notASecret(id);
  },

  async read({ reader }, state, warn) {
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
  },

  async create(client, planned) {
    const action = textOf(planned.adopt_key_id) === undefined ? "ensure" : "adopt";
    return changedState(planned, await carryOut(client, orderFor("create", action, planned)));
  },

  async update(client, prior, planned) {
    const work = workOf(prior, planned);
    if (work === "nothing") return planned;
    return changedState(planned, await carryOut(client, orderFor("update", ACTIONS[work], planned)));
  },

  async remove(client, prior, warn) {
    const { debt, secretName } = await carryOut(client, orderRemoval(prior));
    if (debt.length > 0) warn(notConfirmed(secretName, debt));
  },
};
