import { describe, expect, test } from "vitest";
import type { RotationStep } from "../../../sandbox/secrets-manager/index.ts";
import {
  aSecretsManager,
  DAY_MS,
  expectRefusal,
  HOUR_MS,
  LAMBDA_ARN,
  lastSecondOfDay,
  token,
} from "./a-secrets-manager.ts";

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;
const stepsOf = (id: string) => STEPS.map((step) => [step, id]);
const NOT_COMPLETE = "A previous rotation isn't complete. That rotation will be reattempted.";

describe("a rotation", () => {
  test("runs the four steps in order, after the answer, and makes the new version current", async () => {
    const { create, rotate, settle, steps, stages, value } = aSecretsManager();
    await create();

    const answer = await rotate();
    expect(answer).toMatchObject({ Name: "key", VersionId: token("r") });
    expect(steps()).toEqual([]);
    await settle();

    expect(steps()).toEqual(stepsOf(token("r")));
    expect(await stages()).toEqual({ [token("a")]: ["AWSPREVIOUS"], [token("r")]: ["AWSCURRENT", "AWSPENDING"] });
    expect((await value()).SecretString).toBe(`value of ${token("r")}`);
  });

  test("the event names step, ARN and token, and carries one RotationToken", async () => {
    const { create, rotate, settle, delivered } = aSecretsManager();
    const { ARN } = await create();

    await rotate();
    await settle();

    const [first] = delivered;
    expect(first).toEqual({
      Step: "createSecret",
      SecretId: ARN,
      ClientRequestToken: token("r"),
      RotationToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(new Set(delivered.map((event) => event.RotationToken)).size).toBe(1);
  });

  test("the version is announced without a value before the first step", async () => {
    const { create, rotate, settle, script, stages, value } = aSecretsManager();
    await create();
    script.createSecret = async (_, usual) => {
      expect(await stages()).toEqual({ [token("a")]: ["AWSCURRENT"], [token("r")]: ["AWSPENDING"] });
      for (const input of [{ VersionId: token("r") }, { VersionStage: "AWSPENDING" }]) {
        await expectRefusal(value(input), "ResourceNotFoundException", "can't find the specified secret value");
      }
      await usual();
    };

    await rotate();
    await settle();

    expect((await stages())?.[token("r")]).toContain("AWSCURRENT");
  });

  test("announced events are in the form of CloudTrail", async () => {
    const { create, rotate, settle, events, clock } = aSecretsManager();
    const { ARN } = await create();
    await rotate();
    await settle();

    const [started] = events;
    expect(events.map(({ detail }) => detail.eventName)).toEqual(["RotationStarted", "RotationSucceeded"]);
    expect(started).toMatchObject({
      source: "aws.secretsmanager",
      "detail-type": "AWS Service Event via CloudTrail",
      account: "000000000000",
      region: "us-east-1",
      time: new Date(clock.now()).toISOString().replace(".000Z", "Z"),
      detail: {
        eventSource: "secretsmanager.amazonaws.com",
        eventType: "AwsServiceEvent",
        additionalEventData: { SecretId: ARN },
        requestID: `Rotation-${ARN}-${token("r")}`,
      },
    });
  });

  test("LastRotatedDate and NextRotationDate follow it", async () => {
    const { create, rotate, settle, describe: describeKey, clock } = aSecretsManager();
    await create();
    await rotate();
    expect(await describeKey()).not.toHaveProperty("LastRotatedDate");

    await settle();

    expect(await describeKey()).toMatchObject({
      RotationEnabled: true,
      RotationLambdaARN: LAMBDA_ARN,
      RotationRules: { AutomaticallyAfterDays: 90 },
      LastRotatedDate: new Date(clock.now()),
      NextRotationDate: lastSecondOfDay(clock.now() + 90 * DAY_MS),
    });
  });

  test("AWSPENDING comes off at the end where the parameter says so", async () => {
    const { create, rotate, settle, stages } = aSecretsManager({ pendingAfterSuccess: "removed" });
    await create();
    await rotate();
    await settle();

    expect((await stages())?.[token("r")]).toEqual(["AWSCURRENT"]);
  });

  test.each(["stays", "removed"] as const)(
    "the next one can follow when AWSPENDING %s",
    async (pendingAfterSuccess) => {
      const { create, call, rotate, settle, stages } = aSecretsManager({ pendingAfterSuccess });
      await create();
      await rotate();
      await settle();

      const { VersionId } = await call("RotateSecret", { SecretId: "key" });
      await settle();

      expect(VersionId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
      expect(await stages()).toMatchObject({ [token("r")]: ["AWSPREVIOUS"] });
      expect((await stages())?.[String(VersionId)]).toContain("AWSCURRENT");
    },
  );

  test("a secret that never had a value gets its first one", async () => {
    const { call, rotate, settle, value, steps } = aSecretsManager();
    await call("CreateSecret", { Name: "key" });

    await rotate();
    await settle();

    expect(steps()).toEqual(stepsOf(token("r")));
    expect((await value()).SecretString).toBe(`value of ${token("r")}`);
  });

  test("the first value of a rotation may get AWSPENDING alone", async () => {
    const { call, rotate, settle, script, stages } = aSecretsManager({
      firstValueStages: "with AWSCURRENT unless rotating",
    });
    await call("CreateSecret", { Name: "key" });
    let seen: object | undefined;
    script.setSecret = async () => {
      seen = await stages();
    };

    await rotate();
    await settle();

    expect(seen).toEqual({ [token("r")]: ["AWSPENDING"] });
    expect(await stages()).toEqual({ [token("r")]: ["AWSCURRENT", "AWSPENDING"] });
  });

  test("the version is as old as its value, and encrypted with the key of that time", async () => {
    const { create, call, rotate, settle, script, clock, value, versions } = aSecretsManager();
    await create();
    script.createSecret = async (_, usual) => {
      await clock.sleep(5000);
      await call("UpdateSecretVersionStage", {
        SecretId: "key",
        VersionStage: "AWSPENDING",
        RemoveFromVersionId: token("r"),
      });
      await call("UpdateSecret", { SecretId: "key", KmsKeyId: "alias/new" });
      await usual();
    };
    const startMs = clock.now();

    await rotate();
    await settle();

    expect((await value({ VersionId: token("r") })).CreatedDate).toEqual(new Date(startMs + 5000));
    expect((await versions()).Versions?.at(-1)?.KmsKeyIds).toEqual(["alias/new"]);
  });

  test("a function that puts its value as AWSCURRENT at once does not abandon its own rotation", async () => {
    const { create, call, rotate, settle, script, steps, eventNames, stages } = aSecretsManager();
    await create();
    script.createSecret = async () => {
      await call("PutSecretValue", { SecretId: "key", ClientRequestToken: token("r"), SecretString: "new" });
    };

    await rotate();
    await settle();

    expect(steps()).toEqual(stepsOf(token("r")));
    expect(eventNames()).toEqual(["RotationStarted", "RotationSucceeded"]);
    expect(await stages()).toEqual({ [token("a")]: ["AWSPREVIOUS"], [token("r")]: ["AWSCURRENT"] });
  });

  test("of a secret without a value is refused where the parameter says so", async () => {
    const { call, rotate, describe: describeKey } = aSecretsManager({ rotateEmptySecret: false });
    await call("CreateSecret", { Name: "key" });

    await expectRefusal(rotate(), "InvalidRequestException", "no current value");
    expect(await describeKey()).not.toHaveProperty("RotationEnabled");
  });

  test.each(["in turn", "at once"] as const)(
    "a step is delivered twice, %s, and all ends well",
    async (duplicateDelivery) => {
      const { create, rotate, settle, steps, eventNames } = aSecretsManager({
        duplicatedSteps: STEPS,
        duplicateDelivery,
      });
      await create();

      await rotate();
      await settle();

      expect(steps()).toEqual(stepsOf(token("r")).flatMap((step) => [step, step]));
      expect(eventNames()).toEqual(["RotationStarted", "RotationSucceeded"]);
    },
  );
});

describe("RotateSecret is refused", () => {
  test("while a rotation runs", async () => {
    const { create, rotate, settle, script } = aSecretsManager();
    await create();
    let work: Promise<void> | undefined;
    script.finishSecret = async (_, usual) => {
      await usual();
      work = expectRefusal(rotate({ ClientRequestToken: token("s") }), "InvalidRequestException", NOT_COMPLETE);
      await work;
    };

    await rotate();
    await settle();

    expect(work).toBeDefined();
  });

  test("while a test runs, whatever it has staged", async () => {
    const { create, rotate, settle, script } = aSecretsManager({ configureTest: "no version" });
    await create();
    let refusal: Promise<void> | undefined;
    script.testSecret = () => {
      refusal ??= expectRefusal(rotate({ ClientRequestToken: token("s") }), "InvalidRequestException", NOT_COMPLETE);
      return refusal;
    };

    await rotate({ RotateImmediately: false });
    await settle();

    await refusal;
    expect(refusal).toBeDefined();
  });

  test("for the second of two at once", async () => {
    const { create, rotate, settle, steps } = aSecretsManager();
    await create();

    const [first, second] = await Promise.allSettled([rotate(), rotate({ ClientRequestToken: token("s") })]);
    await settle();

    expect(first.status).toBe("fulfilled");
    expect(second).toMatchObject({ status: "rejected", reason: { message: NOT_COMPLETE } });
    expect(steps()).toEqual(stepsOf(token("r")));
  });

  test("with AWSPENDING left on another version than AWSCURRENT, until the label is gone", async () => {
    const { create, call, rotate, settle } = aSecretsManager();
    await create();
    const pending = {
      SecretId: "key",
      ClientRequestToken: token("b"),
      SecretString: "x",
      VersionStages: ["AWSPENDING"],
    };
    await call("PutSecretValue", pending);
    await expectRefusal(rotate(), "InvalidRequestException", NOT_COMPLETE);

    const removal = { SecretId: "key", VersionStage: "AWSPENDING", RemoveFromVersionId: token("b") };
    await call("UpdateSecretVersionStage", removal);

    await rotate();
    await settle();
  });

  test.each(["no such function", "not permitted"] as const)(
    "when Lambda says %s, and nothing is configured",
    async (answer) => {
      const { create, rotate, lambda, describe: describeKey } = aSecretsManager();
      await create();
      lambda.answer = answer;

      const text = "Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.";
      await expectRefusal(rotate(), "AccessDeniedException", text);

      expect(await describeKey()).not.toHaveProperty("RotationEnabled");
    },
  );

  test.each([
    ["no function", { RotationLambdaARN: undefined }, "InvalidRequestException", "No Lambda rotation function ARN"],
    ["a token in use", { ClientRequestToken: token("a") }, "InvalidParameterException", "already in use"],
    ["a token that is too short", { ClientRequestToken: "short" }, "ValidationException", "clientRequestToken"],
    ["0 days", { RotationRules: { AutomaticallyAfterDays: 0 } }, "ValidationException", "to 1"],
    ["1001 days", { RotationRules: { AutomaticallyAfterDays: 1001 } }, "ValidationException", "to 1000"],
    ["three hours", { RotationRules: { ScheduleExpression: "rate(3 hours)" } }, "InvalidParameterException", "4 hours"],
    ["minutes", { RotationRules: { ScheduleExpression: "rate(300 minutes)" } }, "InvalidParameterException", "rate(N"],
    [
      "a rate of 1000 days",
      { RotationRules: { ScheduleExpression: "rate(1000 days)" } },
      "InvalidParameterException",
      "999 days",
    ],
    [
      "days and expression",
      { RotationRules: { AutomaticallyAfterDays: 1, ScheduleExpression: "rate(4 hours)" } },
      "InvalidParameterException",
      "cannot specify both",
    ],
    ["a managed secret's role", { ExternalSecretRotationRoleArn: "x" }, "NotImplementedException", "RoleArn"],
  ])("for %s", async (_, change, code, text) => {
    const { create, rotate, describe: describeKey } = aSecretsManager();
    await create();
    const before = await describeKey();

    await expectRefusal(rotate(change), code, text);

    expect(await describeKey()).toEqual(before);
  });

  test("for a secret that is not there", async () => {
    await expectRefusal(aSecretsManager().rotate(), "ResourceNotFoundException");
  });
});

describe("RotateImmediately=false", () => {
  const configured = async (parameters: Parameters<typeof aSecretsManager>[0]) => {
    const manager = aSecretsManager(parameters);
    await manager.create();
    let seen: Record<string, string[]> | undefined;
    manager.script.testSecret = async () => {
      seen = await manager.stages();
    };
    await manager.rotate({ RotateImmediately: false });
    await manager.settle();
    return { ...manager, seen: () => seen };
  };

  test("tests an empty AWSPENDING version, and takes it back", async () => {
    const { steps, seen, stages, versions, describe: describeKey, clock, eventNames, value } = await configured({});

    expect(steps()).toEqual([["testSecret", token("r")]]);
    expect(seen()).toEqual({ [token("a")]: ["AWSCURRENT"], [token("r")]: ["AWSPENDING"] });
    expect(await stages()).toEqual({ [token("a")]: ["AWSCURRENT"] });
    expect((await versions({ IncludeDeprecated: true })).Versions).toHaveLength(1);
    expect((await value()).SecretString).toBe("first");
    expect(await describeKey()).toMatchObject({
      RotationEnabled: true,
      NextRotationDate: lastSecondOfDay(clock.now() + 90 * DAY_MS),
    });
    expect(await describeKey()).not.toHaveProperty("LastRotatedDate");
    expect(eventNames()).toEqual(["TestRotationStarted", "TestRotationSucceeded"]);
  });

  test("may find a copy of the current value", async () => {
    const manager = aSecretsManager({ configureTest: "copy of the current value" });
    await manager.create();
    manager.script.testSecret = async () =>
      expect((await manager.value({ VersionId: token("r") })).SecretString).toBe("first");

    await manager.rotate({ RotateImmediately: false });
    await manager.settle();

    expect(manager.eventNames()).toContain("TestRotationSucceeded");
    expect(await manager.stages()).toEqual({ [token("a")]: ["AWSCURRENT"] });
  });

  test("may find AWSPENDING on the current version", async () => {
    const { steps, seen, stages } = await configured({ configureTest: "label on the current version" });

    expect(steps()).toEqual([["testSecret", token("a")]]);
    expect(seen()).toEqual({ [token("a")]: ["AWSCURRENT", "AWSPENDING"] });
    expect(await stages()).toEqual({ [token("a")]: ["AWSCURRENT"] });
  });

  test("may find no version at all", async () => {
    const { steps, seen } = await configured({ configureTest: "no version" });

    expect(steps()).toEqual([["testSecret", token("r")]]);
    expect(seen()).toEqual({ [token("a")]: ["AWSCURRENT"] });
  });

  test("a value put by hand in the middle takes the label, and the test ends all the same", async () => {
    const { create, call, rotate, settle, script, eventNames, stages, versions } = aSecretsManager();
    await create();
    script.testSecret = async () => {
      await call("PutSecretValue", { SecretId: "key", SecretString: "by hand", ClientRequestToken: token("h") });
    };

    await rotate({ RotateImmediately: false });
    await settle();

    expect(eventNames()).toEqual(["TestRotationStarted", "RotationAbandoned", "TestRotationSucceeded"]);
    expect(await stages()).toEqual({ [token("a")]: ["AWSPREVIOUS"], [token("h")]: ["AWSCURRENT"] });
    expect((await versions({ IncludeDeprecated: true })).Versions).toHaveLength(2);
  });

  test("a test that fails is an event, and rotation stays configured", async () => {
    const {
      create,
      rotate,
      settle,
      script,
      clock,
      steps,
      eventNames,
      describe: describeKey,
      stages,
    } = aSecretsManager();
    await create();
    script.testSecret = () => Promise.reject(new Error("no"));

    await rotate({ RotateImmediately: false });
    await settle();
    await clock.advance(DAY_MS);

    expect(steps()).toHaveLength(1);
    expect(eventNames()).toEqual(["TestRotationStarted", "TestRotationFailed"]);
    expect((await describeKey()).RotationEnabled).toBe(true);
    expect(await stages()).toEqual({ [token("a")]: ["AWSCURRENT"] });
  });
});

describe("CancelRotateSecret", () => {
  test("turns rotation off; function and rules stay to be seen, dates do not", async () => {
    const { create, call, rotate, settle, clock, steps, describe: describeKey } = aSecretsManager();
    await create();
    await rotate();
    await settle();

    expect(await call("CancelRotateSecret", { SecretId: "key" })).not.toHaveProperty("VersionId");
    await clock.advance(365 * DAY_MS);

    const described = await describeKey();
    expect(described).toMatchObject({
      RotationEnabled: false,
      RotationLambdaARN: LAMBDA_ARN,
      RotationRules: { AutomaticallyAfterDays: 90 },
    });
    expect(described).not.toHaveProperty("NextRotationDate");
    expect(described).not.toHaveProperty("LastRotatedDate");
    expect(steps()).toHaveLength(4);
  });

  test.each([false, true])(
    "in the middle ends the rotation and names its version (drops AWSPENDING: %s)",
    async (cancelDropsPending) => {
      const { create, call, rotate, settle, script, steps, stages, eventNames } = aSecretsManager({
        cancelDropsPending,
      });
      await create();
      let answer: object = {};
      script.setSecret = async () => {
        answer = await call("CancelRotateSecret", { SecretId: "key" });
      };

      await rotate();
      await settle();

      expect(answer).toMatchObject({ VersionId: token("r") });
      expect(steps().map(([step]) => step)).toEqual(["createSecret", "setSecret"]);
      expect(eventNames()).toEqual(["RotationStarted"]);
      expect((await stages())?.[token("r")]).toEqual(cancelDropsPending ? undefined : ["AWSPENDING"]);
      if (!cancelDropsPending)
        await expectRefusal(rotate({ ClientRequestToken: token("s") }), "InvalidRequestException", NOT_COMPLETE);
    },
  );

  test("turned on again by RotateSecret alone, with what was configured", async () => {
    const { create, call, rotate, settle, describe: describeKey, clock } = aSecretsManager();
    await create();
    await rotate();
    await settle();
    await call("CancelRotateSecret", { SecretId: "key" });
    await clock.advance(DAY_MS);

    await call("RotateSecret", { SecretId: "key", RotateImmediately: false });
    await settle();

    expect(await describeKey()).toMatchObject({
      RotationEnabled: true,
      NextRotationDate: lastSecondOfDay(clock.now() + 90 * DAY_MS),
    });
  });

  test("is refused for a secret that was never configured", async () => {
    const { create, call } = aSecretsManager();
    await create();

    await expectRefusal(
      call("CancelRotateSecret", { SecretId: "key" }),
      "InvalidRequestException",
      "Lambda function ARN",
    );
  });
});

describe("in the middle of a rotation", () => {
  test.each(["createSecret", "setSecret", "testSecret"] as RotationStep[])(
    "a value put by hand during %s abandons it and takes AWSPENDING away",
    async (step) => {
      const { create, call, rotate, settle, script, steps, stages, eventNames, clock } = aSecretsManager();
      await create();
      script[step] = async (_, usual) => {
        await usual();
        await call("PutSecretValue", { SecretId: "key", SecretString: "by hand", ClientRequestToken: token("h") });
      };

      await rotate();
      await settle();
      await clock.advance(DAY_MS);

      expect(steps().at(-1)).toEqual([step, token("r")]);
      expect(eventNames()).toEqual(["RotationStarted", "RotationAbandoned"]);
      expect(await stages()).toEqual({ [token("a")]: ["AWSPREVIOUS"], [token("h")]: ["AWSCURRENT"] });
    },
  );

  test("an abandoned rotation may deliver its other steps all the same", async () => {
    const { create, call, rotate, settle, script, steps, eventNames } = aSecretsManager({
      stepsAfterAbandonment: "continue",
    });
    await create();
    script.setSecret = async () => {
      await call("PutSecretValue", { SecretId: "key", SecretString: "by hand" });
    };
    script.finishSecret = () => undefined;

    await rotate();
    await settle();

    expect(steps()).toEqual(stepsOf(token("r")));
    expect(eventNames()).toEqual(["RotationStarted", "RotationAbandoned"]);
  });

  test("AWSPENDING taken off ends it as failed, and it is not retried with that version", async () => {
    const { create, call, rotate, settle, script, steps, eventNames, clock } = aSecretsManager();
    await create();
    script.testSecret = async () => {
      const removal = { SecretId: "key", VersionStage: "AWSPENDING", RemoveFromVersionId: token("r") };
      await call("UpdateSecretVersionStage", removal);
    };

    await rotate();
    await settle();
    await clock.advance(23 * HOUR_MS);
    expect(steps().at(-1)).toEqual(["testSecret", token("r")]);
    expect(eventNames()).toEqual(["RotationStarted", "RotationFailed"]);
    delete script.testSecret;
    await clock.advance(HOUR_MS);

    const [, newToken] = steps().at(-1) ?? [];
    expect(newToken).not.toBe(token("r"));
    expect(steps().slice(3)).toEqual(stepsOf(String(newToken)));
  });

  test.each([{}, { ForceDeleteWithoutRecovery: true }])("DeleteSecret %j ends it", async (how) => {
    const { create, call, rotate, settle, script, steps, eventNames, clock } = aSecretsManager();
    await create();
    script.setSecret = async () => {
      await call("DeleteSecret", { SecretId: "key", ...how });
    };

    await rotate();
    await settle();
    await clock.advance(60 * DAY_MS);

    expect(steps().map(([step]) => step)).toEqual(["createSecret", "setSecret"]);
    expect(eventNames()).toEqual(["RotationStarted", "RotationFailed"]);
  });

  test("close ends it before the next step, without a word", async () => {
    const { create, model, rotate, settle, script, steps, eventNames } = aSecretsManager();
    await create();
    script.createSecret = async (_, usual) => {
      await usual();
      model.close();
    };

    await rotate();
    await settle();

    expect(steps().map(([step]) => step)).toEqual(["createSecret"]);
    expect(eventNames()).toEqual(["RotationStarted"]);
  });
});
