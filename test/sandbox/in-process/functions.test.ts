import { InvokeCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { describe, expect, test } from "vitest";
import type { LambdaContext } from "../../../lambdas/world.ts";
import { type FunctionOptions, InProcessFunctions } from "../../../sandbox/in-process/functions.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const make = (handler: FunctionOptions["handler"], options: Partial<FunctionOptions> = {}) => {
  const clock = new VirtualClock(0);
  const heard: (readonly [unknown, string | undefined])[] = [];
  const functions = new InProcessFunctions(clock, "us-east-1", "000000000000", (...one) => heard.push(one));
  functions.create({ name: "f", timeoutMs: 30 * SECOND_MS, secretsManagerMayInvoke: true, ...options, handler });
  return { clock, functions, heard };
};

const command = (input: { event?: object; asynchronous?: boolean }): InvokeCommand =>
  new InvokeCommand({
    FunctionName: "f",
    Payload: new TextEncoder().encode(JSON.stringify(input.event ?? {})),
    ...(input.asynchronous ? { InvocationType: "Event" } : {}),
  });

/** Fails `failures` times, noting when it was called (in seconds). */
const failing = (failures: number) => {
  const calledAt: number[] = [];
  const made = make(async () => {
    calledAt.push(made.clock.now() / SECOND_MS);
    if (calledAt.length <= failures) throw new Error("not yet");
  });
  return { ...made, calledAt };
};

describe("an invocation", () => {
  test.for(["f", "arn:aws:lambda:us-east-1:000000000000:function:f"])("by %s gives the answer", async (name) => {
    const { functions } = make(async (event) => ({ got: event }));
    expect(await functions.invoke(name, { a: 1 })).toEqual({ answer: { got: { a: 1 } } });
  });

  test("never throws: what the function threw is in the outcome, and whoever listens hears of it", async () => {
    const { functions, heard } = make(() => Promise.reject(new TypeError("it broke")));
    expect(await functions.invoke("f", { a: 1 })).toEqual({ error: "TypeError: it broke" });
    expect(heard).toEqual([[{ a: 1 }, "TypeError: it broke"]]);
  });

  test("gets an event of its own: what it changes in it changes nothing for the caller", async () => {
    const event = { list: [1] };
    const { functions } = make(async (received) => (received as typeof event).list.push(2));
    await functions.invoke("f", event);
    expect(event).toEqual({ list: [1] });
  });

  test("knows its own ARN, a request id, and how much time it has left", async () => {
    let context: LambdaContext | undefined;
    const left: number[] = [];
    const { clock, functions } = make(async (_, given) => {
      context = given;
      left.push(given.getRemainingTimeInMillis());
      await clock.sleep(10 * SECOND_MS);
      left.push(given.getRemainingTimeInMillis());
    });
    await clock.run(functions.invoke("f", {}));
    expect(context?.invokedFunctionArn).toBe("arn:aws:lambda:us-east-1:000000000000:function:f");
    expect(context?.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(left).toEqual([30 * SECOND_MS, 20 * SECOND_MS]);
  });

  test("that takes longer than its function may is answered as timed out, at its time", async () => {
    const { clock, functions } = make(() => new Promise(() => {}));
    const outcome = await clock.run(functions.invoke("f", {}));
    expect(outcome).toEqual({ error: "Sandbox.Timedout: Task timed out after 30 seconds" });
    expect(clock.now()).toBe(30 * SECOND_MS);
  });

  test("of a function that was deleted, or never was, is an error that names it", async () => {
    const { functions } = make(async () => {});
    functions.delete("f");
    expect(await functions.invoke("f", {})).toEqual({ error: "ResourceNotFoundException: Function not found: f" });
  });
});

describe("Secrets Manager's permission", () => {
  test.for([
    ["f", true, "yes"],
    ["f", false, "not permitted"],
    ["g", true, "no such function"],
  ] as const)("to invoke %s, given: %s, is: %s", async ([name, secretsManagerMayInvoke, verdict]) => {
    const { functions } = make(async () => {}, { secretsManagerMayInvoke });
    expect(await functions.mayInvoke(functions.arnOf(name))).toBe(verdict);
  });
});

describe("an invocation through the SDK", () => {
  test("is answered with the function's answer", async () => {
    const { functions } = make(async () => ({ status: "done" }));
    const answer = await functions.client().send(command({}));
    expect(answer).toMatchObject({ StatusCode: 200 });
    expect(answer).not.toHaveProperty("FunctionError");
    expect(JSON.parse(new TextDecoder().decode(answer.Payload))).toEqual({ status: "done" });
  });

  test("says that the function failed, and how", async () => {
    const { functions } = make(() => Promise.reject(new Error("it broke")));
    const answer = await functions.client().send(command({}));
    expect(answer.FunctionError).toBe("Unhandled");
    expect(JSON.parse(new TextDecoder().decode(answer.Payload))).toEqual({
      errorType: "Error",
      errorMessage: "it broke",
    });
  });

  test("knows Invoke alone, and says so", async () => {
    const { functions } = make(async () => {});
    await expect(functions.client().send(new ListFunctionsCommand({}))).rejects.toThrow("knows Invoke alone");
  });
});

describe("an asynchronous invocation", () => {
  test("is accepted before it runs", async () => {
    const { clock, functions, calledAt } = failing(0);
    expect(await functions.client().send(command({ asynchronous: true }))).toEqual({ StatusCode: 202 });
    await clock.advance(0);
    expect(calledAt).toEqual([0]);
  });

  test("that fails is repeated after one minute and then after two, as Lambda does, and no more", async () => {
    const { clock, functions, calledAt } = failing(9);
    await functions.client().send(command({ asynchronous: true }));
    await clock.advance(60 * MINUTE_MS);
    expect(calledAt).toEqual([0, 60, 180]);
  });

  test("that succeeds is not repeated", async () => {
    const { clock, functions, calledAt } = failing(1);
    await functions.client().send(command({ asynchronous: true }));
    await clock.advance(60 * MINUTE_MS);
    expect(calledAt).toEqual([0, 60]);
  });
});

describe("a schedule", () => {
  test("invokes its function again and again, until it is stopped", async () => {
    const { clock, functions, calledAt } = failing(0);
    functions.schedule("f", MINUTE_MS, {});
    await clock.advance(3 * MINUTE_MS);
    functions.stop();
    await clock.advance(60 * MINUTE_MS);
    expect(calledAt).toEqual([60, 120, 180]);
  });
});
