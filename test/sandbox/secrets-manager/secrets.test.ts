import { describe, expect, test } from "vitest";
import { aSecretsManager, DAY_MS, expectRefusal, token } from "./a-secrets-manager.ts";

describe("CreateSecret", () => {
  test("the ARN ends in a hyphen and six characters, and the first value is current", async () => {
    const { create, stages } = aSecretsManager();

    const answer = await create();

    expect(answer).toEqual({
      ARN: expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:key-[A-Za-z0-9]{6}$/),
      Name: "key",
      VersionId: token("a"),
    });
    expect(await stages()).toEqual({ [token("a")]: ["AWSCURRENT"] });
  });

  test("a secret without a value has no version", async () => {
    const { call, describe, value } = aSecretsManager();

    const answer = await call("CreateSecret", { Name: "key" });

    expect(answer).not.toHaveProperty("VersionId");
    expect(await describe()).not.toHaveProperty("VersionIdsToStages");
    await expectRefusal(value(), "ResourceNotFoundException", "staging label: AWSCURRENT");
  });

  test("the same token and value again succeed and change nothing", async () => {
    const { clock, create, describe } = aSecretsManager();
    const first = await create();
    const before = await describe();
    await clock.advance(1000);

    expect(await create()).toEqual(first);

    expect(await describe()).toEqual(before);
  });

  test.each([
    ["another value", { SecretString: "other" }],
    ["another token", { ClientRequestToken: token("b") }],
  ])("a name that is taken is refused with %s", async (_, change) => {
    const { create } = aSecretsManager();
    await create();

    await expectRefusal(create(change), "ResourceExistsException", "the secret key already exists");
  });

  test("text and bytes together are refused", async () => {
    const { create } = aSecretsManager();

    await expectRefusal(create({ SecretBinary: Uint8Array.of(1) }), "InvalidParameterException", "both a binary");
  });

  test.each(["with space", "star*", "ümlaut", "back\\slash"])("the name %j is refused", async (Name) => {
    await expectRefusal(aSecretsManager().create({ Name }), "ValidationException", "Invalid name.");
  });

  test("a name may have 512 characters of all kinds that are allowed, and no more", async () => {
    const { create } = aSecretsManager();

    await create({ Name: `aZ09/_+=.@-${"x".repeat(501)}` });

    await expectRefusal(create({ Name: "x".repeat(513) }), "ValidationException", "less than or equal to 512");
  });
});

describe("a SecretId", () => {
  test("may be the name, the ARN, or the ARN without its six last characters", async () => {
    const { create, describe } = aSecretsManager();
    const { ARN } = await create({ Name: "team/key" });

    for (const id of ["team/key", ARN, ARN.slice(0, -7)]) expect((await describe(id)).ARN).toBe(ARN);
  });

  test.each(["Key", "arn:aws:secretsmanager:eu-west-1:000000000000:secret:key", "arn:aws:s3:::key"])(
    "%j is nobody's",
    async (id) => {
      const { create, describe } = aSecretsManager();
      await create();

      await expectRefusal(describe(id), "ResourceNotFoundException", "can't find the specified secret.");
    },
  );
});

describe("UpdateSecret", () => {
  test("changes description and key without making a version", async () => {
    const { create, call, describe } = aSecretsManager();
    await create();

    const answer = await call("UpdateSecret", { SecretId: "key", Description: "new", KmsKeyId: "alias/mine" });

    expect(answer).not.toHaveProperty("VersionId");
    expect(await describe()).toMatchObject({ Description: "new", KmsKeyId: "alias/mine" });
  });

  test("an empty key id goes back to AWS's own key", async () => {
    const { create, call, describe, versions } = aSecretsManager();
    await create({ KmsKeyId: "alias/mine" });
    expect((await versions()).Versions?.[0]?.KmsKeyIds).toEqual(["alias/mine"]);

    await call("UpdateSecret", { SecretId: "key", KmsKeyId: "" });

    expect(await describe()).not.toHaveProperty("KmsKeyId");
    expect((await versions()).Versions?.[0]?.KmsKeyIds).toEqual(["DefaultEncryptionKey"]);
  });

  test("a new value becomes current and the one before previous", async () => {
    const { create, call, stages } = aSecretsManager();
    await create();

    await call("UpdateSecret", { SecretId: "key", SecretString: "second", ClientRequestToken: token("b") });

    expect(await stages()).toEqual({ [token("a")]: ["AWSPREVIOUS"], [token("b")]: ["AWSCURRENT"] });
  });

  test("a token that is in use is refused, with the same value too, and nothing changes", async () => {
    const { create, call, describe } = aSecretsManager();
    await create();
    const before = await describe();

    const again = { SecretId: "key", SecretString: "first", ClientRequestToken: token("a"), Description: "changed" };
    await expectRefusal(call("UpdateSecret", again), "ResourceExistsException", token("a"));

    expect(await describe()).toEqual(before);
  });
});

describe("tags", () => {
  const tags = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => ({ Key: `k${index + from}`, Value: "v" }));

  test("are attached, replaced by key, and taken off", async () => {
    const { create, call, describe } = aSecretsManager();
    await create({ Tags: [{ Key: "a", Value: "1" }] });

    await call("TagResource", {
      SecretId: "key",
      Tags: [
        { Key: "b", Value: "2" },
        { Key: "a", Value: "3" },
      ],
    });
    expect((await describe()).Tags).toEqual([
      { Key: "a", Value: "3" },
      { Key: "b", Value: "2" },
    ]);

    await call("UntagResource", { SecretId: "key", TagKeys: ["a", "b", "never there"] });
    expect((await describe()).Tags).toEqual([]);
  });

  test("a secret that never had one shows no list", async () => {
    const { create, describe } = aSecretsManager();
    await create();

    expect(await describe()).not.toHaveProperty("Tags");
  });

  test("fifty are the most", async () => {
    const { create, call, describe } = aSecretsManager();
    await create({ Tags: tags(50) });

    await call("TagResource", { SecretId: "key", Tags: tags(2) });
    const more = call("TagResource", { SecretId: "key", Tags: tags(1, 50) });

    await expectRefusal(more, "InvalidParameterException", "50 tags");
    expect((await describe()).Tags).toHaveLength(50);
  });

  test.each([
    ["a reserved key", { Key: "aws:x", Value: "" }, "InvalidParameterException", "aws:"],
    [
      "a key of 129 characters",
      { Key: "k".repeat(129), Value: "" },
      "ValidationException",
      /tags\.1\.member\.key.* 128/,
    ],
    ["an empty key", { Key: "", Value: "" }, "ValidationException", "greater than or equal to 1"],
    ["a value of 257 characters", { Key: "k", Value: "v".repeat(257) }, "ValidationException", /member\.value.* 256/],
    ["a key with other characters", { Key: "k*", Value: "" }, "InvalidParameterException", "letters, digits"],
    ["a value with other characters", { Key: "k", Value: "{}" }, "InvalidParameterException", "letters, digits"],
  ])("%s is refused", async (_, tag, code, text) => {
    const { create, call } = aSecretsManager();
    await create();

    await expectRefusal(call("TagResource", { SecretId: "key", Tags: [tag] }), code, text);
  });

  test("a key given twice is refused", async () => {
    const twice = [...tags(1), ...tags(1)];

    await expectRefusal(aSecretsManager().create({ Tags: twice }), "InvalidParameterException", "Duplicate");
  });
});

describe("DeleteSecret and RestoreSecret", () => {
  test("by default the secret has thirty days, then it is gone and its name is free", async () => {
    const { clock, create, call, describe } = aSecretsManager();
    const { ARN } = await create();
    const startMs = clock.now();

    const answer = await call("DeleteSecret", { SecretId: "key" });
    expect(answer).toMatchObject({ ARN, Name: "key", DeletionDate: new Date(startMs + 30 * DAY_MS) });
    await clock.advance(30 * DAY_MS - 1);
    expect((await describe()).DeletedDate).toEqual(new Date(startMs));
    await clock.advance(1);

    await expectRefusal(describe(), "ResourceNotFoundException");
    expect((await create()).ARN).not.toBe(ARN);
  });

  test("DeletedDate can be the end of the window instead", async () => {
    const { clock, create, call, describe } = aSecretsManager({ deletedDate: "end of window" });
    await create();

    await call("DeleteSecret", { SecretId: "key", RecoveryWindowInDays: 7 });

    expect((await describe()).DeletedDate).toEqual(new Date(clock.now() + 7 * DAY_MS));
  });

  test.each([
    ["GetSecretValue", {}],
    ["PutSecretValue", { SecretString: "x" }],
    ["UpdateSecret", { Description: "x" }],
    ["UpdateSecretVersionStage", { VersionStage: "x", MoveToVersionId: token("a") }],
    ["TagResource", { Tags: [] }],
    ["UntagResource", { TagKeys: [] }],
    ["RotateSecret", { RotationLambdaARN: "arn" }],
    ["CancelRotateSecret", {}],
    ["GetResourcePolicy", {}],
    ["PutResourcePolicy", { ResourcePolicy: "{}" }],
    ["DeleteResourcePolicy", {}],
    ["ValidateResourcePolicy", { ResourcePolicy: "{}" }],
    ["ReplicateSecretToRegions", { AddReplicaRegions: [{ Region: "eu-west-1" }] }],
    ["RemoveRegionsFromReplication", { RemoveReplicaRegions: ["eu-west-1"] }],
    ["StopReplicationToReplica", {}],
    ["DeleteSecret", {}],
  ])("%s is refused while a secret is marked for deletion", async (operation, input) => {
    const { create, call } = aSecretsManager();
    await create();
    await call("DeleteSecret", { SecretId: "key" });

    const text = "You can't perform this operation on the secret because it was marked for deletion.";
    await expectRefusal(call(operation, { SecretId: "key", ...input }), "InvalidRequestException", text);
  });

  test("the name stays taken while the secret is marked for deletion", async () => {
    const { create, call } = aSecretsManager();
    await create();
    await call("DeleteSecret", { SecretId: "key" });

    await expectRefusal(create(), "InvalidRequestException", "already scheduled for deletion");
  });

  test("a restored secret has its value again and outlives the window", async () => {
    const { clock, create, call, describe, value } = aSecretsManager();
    await create();
    await call("DeleteSecret", { SecretId: "key", RecoveryWindowInDays: 7 });

    await call("RestoreSecret", { SecretId: "key" });
    await clock.advance(8 * DAY_MS);

    expect((await value()).SecretString).toBe("first");
    expect(await describe()).not.toHaveProperty("DeletedDate");
  });

  test("forced, it is gone at once", async () => {
    const { clock, create, call, describe } = aSecretsManager();
    await create();

    const answer = await call("DeleteSecret", { SecretId: "key", ForceDeleteWithoutRecovery: true });

    expect(answer.DeletionDate).toEqual(new Date(clock.now()));
    await expectRefusal(describe(), "ResourceNotFoundException");
  });

  test("forcing succeeds for a secret that is marked already, and for one that is not there", async () => {
    const { create, call, describe } = aSecretsManager();
    await create();
    await call("DeleteSecret", { SecretId: "key" });

    await call("DeleteSecret", { SecretId: "key", ForceDeleteWithoutRecovery: true });
    const answer = await call("DeleteSecret", { SecretId: "key", ForceDeleteWithoutRecovery: true });

    expect(answer).toMatchObject({ Name: "key" });
    await expectRefusal(describe(), "ResourceNotFoundException");
  });

  test.each([
    [{ RecoveryWindowInDays: 6 }, "between 7 and 30 days"],
    [{ RecoveryWindowInDays: 31 }, "between 7 and 30 days"],
    [{ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }, "in conjunction with"],
  ])("%j is refused", async (input, text) => {
    const { create, call } = aSecretsManager();
    await create();

    await expectRefusal(call("DeleteSecret", { SecretId: "key", ...input }), "InvalidParameterException", text);
  });

  test.each(["DeleteSecret", "RestoreSecret"])("%s of a secret that is not there is refused", async (operation) => {
    await expectRefusal(aSecretsManager().call(operation, { SecretId: "key" }), "ResourceNotFoundException");
  });
});

describe("dates", () => {
  test("LastChangedDate moves with a change and not with a read; LastAccessedDate is the day of the last read", async () => {
    const { clock, create, call, describe, value } = aSecretsManager();
    await create();
    const startMs = clock.now();
    await clock.advance(DAY_MS + 5000);
    expect(await describe()).not.toHaveProperty("LastAccessedDate");

    await value();
    expect(await describe()).toMatchObject({
      CreatedDate: new Date(startMs),
      LastChangedDate: new Date(startMs),
      LastAccessedDate: new Date(startMs + DAY_MS),
    });

    await call("TagResource", { SecretId: "key", Tags: [{ Key: "a", Value: "b" }] });
    expect((await describe()).LastChangedDate).toEqual(new Date(clock.now()));
  });
});
