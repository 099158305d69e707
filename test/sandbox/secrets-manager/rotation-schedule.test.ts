import { describe, expect, test } from "vitest";
import { createSecretsManager } from "../../../sandbox/secrets-manager/index.ts";
import { aSecretsManager, DAY_MS, HOUR_MS, LAMBDA_ARN, lastSecondOfDay, token } from "./a-secrets-manager.ts";

const configured = async (RotationRules: object, parameters: Parameters<typeof aSecretsManager>[0] = {}) => {
  const manager = aSecretsManager(parameters);
  await manager.create();
  await manager.rotate({ RotationRules, RotateImmediately: false });
  await manager.settle();
  manager.delivered.length = 0;
  return manager;
};

describe("a schedule", () => {
  test.each([
    [{ AutomaticallyAfterDays: 90 }, 90 * DAY_MS, DAY_MS],
    [{ AutomaticallyAfterDays: 1000 }, 1000 * DAY_MS, DAY_MS],
    [{ AutomaticallyAfterDays: 7, Duration: "3h" }, 7 * DAY_MS, 3 * HOUR_MS],
    [{ ScheduleExpression: "rate(4 hours)" }, 4 * HOUR_MS, HOUR_MS],
    [{ ScheduleExpression: "rate(1 day)" }, DAY_MS, DAY_MS],
    [{ ScheduleExpression: "rate(30 days)", Duration: "24h" }, 30 * DAY_MS, DAY_MS],
    [{ ScheduleExpression: "cron(0 /8 * * ? *)" }, 8 * HOUR_MS, HOUR_MS],
  ])("%j rotates when its window opens, not before, and again in the next", async (rules, lengthMs, windowMs) => {
    const { clock, steps, describe: describeKey } = await configured(rules);

    await clock.advance(lengthMs - 1);
    expect(steps()).toEqual([]);
    await clock.advance(1);
    expect(steps()).toHaveLength(4);
    expect(await describeKey()).toMatchObject({
      LastRotatedDate: new Date(clock.now()),
      NextRotationDate: new Date(clock.now() + lengthMs + windowMs - 1000),
    });
    await clock.advance(lengthMs);

    expect(steps()).toHaveLength(8);
  });

  test("an expression is described with the days that follow from it", async () => {
    const { describe: describeKey } = await configured({ ScheduleExpression: "rate(10 hours)" });

    expect((await describeKey()).RotationRules).toEqual({
      AutomaticallyAfterDays: 1,
      ScheduleExpression: "rate(10 hours)",
    });
  });

  test("a value put by hand counts as a rotation for the next date", async () => {
    const { call, clock, steps, describe: describeKey } = await configured({ AutomaticallyAfterDays: 10 });
    await clock.advance(9 * DAY_MS);

    await call("PutSecretValue", { SecretId: "key", SecretString: "by hand" });
    await clock.advance(2 * DAY_MS);

    expect(steps()).toEqual([]);
    expect((await describeKey()).NextRotationDate).toEqual(lastSecondOfDay(clock.now() + 8 * DAY_MS));
  });

  test("a value put by hand does not move a schedule of the calendar", async () => {
    const { call, clock, describe: describeKey } = await configured({ ScheduleExpression: "cron(0 10 * * ? *)" });
    const before = (await describeKey()).NextRotationDate;
    await clock.advance(HOUR_MS);

    await call("PutSecretValue", { SecretId: "key", SecretString: "by hand" });

    expect((await describeKey()).NextRotationDate).toEqual(before);
  });

  test("a rotation runs as late in its window as the parameter says, and the next window stays the same", async () => {
    const rules = { ScheduleExpression: "rate(6 hours)", Duration: "5h" };
    const { clock, delivered, steps } = await configured(rules, { placeInWindow: 1 });

    await clock.advance(11 * HOUR_MS - 1001);
    expect(steps()).toEqual([]);
    await clock.advance(1);
    expect(steps()).toHaveLength(4);
    delivered.length = 0;
    await clock.advance(6 * HOUR_MS - 1);
    expect(steps()).toEqual([]);
    await clock.advance(1);

    expect(steps()).toHaveLength(4);
  });

  test("unless the parameter says otherwise", async () => {
    const { call, clock, steps } = await configured({ AutomaticallyAfterDays: 10 }, { putCountsAsRotation: false });
    await clock.advance(9 * DAY_MS);

    await call("PutSecretValue", { SecretId: "key", SecretString: "by hand" });
    await clock.advance(DAY_MS);

    expect(steps()).toHaveLength(4);
  });

  test("a version left pending is taken up again", async () => {
    const { call, clock, steps } = await configured({ AutomaticallyAfterDays: 1 });
    const pending = {
      SecretId: "key",
      ClientRequestToken: token("p"),
      SecretString: `value of ${token("p")}`,
      VersionStages: ["AWSPENDING"],
    };
    await call("PutSecretValue", pending);

    await clock.advance(DAY_MS);

    expect(new Set(steps().map(([, id]) => id))).toEqual(new Set([token("p")]));
  });

  test("a secret marked for deletion is not rotated; restored, it catches up", async () => {
    const { call, clock, steps } = await configured({ AutomaticallyAfterDays: 1 });
    await call("DeleteSecret", { SecretId: "key" });
    await clock.advance(10 * DAY_MS);
    expect(steps()).toEqual([]);

    await call("RestoreSecret", { SecretId: "key" });
    await clock.advance(1);

    expect(steps()).toHaveLength(4);
  });

  test("a failed one leaves NextRotationDate in the past until it succeeds", async () => {
    const { script, clock, steps, describe: describeKey } = await configured({ AutomaticallyAfterDays: 1 });
    const dueAt = lastSecondOfDay(clock.now() + DAY_MS);
    script.setSecret = () => Promise.reject(new Error("down"));

    await clock.advance(DAY_MS + 2 * HOUR_MS);
    expect((await describeKey()).NextRotationDate).toEqual(dueAt);
    script.setSecret = () => undefined;
    await clock.advance(DAY_MS);

    expect(steps().at(-1)?.[0]).toBe("finishSecret");
    expect((await describeKey()).NextRotationDate?.getTime()).toBeGreaterThan(clock.now());
  });

  test("each of many secrets keeps its own date, in whatever order they were configured", async () => {
    const { call, clock, delivered, settle } = aSecretsManager();
    const arnByDays = new Map<number, string>();
    for (let number = 1; number <= 20; number++) {
      const days = ((number * 7 + 3) % 20) + 1;
      const { ARN } = await call<{ ARN: string }>("CreateSecret", { Name: `key-${days}`, SecretString: "x" });
      arnByDays.set(days, ARN);
      const rules = { RotationRules: { AutomaticallyAfterDays: days }, RotateImmediately: false };
      await call("RotateSecret", { SecretId: ARN, RotationLambdaARN: LAMBDA_ARN, ...rules });
    }
    await settle();
    const rotatedOn = async (days: number) => {
      delivered.length = 0;
      await clock.advance(days * DAY_MS);
      return new Set(delivered.map((event) => event.SecretId));
    };

    expect(await rotatedOn(1)).toEqual(new Set([arnByDays.get(1)]));
    for (let day = 2; day <= 20; day++) expect(await rotatedOn(1)).toContain(arnByDays.get(day));
  });

  test("after close nothing is due any more", async () => {
    const { model, clock, steps } = await configured({ AutomaticallyAfterDays: 1 });

    model.close();
    await clock.advance(10 * DAY_MS);

    expect(steps()).toEqual([]);
  });
});

describe("on a clock that is not ours to move", () => {
  const aRealClock = () => {
    const sleeps: { durationMs: number; signal: AbortSignal | undefined; wake: () => void }[] = [];
    const clock = {
      nowMs: 0,
      now: () => clock.nowMs,
      sleep: (durationMs: number, signal?: AbortSignal) =>
        new Promise<void>((wake) => sleeps.push({ durationMs, signal, wake })),
    };
    return { clock, sleeps };
  };

  const configured = async (RotationRules: object) => {
    const { clock, sleeps } = aRealClock();
    const lambda = { mayInvoke: async () => "yes" as const, invoke: async () => ({}) };
    const model = createSecretsManager({ clock, lambda });
    const configure = async (Name: string, rules: object) => {
      await model.call("CreateSecret", { Name, SecretString: "x" });
      const rest = { RotationLambdaARN: LAMBDA_ARN, RotationRules: rules, RotateImmediately: false };
      await model.call("RotateSecret", { SecretId: Name, ...rest });
      await model.idle();
    };
    await configure("key", RotationRules);
    return { model, clock, sleeps, configure };
  };

  const turn = () => Promise.resolve().then(() => undefined);

  test("no sleep is longer than Node's timers can be, and one follows another, never two at a time", async () => {
    const { clock, sleeps } = await configured({ AutomaticallyAfterDays: 90 });

    for (let part = 1; part <= 4; part++) {
      expect(sleeps.map(({ durationMs }) => durationMs)).toEqual(Array(part).fill(20 * DAY_MS));
      clock.nowMs += 20 * DAY_MS;
      sleeps.at(-1)?.wake();
      await turn();
    }

    expect(sleeps.at(-1)?.durationMs).toBe(10 * DAY_MS);
  });

  test("close ends the sleep at once, and none follows", async () => {
    const { model, sleeps } = await configured({ AutomaticallyAfterDays: 1 });

    model.close();
    sleeps[0]?.wake();
    await turn();

    expect(sleeps.map(({ signal }) => signal?.aborted)).toEqual([true]);
  });

  test("an earlier date takes over, and ends the sleep for the later one", async () => {
    const { sleeps, configure } = await configured({ AutomaticallyAfterDays: 19 });

    await configure("sooner", { ScheduleExpression: "rate(4 hours)" });
    sleeps[0]?.wake();
    await turn();

    expect(sleeps.map(({ durationMs, signal }) => [durationMs, signal?.aborted])).toEqual([
      [19 * DAY_MS, true],
      [4 * HOUR_MS, false],
    ]);
  });

  test("nothing sleeps while no rotation is configured", async () => {
    const { clock, sleeps } = aRealClock();
    const model = createSecretsManager({ clock, lambda: { mayInvoke: async () => "yes", invoke: async () => ({}) } });
    await model.call("CreateSecret", { Name: "key", SecretString: "x" });
    await model.call("DeleteSecret", { SecretId: "key" });

    expect(sleeps).toEqual([]);
  });
});
