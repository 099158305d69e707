import { expect, test } from "vitest";
import { callsOf } from "../../../provider/protocol/calls.ts";
import { readObject, writeObject } from "../../../provider/protocol/dynamic-value.ts";
import { METHODS, SEVERITY } from "../../../provider/protocol/messages.ts";
import { errorProblem, ProblemError } from "../../../provider/protocol/problem.ts";
import type { ManagedResource, Provider } from "../../../provider/protocol/provider.ts";
import type { MethodName } from "../../../provider/protocol/typed-call.ts";
import { decode, encode, type Message, type MessageOf } from "../../../provider/wire/protobuf.ts";
import type { ObjectValue } from "../../../provider/wire/value.ts";

const fail = (): never => {
  throw new ProblemError(errorProblem("It failed", "Try pk_live_abcdefghijklmnop again.", "name"));
};

/** A resource on which everything fails. */
const failing: ManagedResource<string> = {
  schema: {
    version: 3,
    description: "A thing.",
    attributes: { name: { type: "string", is: "required", description: "Its name." } },
  },
  validate: () => [],
  saw: () => {},
  plan: async () => fail(),
  planRemoval: async () => fail(),
  upgrade: fail,
  importState: fail,
  read: async () => fail(),
  create: async () => fail(),
  update: async () => fail(),
  remove: async () => fail(),
};

const provider: Provider<string> = {
  schema: { version: 0, description: "Test.", attributes: {} },
  validate: () => [],
  configure: () => "client",
  resources: { a_thing: failing },
  dataSources: {},
};

type Methods = typeof METHODS;
type Asked<Name extends MethodName> = Partial<MessageOf<Methods[Name]["request"]>>;

const call = async <Name extends MethodName>(
  name: Name,
  request: Asked<Name>,
  calls = callsOf(provider),
): Promise<MessageOf<Methods[Name]["answer"]>> => {
  const method = METHODS[name];
  const answer = await calls.get(name)?.(encode(method.request as Message<unknown>, request as object));
  if (!answer) throw new Error(`there is no method ${name}`);
  return decode(method.answer as Message<unknown>, answer) as MessageOf<Methods[Name]["answer"]>;
};

const configured = async () => {
  const calls = callsOf(provider);
  await call("ConfigureProvider", { config: writeObject({}) }, calls);
  return calls;
};

const STATE: ObjectValue = { name: "a" };
const FAILED = {
  severity: SEVERITY.error,
  summary: "It failed",
  detail: "Try [redacted] again.",
  attribute: { steps: [{ attributeName: "name" }] },
};

test.each<[string, ObjectValue | null, ObjectValue | null]>([
  ["create", null, STATE],
  ["update", STATE, { name: "b" }],
  ["delete", STATE, null],
])("after a %s that failed the state is what it was, with the problem at its attribute", async (_, prior, planned) => {
  const request = { typeName: "a_thing", priorState: writeObject(prior), plannedState: writeObject(planned) };

  const answer = await call("ApplyResourceChange", request, await configured());

  expect(readObject(answer.newState)).toEqual(prior);
  expect(answer.diagnostics).toMatchObject([FAILED]);
});

test("a read that failed does not say that the resource is gone", async () => {
  const answer = await call(
    "ReadResource",
    { typeName: "a_thing", currentState: writeObject(STATE) },
    await configured(),
  );

  expect(readObject(answer.newState)).toEqual(STATE);
  expect(answer.diagnostics).toMatchObject([FAILED]);
});

test("a resource of another type cannot be moved here", async () => {
  const answer = await call("MoveResourceState", { sourceTypeName: "aws_thing", targetTypeName: "a_thing" });

  expect(answer.diagnostics).toMatchObject([{ summary: "aws_thing cannot become a_thing" }]);
});

test("a state of the same schema version is taken without what the schema does not have", async () => {
  const json = Buffer.from(JSON.stringify({ name: "a", gone: true }));

  const answer = await call("UpgradeResourceState", { typeName: "a_thing", version: 3, rawState: { json } });

  expect(readObject(answer.upgradedState)).toEqual({ name: "a" });
});

test("a call before the configuration is a mistake that is said", async () => {
  const answer = await call("ReadResource", { typeName: "a_thing", currentState: writeObject(STATE) });

  expect(answer.diagnostics[0]?.detail).toContain("before it configured the provider");
});

test.each(["GetFunctions", "GetResourceIdentitySchemas", "ValidateEphemeralResourceConfig"])(
  "%s is answered with nothing",
  async (name) => {
    expect(await callsOf(provider).get(name)?.(new Uint8Array())).toHaveLength(0);
  },
);

test("the schema says of every attribute who sets it", async () => {
  const { resourceSchemas } = await call("GetProviderSchema", {});

  expect(resourceSchemas.a_thing).toMatchObject({
    version: 3,
    block: {
      attributes: [{ name: "name", required: true, optional: false, computed: false, description: "Its name." }],
    },
  });
});
