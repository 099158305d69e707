import { describe, expect, test } from "vitest";
import type { ModelParameters, RotationStep } from "../../../sandbox/secrets-manager/index.ts";
import { aSecretsManager, DAY_MS, expectRefusal, HOUR_MS, LAMBDA_ARN, token } from "./a-secrets-manager.ts";

const STEPS: readonly RotationStep[] = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const MINUTE_MS = 60_000;

/** A rotation whose `step` fails as long as `broken` says so. */
const withFailing = async (step: RotationStep, parameters: Partial<ModelParameters> = {}) => {
  const manager = aSecretsManager(parameters);
  await manager.create();
  const state = { broken: true };
  manager.script[step] = async (_, usual) => {
    if (state.broken) throw new Error(`value of ${token("r")} is secret`);
    await usual();
  };
  await manager.rotate();
  await manager.settle();
  return { ...manager, state };
};

describe.each(STEPS)("a failing %s", (step) => {
  test("ends the attempt there, with an event that names step and function but not the error's text", async () => {
    const { steps, events, stages } = await withFailing(step);

    expect(steps().map(([name]) => name)).toEqual(STEPS.slice(0, STEPS.indexOf(step) + 1));
    expect(events.map(({ detail }) => [detail.eventName, detail.errorMessage])).toEqual([
      ["RotationStarted", undefined],
      ["RotationFailed", `Error when executing lambda ${LAMBDA_ARN} during ${step} step`],
    ]);
    expect(await stages()).toEqual({ [token("a")]: ["AWSCURRENT"], [token("r")]: ["AWSPENDING"] });
  });

  test("is retried from the first step with the same token, and then succeeds", async () => {
    const { state, clock, delivered, steps, eventNames, stages } = await withFailing(step);
    state.broken = false;
    delivered.length = 0;

    await clock.advance(MINUTE_MS - 1);
    expect(delivered).toEqual([]);
    await clock.advance(1);

    expect(steps()).toEqual(STEPS.map((name) => [name, token("r")]));
    expect(eventNames().slice(-2)).toEqual(["RotationStarted", "RotationSucceeded"]);
    expect((await stages())?.[token("r")]).toContain("AWSCURRENT");
  });
});

describe("retries", () => {
  test("come after their delays, and then once a day", async () => {
    const { clock, delivered, events } = await withFailing("createSecret");
    const startMs = clock.now();
    delivered.length = 0;

    await clock.advance(3 * DAY_MS);

    const starts = events.filter(({ detail }) => detail.eventName === "RotationStarted").slice(1);
    const minutes = starts.map(({ time }) => (Date.parse(time) - startMs) / MINUTE_MS);
    expect(minutes).toEqual([1, 6, 21, 81, 321, 321 + 1440, 321 + 2880]);
    expect(delivered).toHaveLength(7);
  });

  test("end for good where nothing is reattempted", async () => {
    const parameters = { retryDelaysMs: [1000], reattemptEveryMs: null };
    const { clock, steps, rotate } = await withFailing("createSecret", parameters);

    await clock.advance(365 * DAY_MS);

    expect(steps()).toHaveLength(2);
    await expectRefusal(rotate({ ClientRequestToken: token("s") }), "InvalidRequestException", "isn't complete");
  });

  test("may take a new token, and AWSPENDING with it", async () => {
    const { state, clock, steps, stages } = await withFailing("setSecret", { retryToken: "new" });
    state.broken = false;

    await clock.advance(MINUTE_MS);

    const retried = steps().slice(2);
    const [[, newToken] = []] = retried;
    expect(newToken).not.toBe(token("r"));
    expect(retried).toEqual(STEPS.map((name) => [name, newToken]));
    expect(await stages()).toEqual({
      [token("a")]: ["AWSPREVIOUS"],
      [String(newToken)]: ["AWSCURRENT", "AWSPENDING"],
    });
  });

  test("are dropped when somebody takes AWSPENDING off, and RotateSecret works again", async () => {
    const { state, call, clock, steps, rotate, settle } = await withFailing("setSecret");
    state.broken = false;
    const removal = { SecretId: "key", VersionStage: "AWSPENDING", RemoveFromVersionId: token("r") };
    await call("UpdateSecretVersionStage", removal);

    await clock.advance(HOUR_MS);
    expect(steps()).toHaveLength(2);

    await rotate({ ClientRequestToken: token("s") });
    await settle();
    expect(steps().slice(2)).toEqual(STEPS.map((name) => [name, token("s")]));
  });

  test("stop with CancelRotateSecret, with a value put by hand, and with DeleteSecret", async () => {
    for (const [operation, input] of [
      ["CancelRotateSecret", {}],
      ["PutSecretValue", { SecretString: "by hand" }],
      ["DeleteSecret", {}],
    ] as const) {
      const { call, clock, steps } = await withFailing("setSecret");

      await call(operation, { SecretId: "key", ...input });
      await clock.advance(2 * DAY_MS);

      expect(steps()).toHaveLength(2);
    }
  });

  test("AWSPENDING may come off with the last one; the reattempt then has a new token", async () => {
    const parameters: Partial<ModelParameters> = { retryDelaysMs: [1000], pendingAfterLastFailure: "removed" };
    const { state, clock, stages, steps } = await withFailing("setSecret", parameters);
    expect((await stages())?.[token("r")]).toEqual(["AWSPENDING"]);

    await clock.advance(1000);
    expect(await stages()).toEqual({ [token("a")]: ["AWSCURRENT"] });
    state.broken = false;
    await clock.advance(DAY_MS);

    const last = steps().slice(4);
    expect(last.map(([name]) => name)).toEqual(STEPS);
    expect(last[0]?.[1]).not.toBe(token("r"));
  });

  test("a function that fails after AWSCURRENT has moved is called again for the current version", async () => {
    const { create, rotate, settle, clock, script, steps, eventNames, stages } = aSecretsManager();
    await create();
    let crashes = 1;
    script.finishSecret = async (_, usual) => {
      await usual();
      if (crashes-- > 0) throw new Error("crash");
    };

    await rotate();
    await settle();
    expect((await stages())?.[token("r")]).toContain("AWSCURRENT");
    await clock.advance(MINUTE_MS);

    expect(steps()).toHaveLength(8);
    expect(eventNames().at(-1)).toBe("RotationSucceeded");
  });

  test("a function that cannot be reached fails like one that throws", async () => {
    const { create, rotate, settle, lambda, events } = aSecretsManager();
    await create();
    lambda.isReachable = false;

    await rotate();
    await settle();

    expect(events.at(-1)?.detail).toMatchObject({
      eventName: "RotationFailed",
      errorMessage: expect.stringMatching(/createSecret step$/),
    });
  });
});

describe("what the function left undone is a failure", () => {
  test("a createSecret without a value", async () => {
    const { create, rotate, settle, script, events, steps } = aSecretsManager();
    await create();
    script.createSecret = () => undefined;

    await rotate();
    await settle();

    expect(steps()).toHaveLength(1);
    expect(events.at(-1)?.detail.errorMessage).toMatch(
      /^Pending secret version r{32} for Secret arn:.* was not created by Lambda .*\. Remove the AWSPENDING staging label and restart rotation\.$/,
    );
  });

  test.each([true, false])(
    "a finishSecret that leaves AWSCURRENT where it is, if required (%s)",
    async (promotionRequired) => {
      const { create, rotate, settle, script, eventNames } = aSecretsManager({ promotionRequired });
      await create();
      script.finishSecret = () => undefined;

      await rotate();
      await settle();

      expect(eventNames().at(-1)).toBe(promotionRequired ? "RotationFailed" : "RotationSucceeded");
    },
  );

  test.each([
    [1, "RotationFailed"],
    [2, "RotationSucceeded"],
  ])("of two deliveries the first decides (delivery %i fails: %s)", async (failing, outcome) => {
    const { create, rotate, settle, script, eventNames } = aSecretsManager({ duplicatedSteps: ["setSecret"] });
    await create();
    let delivery = 0;
    script.setSecret = () => {
      delivery += 1;
      if (delivery === failing) throw new Error("no");
    };

    await rotate();
    await settle();

    expect(eventNames().at(-1)).toBe(outcome);
  });

  test.each([
    ["in turn", 1],
    ["at once", 2],
  ] as const)("two deliveries %s: %i at a time", async (duplicateDelivery, expected) => {
    const { create, rotate, settle, script, clock } = aSecretsManager({
      duplicatedSteps: ["setSecret"],
      duplicateDelivery,
    });
    await create();
    let now = 0;
    let most = 0;
    script.setSecret = async () => {
      now += 1;
      most = Math.max(most, now);
      await clock.sleep(1000);
      now -= 1;
    };

    await rotate();
    await settle();

    expect(most).toBe(expected);
  });
});
