import { type KeyFacts, protocolFor } from "../contracts/key-facts.ts";
import { type KeyAnswer, type KeyCommand, keyCommand } from "../contracts/manage.ts";
import { read } from "../contracts/read.ts";
import { KeyturnError } from "../errors.ts";
import { factsOfKeys, managedKey } from "../inspection/observe-keys.ts";
import { createHandler, type Invocation } from "../invocation.ts";
import type { Handler, World } from "../world.ts";
import { adopt } from "./adopt.ts";
import { compromised } from "./compromised.ts";
import { ensure } from "./ensure.ts";
import { untilRightsHaveSpread } from "./patience.ts";
import { remove } from "./remove.ts";

/** The facts of a key as it is now, described afresh. */
const factsNow = async (invocation: Invocation, secretArn: string): Promise<KeyFacts> => {
  const secret = await invocation.secrets.describe(secretArn);
  const [facts] = secret ? await factsOfKeys(invocation, [managedKey(invocation, secret)]) : [];
  if (facts) return facts;
  throw new KeyturnError("CONFLICT", `the secret ${secretArn} was deleted meanwhile`, { retryable: true });
};

const carryOut = async (invocation: Invocation, command: KeyCommand): Promise<KeyFacts> => {
  switch (command.action) {
    case "ensure":
    case "update":
      return factsNow(invocation, await ensure(invocation, command));
    case "adopt":
      return factsNow(invocation, await adopt(invocation, command));
    case "compromised":
      return factsNow(invocation, await compromised(invocation, command));
    case "delete":
      return remove(invocation, command);
  }
};

/** The door by which managed keys are made, changed and ended. Its answers hold facts, never a value. */
export const manageHandler = (world: World): Handler<KeyAnswer> =>
  createHandler(world, "manage", async (event, invocation) => {
    const command = read(keyCommand, event, "the request to manage");
    const protocol = protocolFor(command.protocol);
    const facts = await untilRightsHaveSpread(invocation, () => carryOut(invocation, command));
    invocation.log.event(`manage.${command.action}`, { ...facts });
    return { protocol, ...facts };
  });
