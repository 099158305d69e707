import type { KeyFacts } from "../../lambdas/contracts/key-facts.ts";
import type { Client } from "../client.ts";
import { errorProblem, ProblemError } from "../protocol/problem.ts";
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

  async read({ reader }, state) {
    const secretId = secretIdOf(state);
    const isExpected = (facts: KeyFacts) => isImport(state) || (isHealthy(facts.status) && hasDeclared(facts, state));
    try {
      const facts = await reader.read(secretId, isExpected);
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

  async remove(client, prior) {
    await carryOut(client, orderRemoval(prior));
  },
};
