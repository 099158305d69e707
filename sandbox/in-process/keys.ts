import { type InvocationResponse, InvokeCommand } from "@aws-sdk/client-lambda";
import type { Client } from "../../provider/client.ts";
import { createKeyReader } from "../../provider/key/reader.ts";
import { createKeyResource } from "../../provider/key/resource.ts";
import { ProblemError } from "../../provider/protocol/problem.ts";
import { conform } from "../../provider/protocol/schema.ts";
import { answerOf, type Invoke } from "../../provider/service/invoke.ts";
import { createService, type ServiceFunctions } from "../../provider/service/service.ts";
import { type ObjectValue, sameValue, textOf } from "../../provider/wire/value.ts";
import type { Account } from "./account.ts";

/*
 * The resource `keyturn_api_key` without Terraform: the provider's own code, over the functions of this process. Stands in
 * for what Terraform does with a resource: validate, plan, and create; read, plan again, and update; remove. Leaves out
 * replacements, and what Terraform itself checks of a provider's answers.
 */

/** Where the functions run, and by whose clock. */
export type Machine = Pick<Account, "functions" | "clock">;

const invokeIn =
  ({ functions }: Machine): Invoke =>
  async (functionName, event) => {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) });
    return answerOf(functionName, (await functions.client().send(command)) as InvocationResponse);
  };

const clientFor = (account: Machine, functions: ServiceFunctions): Client => {
  const stopped = new AbortController().signal;
  const service = createService(invokeIn(account), functions);
  const source = {
    list: () => service.list(stopped),
    describe: (secretId: string) => service.describe(secretId, stopped),
  };
  const reader = createKeyReader(source);
  return { service, functions, reader, clock: account.clock, log: () => {}, stopped, newClaim: newClaimIn(account) };
};

/** Terraform shows a problem's detail, where an error has its summary alone. */
const told = async <Result>(work: Promise<Result>): Promise<Result> => {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    throw new Error(`${error.problem.summary}: ${error.problem.detail}`, { cause: error });
  }
};

/** Claims of an account are numbered, so that a life that is played again has the same. */
const claimsIn = new WeakMap<Machine, number>();

const newClaimIn = (account: Machine) => (): string => {
  const n = (claimsIn.get(account) ?? 0) + 1;
  claimsIn.set(account, n);
  return `claim-${n}`;
};

const { schema } = createKeyResource();

/** What Terraform proposes to a provider: the configuration, and the facts of the state. */
const proposedOf = (prior: ObjectValue | null, config: ObjectValue): ObjectValue => {
  const facts = Object.entries(schema.attributes).filter(([, { is }]) => is === "computed");
  return { ...conform(schema, config), ...Object.fromEntries(facts.map(([name]) => [name, prior?.[name] ?? null])) };
};

/** The object that a failed create left in the state, which is replaced next, and then ended. */
export const unfinishedIn = (error: unknown): ObjectValue | undefined =>
  error instanceof Error && error.cause instanceof ProblemError ? error.cause.unfinished : undefined;

/** @throws Error that says what is wrong with the configuration, or why the key could not be made */
export const createKey = async (
  account: Machine,
  functions: ServiceFunctions,
  config: ObjectValue,
): Promise<ObjectValue> => {
  const resource = createKeyResource();
  const [problem] = resource.validate(conform(schema, config));
  if (problem) throw new Error(`${problem.summary}: ${problem.detail}`);
  const client = clientFor(account, functions);
  const change = { prior: null, proposed: proposedOf(null, config), isReplacement: false };
  const { planned } = await told(resource.plan(client, change));
  return told(resource.create(client, planned, () => {}));
};

/** What a plan says of a key that is there. */
export interface KeyPlan {
  /** As it was read. */
  readonly prior: ObjectValue;
  /** As it would be; what only an apply can tell is unknown. */
  readonly planned: ObjectValue;
  readonly isChanged: boolean;
}

/** @throws Error when the key would be made anew, or replaced: neither is known here */
export const planKey = async (
  account: Machine,
  functions: ServiceFunctions,
  state: ObjectValue,
  config: ObjectValue,
): Promise<KeyPlan> => {
  const resource = createKeyResource();
  const client = clientFor(account, functions);
  const read = await told(resource.read(client, state, () => {}));
  if (!read) throw new Error(`the key ${textOf(state.name)} is gone, and is not made anew in this process`);
  const prior = conform(schema, read);
  const change = { prior, proposed: proposedOf(prior, config), isReplacement: false };
  const { planned: proposed, replacedBy } = await told(resource.plan(client, change));
  if (replacedBy.length > 0)
    throw new Error(`another ${replacedBy.join(", ")} replaces the key ${textOf(state.name)}: not in this process`);
  const planned = conform(schema, proposed);
  return { prior, planned, isChanged: !sameValue(planned, prior) };
};

/** Makes a key be as configured now. @returns its new state @throws Error that says why it could not */
export const updateKey = async (
  account: Machine,
  functions: ServiceFunctions,
  state: ObjectValue,
  config: ObjectValue,
): Promise<ObjectValue> => {
  const { prior, planned, isChanged } = await planKey(account, functions, state, config);
  if (!isChanged) return prior;
  return told(createKeyResource().update(clientFor(account, functions), prior, planned, () => {}));
};

/** @throws Error that says why the key could not be destroyed */
export const removeKey = (account: Machine, functions: ServiceFunctions, state: ObjectValue): Promise<void> =>
  told(createKeyResource().remove(clientFor(account, functions), state, () => {}));
