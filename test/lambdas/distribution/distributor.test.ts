import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../lambdas/clock.ts";
import { ENVIRONMENT } from "../../../lambdas/contracts/environment.ts";
import { targetTags } from "../../../lambdas/contracts/target-tags.ts";
import { distributorOf } from "../../../lambdas/distribution/distributor.ts";
import { rotateHandler } from "../../../lambdas/rotation/rotate.ts";
import type { Handler } from "../../../lambdas/world.ts";
import { begun } from "../rotation/begun.ts";
import { createStand, stagesOf } from "../stand.ts";
import { secretTarget } from "./stand.ts";

const NAME = "keyturn-prod-distribute";
const variables = { [ENVIRONMENT.distributeFunction]: NAME };

/** A rotation whose functions know of `distribute`, which is `handler`. */
const rotating = async (
  handler: Handler<unknown>,
  targets: boolean,
  environment: Record<string, string> = variables,
) => {
  const { stand, arn, token, step } = await begun();
  if (targets) {
    const Tags = Object.entries(targetTags(secretTarget("web"))).map(([Key, Value]) => ({ Key, Value }));
    await stand.aws("TagResource", { SecretId: arn, Tags });
  }
  const { functions } = stand.account;
  functions.create({ name: NAME, timeoutMs: 60_000, secretsManagerMayInvoke: false, handler });
  const world = { ...stand.worldOf("prod"), environment };
  const timeoutMs = 60_000;
  functions.create({
    name: stand.functions.rotate,
    timeoutMs,
    secretsManagerMayInvoke: true,
    handler: rotateHandler(world),
  });
  for (const name of ["createSecret", "setSecret", "testSecret"]) await step(name);
  return { stand, arn, token, finish: () => step("finishSecret") };
};

describe("finishSecret", () => {
  test("has the new version applied to its targets, without waiting for it", async () => {
    const events: unknown[] = [];
    const { arn, token, finish } = await rotating(async (event) => void events.push(event), true);
    expect(await finish()).toEqual({ answer: undefined });
    expect(events).toEqual([{ action: "apply", secrets: [{ arn, versionId: token }] }]);
  });

  test.each([
    ["the key has no targets", false, variables],
    ["the deployment has no such function", true, {}],
  ])("asks nobody when %s", async (_, targets, environment) => {
    const events: unknown[] = [];
    const { finish } = await rotating(async (event) => void events.push(event), targets, environment);
    expect(await finish()).toEqual({ answer: undefined });
    expect(events).toEqual([]);
  });

  test("that cannot ask has promoted the version all the same, and says so in the log", async () => {
    const { stand, arn, token, finish } = await rotating(async () => {}, true);
    const lambda = { send: () => Promise.reject(new Error("throttled")) } as never;
    const handler = rotateHandler({ ...stand.worldOf("prod"), environment: variables, lambda });
    const { functions } = stand.account;
    functions.create({ name: stand.functions.rotate, timeoutMs: 60_000, secretsManagerMayInvoke: true, handler });
    expect(await finish()).toEqual({ answer: undefined });
    expect(stagesOf(await stand.facts(arn)).current).toBe(token);
    expect(stand.lines.join("\n")).toMatch(/"action":"distribution.not-asked".*throttled/);
  });
});

describe("a distributor", () => {
  const started = async (handler: Handler<unknown>) => {
    const stand = await createStand();
    stand.account.functions.create({ name: NAME, timeoutMs: 60_000, secretsManagerMayInvoke: false, handler });
    const distributor = distributorOf({ ...stand.worldOf("prod"), environment: variables });
    if (!distributor) throw new Error("there is no distributor");
    const { clock } = stand;
    const ask = (asked: typeof secrets, remainingMs = () => 300_000) =>
      clock.run(distributor.ask("observe", asked, { clock, remainingMs }));
    return { stand, ask };
  };
  const secrets = Array.from({ length: 250 }, (_, index) => ({ arn: `arn:${index}`, versionId: "v".repeat(32) }));

  test("asks in portions of 100, and gives all answers as one", async () => {
    const sizes: number[] = [];
    const { ask } = await started(async (event) => {
      const asked = (event as { secrets: typeof secrets }).secrets;
      sizes.push(asked.length);
      return { targets: asked.map((one) => ({ ...one, id: "web", adopted: true })) };
    });
    const { targets, failed } = await ask(secrets);
    expect(sizes).toEqual([100, 100, 50]);
    expect(targets.map(({ arn }) => arn)).toEqual(secrets.map(({ arn }) => arn));
    expect(failed).toEqual([]);
  });

  test("has each portion applied, also when one cannot be asked for, which it tells", async () => {
    const asked: number[] = [];
    const send = async ({ input }: { readonly input: { readonly Payload: Uint8Array } }) => {
      asked.push(JSON.parse(Buffer.from(input.Payload).toString()).secrets.length);
      if (asked.length === 1) throw new Error("throttled");
    };
    const distributor = distributorOf({ lambda: { send } as never, environment: variables });
    await expect(distributor?.applyLater(secrets)).rejects.toThrow("throttled");
    expect(asked).toEqual([100, 100, 50]);
  });

  const sizeOf = (event: unknown) => (event as { secrets: typeof secrets }).secrets.length;

  test("gives what the others answered when one portion fails, and says of which secrets nothing is known", async () => {
    const { ask } = await started(async (event) => {
      if (sizeOf(event) === 50) throw new Error("boom");
      return { targets: [] };
    });
    const { failed, errors } = await ask(secrets);
    expect(failed.map(({ arn }) => arn)).toEqual(secrets.slice(200).map(({ arn }) => arn));
    expect(failed[0]).toMatchObject({ code: "DISTRIBUTE_FAILED", reason: expect.stringContaining("its log says why") });
    expect(errors).toMatchObject([{ code: "DISTRIBUTE_FAILED", retryable: true }]);
  });

  test("takes an answer that says something else for none", async () => {
    const { ask } = await started(async () => ({ targets: "all of them" }));
    const { failed, errors } = await ask(secrets.slice(0, 1));
    expect(failed).toMatchObject([secrets[0]]);
    expect(errors).toHaveLength(1);
  });

  test("waits no longer than there is time", async () => {
    const { stand, ask } = await started(() => new Promise(() => {}));
    const endMs = stand.clock.now() + 20_000;
    const { failed } = await ask(secrets, () => endMs - stand.clock.now());
    expect(stand.clock.now()).toBe(endMs);
    expect(failed).toHaveLength(250);
    expect(failed[0]?.reason).toContain("did not answer within 20 s");
  });

  test("asks nobody when there is no time", async () => {
    const sizes: number[] = [];
    const { ask } = await started(async (event) => void sizes.push(sizeOf(event)));
    expect((await ask(secrets.slice(0, 1), () => 0)).failed).toHaveLength(1);
    expect(sizes).toEqual([]);
  });

  test("waits longer for its answer than the client waits for others", async () => {
    const server = createServer((_, response) => {
      setTimeout(() => response.end(JSON.stringify({ targets: [] })), 300);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const lambda = new LambdaClient({
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "none" },
      maxAttempts: 1,
      requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true },
    });
    onTestFinished(() => lambda.destroy());
    const limits = { clock: systemClock, remainingMs: () => 60_000 };
    const answer = await distributorOf({ lambda, environment: variables })?.ask("observe", secrets.slice(0, 1), limits);
    expect(answer).toEqual({ targets: [], failed: [], errors: [] });
  });

  test("is not there where the deployment has no such function", async () => {
    const stand = await createStand();
    expect(distributorOf({ ...stand.worldOf("prod"), environment: {} })).toBeUndefined();
  });
});
