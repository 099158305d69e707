import { describe, expect, test } from "vitest";
import { aSecretsManager, DAY_MS, expectRefusal, token } from "./a-secrets-manager.ts";

const put = (letter: string, more: object = {}) => ({
  SecretId: "key",
  ClientRequestToken: token(letter),
  SecretString: `value ${letter}`,
  ...more,
});

describe("PutSecretValue", () => {
  test("without labels the value becomes current", async () => {
    const { create, call, stages } = aSecretsManager();
    await create();

    const answer = await call("PutSecretValue", put("b"));

    expect(answer).toMatchObject({ Name: "key", VersionId: token("b"), VersionStages: ["AWSCURRENT"] });
    expect(await stages()).toEqual({ [token("a")]: ["AWSPREVIOUS"], [token("b")]: ["AWSCURRENT"] });
  });

  test("with labels it gets those, sorted, and they leave the versions that had them", async () => {
    const { create, call, stages } = aSecretsManager();
    await create();
    await call("PutSecretValue", put("b", { VersionStages: ["two", "one", "three"] }));

    const answer = await call("PutSecretValue", put("c", { VersionStages: ["two", "one", "four"] }));

    expect(answer.VersionStages).toEqual(["four", "one", "two"]);
    expect(await stages()).toEqual({
      [token("a")]: ["AWSCURRENT"],
      [token("b")]: ["three"],
      [token("c")]: ["four", "one", "two"],
    });
  });

  test("AWSPREVIOUS goes to the version that AWSCURRENT leaves, even when it is asked for the new one", async () => {
    const { create, call, stages } = aSecretsManager();
    await create();

    await call("PutSecretValue", put("b", { VersionStages: ["AWSCURRENT", "AWSPREVIOUS"] }));

    expect(await stages()).toEqual({ [token("a")]: ["AWSPREVIOUS"], [token("b")]: ["AWSCURRENT"] });
  });

  test("the same token and value again succeed and change nothing, whatever labels they name", async () => {
    const { clock, create, call, describe } = aSecretsManager();
    await create();
    await call("PutSecretValue", put("b", { VersionStages: ["AWSPENDING"] }));
    const before = await describe();
    await clock.advance(1000);

    const answer = await call("PutSecretValue", put("b", { VersionStages: ["AWSCURRENT"] }));

    expect(answer).toMatchObject({ VersionId: token("b"), VersionStages: ["AWSPENDING"] });
    expect(await describe()).toEqual(before);
  });

  test.each([
    ["another text", { SecretString: "other" }],
    ["the same characters as bytes", { SecretString: undefined, SecretBinary: Buffer.from("value b") }],
  ])("the same token with %s is refused", async (_, change) => {
    const { create, call, value } = aSecretsManager();
    await create();
    await call("PutSecretValue", put("b"));

    const again = call("PutSecretValue", put("b", change));

    await expectRefusal(again, "ResourceExistsException", `You can't use ClientRequestToken ${token("b")}`);
    expect((await value()).SecretString).toBe("value b");
  });

  test("equal bytes are the same value", async () => {
    const { create, call } = aSecretsManager();
    await create();
    const bytes = { SecretString: undefined, SecretBinary: Uint8Array.of(1, 2) };
    await call("PutSecretValue", put("b", bytes));

    expect(await call("PutSecretValue", put("b", bytes))).toMatchObject({ VersionId: token("b") });
  });

  test("a stored value does not change with the bytes that it was made of or that were read", async () => {
    const { create, call, value } = aSecretsManager();
    const bytes = Uint8Array.of(1, 2);
    await create({ SecretString: undefined, SecretBinary: bytes });

    bytes[0] = 9;
    (await value()).SecretBinary?.fill(9);

    expect((await value()).SecretBinary).toEqual(Uint8Array.of(1, 2));
    expect(await call("GetSecretValue", { SecretId: "key" })).not.toHaveProperty("SecretString");
  });

  test("the first value gets AWSCURRENT as well, as documented", async () => {
    const { call, stages } = aSecretsManager();
    await call("CreateSecret", { Name: "key" });

    await call("PutSecretValue", put("a", { VersionStages: ["AWSPENDING"] }));

    expect(await stages()).toEqual({ [token("a")]: ["AWSCURRENT", "AWSPENDING"] });
  });

  test("the first value gets only what was asked where the parameter says so", async () => {
    const { call, stages } = aSecretsManager({ firstValueStages: "as asked" });
    await call("CreateSecret", { Name: "key" });

    await call("PutSecretValue", put("a", { VersionStages: ["AWSPENDING"] }));

    expect(await stages()).toEqual({ [token("a")]: ["AWSPENDING"] });
  });

  test("a value by hand takes AWSPENDING off, wherever it is", async () => {
    const { create, call, stages, eventNames } = aSecretsManager();
    await create();
    await call("PutSecretValue", put("b", { VersionStages: ["AWSPENDING"] }));

    await call("PutSecretValue", put("c"));

    expect(await stages()).toEqual({ [token("a")]: ["AWSPREVIOUS"], [token("c")]: ["AWSCURRENT"] });
    expect(eventNames()).toEqual(["RotationAbandoned"]);
  });

  test("a value by hand leaves AWSPENDING where the parameter says so", async () => {
    const { create, call, stages } = aSecretsManager({ putTakesPendingAway: false });
    await create();
    await call("PutSecretValue", put("b", { VersionStages: ["AWSPENDING"] }));

    await call("PutSecretValue", put("c"));

    expect(await stages()).toMatchObject({ [token("b")]: ["AWSPENDING"], [token("c")]: ["AWSCURRENT"] });
  });

  test("64 KB fit, counted in bytes", async () => {
    const { create, call } = aSecretsManager();
    await create();

    await call("PutSecretValue", put("b", { SecretString: "x".repeat(65_536) }));
    await call("PutSecretValue", put("c", { SecretString: undefined, SecretBinary: new Uint8Array(65_536) }));

    const text = /Value at 'secretString'.* less than or equal to 65536/;
    await expectRefusal(
      call("PutSecretValue", put("d", { SecretString: "ü".repeat(32_769) })),
      "ValidationException",
      text,
    );
    const bytes = call("PutSecretValue", put("d", { SecretString: undefined, SecretBinary: new Uint8Array(65_537) }));
    await expectRefusal(bytes, "ValidationException", /Value at 'secretBinary'.* 65536/);
  });

  test.each([
    ["no value", { SecretString: undefined }, "InvalidRequestException", "You must provide either"],
    ["two values", { SecretBinary: Uint8Array.of(1) }, "InvalidParameterException", "both a binary"],
    ["an empty text", { SecretString: "" }, "ValidationException", "greater than or equal to 1"],
    ["no bytes", { SecretString: undefined, SecretBinary: new Uint8Array() }, "ValidationException", "to 1"],
    ["a token of 31 characters", { ClientRequestToken: "t".repeat(31) }, "ValidationException", "equal to 32"],
    ["a token of 65 characters", { ClientRequestToken: "t".repeat(65) }, "ValidationException", "equal to 64"],
    ["an empty list of labels", { VersionStages: [] }, "ValidationException", "versionStages"],
    ["a label of 257 characters", { VersionStages: ["l".repeat(257)] }, "ValidationException", "equal to 256"],
    ["a malformed RotationToken", { RotationToken: "short" }, "ValidationException", "Value at 'rotationToken'"],
  ])("%s is refused", async (_, change, code, text) => {
    const { create, call } = aSecretsManager();
    await create();

    await expectRefusal(call("PutSecretValue", put("b", change)), code, text);
  });
});

describe("GetSecretValue", () => {
  test("reads by version, by label, and the current value by default", async () => {
    const { clock, create, call, value } = aSecretsManager();
    const { ARN } = await create();
    await clock.advance(1500);
    await call("PutSecretValue", put("b"));

    expect(await value()).toEqual({
      ARN,
      Name: "key",
      VersionId: token("b"),
      SecretString: "value b",
      VersionStages: ["AWSCURRENT"],
      CreatedDate: new Date(clock.now()),
    });
    expect((await value({ VersionStage: "AWSPREVIOUS" })).SecretString).toBe("first");
    expect((await value({ VersionId: token("a") })).SecretString).toBe("first");
    expect((await value({ VersionId: token("a"), VersionStage: "AWSPREVIOUS" })).SecretString).toBe("first");
  });

  test.each([
    ["an unknown label", { VersionStage: "AWSPREVIOUS" }, "ResourceNotFoundException", "staging label: AWSPREVIOUS"],
    ["an unknown version", { VersionId: token("z") }, "ResourceNotFoundException", `VersionId: ${token("z")}`],
    [
      "a label of another version",
      { VersionId: token("a"), VersionStage: "AWSPENDING" },
      "InvalidRequestException",
      "You provided a VersionStage that is not associated to the provided VersionId.",
    ],
    [
      "an unknown version with a label",
      { VersionId: token("z"), VersionStage: "AWSCURRENT" },
      "ResourceNotFoundException",
      "VersionId",
    ],
  ])("%s is refused", async (_, input, code, text) => {
    const { create, value } = aSecretsManager();
    await create();

    await expectRefusal(value(input), code, text);
  });

  test("labels are late by labelLagMs, versions are not", async () => {
    const { clock, create, call, value } = aSecretsManager({ labelLagMs: 1000 });
    await create();
    await clock.advance(5000);
    await call("PutSecretValue", put("b"));

    await clock.advance(999);
    expect(await value()).toMatchObject({ VersionId: token("a"), VersionStages: ["AWSCURRENT"] });
    expect((await value({ VersionId: token("b") })).VersionStages).toEqual(["AWSCURRENT"]);
    await clock.advance(1);

    expect((await value()).VersionId).toBe(token("b"));
  });
});

test("UpdateSecret with a token in use is refused, with a value or without, and changes nothing", async () => {
  const { create, call, describe: describeKey } = aSecretsManager();
  await create();
  const before = await describeKey();

  for (const change of [{ Description: "new" }, { SecretString: "first" }]) {
    const work = call("UpdateSecret", { SecretId: "key", ClientRequestToken: token("a"), ...change });
    await expectRefusal(work, "ResourceExistsException", "already in use");
  }

  expect(await describeKey()).toEqual(before);
});

describe("versions without label", () => {
  const manyVersions = async ({ call }: ReturnType<typeof aSecretsManager>, count: number) => {
    for (let number = 0; number < count; number++) {
      const ClientRequestToken = `version-${String(number).padStart(32, "0")}`;
      await call("PutSecretValue", { SecretId: "key", ClientRequestToken, SecretString: "x" });
    }
  };

  test("are listed only when asked for, without labels", async () => {
    const manager = aSecretsManager();
    await manager.create();
    await manager.call("PutSecretValue", put("b"));
    await manager.call("PutSecretValue", put("c"));

    const ids = async (input: object) => (await manager.versions(input)).Versions?.map(({ VersionId }) => VersionId);
    expect(await ids({})).toEqual([token("b"), token("c")]);
    expect(await ids({ IncludeDeprecated: true })).toEqual([token("a"), token("b"), token("c")]);
    const [oldest] = (await manager.versions({ IncludeDeprecated: true })).Versions ?? [];
    expect(oldest).not.toHaveProperty("VersionStages");
    expect((await manager.value({ VersionId: token("a") })).SecretString).toBe("first");
  });

  test("are kept for a day, however many they are, and past a hundred pruned then, oldest first", async () => {
    const manager = aSecretsManager();
    await manager.create();
    await manyVersions(manager, 120);
    const count = async () => {
      let NextToken: string | undefined;
      let found = 0;
      do {
        const page = await manager.versions({ IncludeDeprecated: true, NextToken });
        found += page.Versions?.length ?? 0;
        NextToken = page.NextToken;
      } while (NextToken);
      return found;
    };
    expect(await count()).toBe(121);

    await manager.clock.advance(DAY_MS + 1);

    expect(await count()).toBe(100);
    await expectRefusal(manager.value({ VersionId: token("a") }), "ResourceNotFoundException");
    expect((await manager.value()).VersionId).toMatch(/119$/);
  });

  test("a label keeps a version from being pruned", async () => {
    const manager = aSecretsManager();
    await manager.create();
    await manager.call("UpdateSecretVersionStage", {
      SecretId: "key",
      VersionStage: "keep",
      MoveToVersionId: token("a"),
    });
    await manyVersions(manager, 120);

    await manager.clock.advance(DAY_MS + 1);
    await manager.versions();

    expect((await manager.value({ VersionId: token("a") })).SecretString).toBe("first");
  });
});

test("the quota on versions counts those of the last day", async () => {
  const { create, call, clock } = aSecretsManager({ versionQuota: 3, keptVersions: 2 });
  await create();
  const put = (value: string) => call("PutSecretValue", { SecretId: "key", SecretString: value });
  await put("two");
  await put("three");

  await expectRefusal(put("four"), "LimitExceededException", "3 versions");
  await clock.advance(86_400_001);

  await put("four");
});
