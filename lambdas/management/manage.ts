import { protocolFor } from "../contracts/key-facts.ts";
import { type KeyAnswer, type KeyCommand, keyCommand, type ObjectClaim } from "../contracts/manage.ts";
import { read } from "../contracts/read.ts";
import { KeyturnError } from "../errors.ts";
import { factsOfKeys, managedKey } from "../inspection/observe-keys.ts";
import { createHandler, type Invocation } from "../invocation.ts";
import type { SecretFacts } from "../secrets.ts";
import type { Handler, World } from "../world.ts";
import { adopt } from "./adopt.ts";
import { lacksOwnGeneration } from "./claim-plan.ts";
import { compromised } from "./compromised.ts";
import { ensure } from "./ensure.ts";
import { untilRightsHaveSpread } from "./patience.ts";
import { claim, release } from "./recorded.ts";
import { remove } from "./remove.ts";

type Answer = Omit<KeyAnswer, "protocol">;

/** Why an object that is being made has to ask again. */
const waitingFor = ({ held, stages }: SecretFacts, claim: ObjectClaim | undefined): Pick<Answer, "waitsFor"> =>
  claim && lacksOwnGeneration(held, stages, claim.id)
    ? { waitsFor: "the rotation that gives the new object a generation of its own" }
    : {};

/** The facts of a key as it is now, described afresh. */
const factsNow = async (invocation: Invocation, secretArn: string, claim?: ObjectClaim): Promise<Answer> => {
  const secret = await invocation.secrets.describe(secretArn);
  const [facts] = secret ? await factsOfKeys(invocation, [managedKey(invocation, secret)]) : [];
  if (secret && facts) return { ...facts, ...waitingFor(secret, claim) };
  throw new KeyturnError("CONFLICT", `the secret ${secretArn} was deleted meanwhile`, { retryable: true });
};

const carryOut = async (invocation: Invocation, command: KeyCommand): Promise<Answer> => {
  switch (command.action) {
    case "ensure":
    case "update":
      return factsNow(invocation, await ensure(invocation, command), command.claim);
    case "adopt":
      return factsNow(invocation, await adopt(invocation, command));
    case "compromised":
      return factsNow(invocation, await compromised(invocation, command));
    case "delete":
      return remove(invocation, command);
    case "claim":
      return claim(invocation, command);
    case "release":
      return release(invocation, command);
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
