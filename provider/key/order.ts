import type { KeyAnswer, ObjectClaim } from "../../lambdas/contracts/manage.ts";
import type { Client } from "../client.ts";
import { ProblemError } from "../protocol/problem.ts";
import { FunctionError } from "../service/function-error.ts";
import { type Try, untilDone } from "../service/patience.ts";
import { serviceProblem } from "../service/problems.ts";
import type { Command } from "../service/service.ts";
import { type ObjectValue, textOf } from "../wire/value.ts";
import { difference, expectedOf, secretIdOf } from "./state.ts";
import { type Operation, timeoutMs } from "./timeouts.ts";

/** Something that the service is to do, and when it is done. */
interface Order {
  readonly operation: Operation;
  readonly command: Command;
  readonly timeoutMs: number;
  /** What is not yet as ordered, in words; `undefined`: all is. */
  readonly missing: (facts: KeyAnswer) => string | undefined;
}

/** What is asked a second time says so: who asks once is asked by a person, and gets a try in any case. */
const repeated = (command: Command): Command =>
  command.action === "ensure" || command.action === "update" || command.action === "adopt"
    ? { ...command, again: true }
    : command;

const tried = async (
  { service }: Client,
  { command, missing }: Order,
  signal: AbortSignal,
): Promise<Try<KeyAnswer>> => {
  const facts = await service.manage(command, signal);
  if (facts.status === "destroyed" && command.action !== "delete")
    throw new FunctionError("DESTROYED", "manage", `${facts.secretName} is marked as destroyed`);
  const waitingFor = missing(facts);
  return waitingFor === undefined ? { done: facts } : { waitingFor };
};

/**
 * Has the service do something, for as long as it takes.
 * @throws ProblemError
 */
export const carryOut = async (client: Client, order: Order): Promise<KeyAnswer> => {
  const { clock, log, stopped, reader } = client;
  const { expected, action } = order.command;
  const what = `${action} of the key ${expected.name}`;
  let isFirst = true;
  const ask = (signal: AbortSignal) => {
    const command = isFirst ? order.command : repeated(order.command);
    isFirst = false;
    return tried(client, { ...order, command }, signal);
  };
  try {
    const patience = { clock, log, stopped, timeoutMs: order.timeoutMs, what };
    return await untilDone(ask, patience);
  } catch (error) {
    throw new ProblemError(serviceProblem(error, order.operation), { cause: error });
  } finally {
    reader.changed();
  }
};

const aimOf = (state: ObjectValue, claim: ObjectClaim | undefined) => ({
  secretId: secretIdOf(state),
  expected: expectedOf(state),
  ...(claim && { claim }),
});

const commandFor = (
  operation: "create" | "update",
  action: "ensure" | "update" | "adopt",
  planned: ObjectValue,
  claim: ObjectClaim | undefined,
): Command => {
  const aim = aimOf(planned, claim);
  if (action === "adopt") return { action, ...aim, keyId: textOf(planned.adopt_key_id) ?? "" };
  return action === "ensure" ? { action, ...aim, revive: operation === "create" } : { action, ...aim };
};

/**
 * Make the key be as planned: one verified current generation with the planned name and access. Who makes a key that was
 * destroyed before wants it back; who changes one does not know that it is gone.
 * @param claim the object's; of one that is being made, open
 */
export const orderFor = (
  operation: "create" | "update",
  action: "ensure" | "update" | "adopt",
  planned: ObjectValue,
  claim: ObjectClaim | undefined,
): Order => {
  const expected = expectedOf(planned);
  return {
    operation,
    command: commandFor(operation, action, planned, claim),
    timeoutMs: timeoutMs(planned, operation),
    missing: (facts) => facts.waitsFor ?? difference(facts, expected),
  };
};

/** Write the object's claim, and nothing else. */
export const orderClaim = (operation: "create" | "update", planned: ObjectValue, claim: ObjectClaim): Order => ({
  operation,
  command: { action: "claim", ...aimOf(planned, claim), claim },
  timeoutMs: timeoutMs(planned, operation),
  missing: () => undefined,
});

/** Take the object's claim away. With the last one, revoke every generation of the key, and let none be minted again. */
export const orderRemoval = (prior: ObjectValue, claim: ObjectClaim | undefined): Order => ({
  operation: "delete",
  command: { action: "delete", ...aimOf(prior, claim), force: prior.force_destroy === true },
  timeoutMs: timeoutMs(prior, "delete"),
  missing: ({ status, secretName }) => (status === "destroyed" ? undefined : `${secretName} is still ${status}`),
});
