import { describe, expect, test } from "vitest";
import { aSecretsManager, DAY_MS, expectRefusal, type TestedSecretsManager, token } from "./a-secrets-manager.ts";

const names = async ({ list }: TestedSecretsManager, input: object = {}) =>
  (await list(input)).SecretList?.map(({ Name }) => Name);

const withSecrets = async (secrets: readonly { Name: string }[]) => {
  const manager = aSecretsManager();
  for (const secret of secrets) {
    await manager.call("CreateSecret", secret);
    await manager.clock.advance(1000);
  }
  return manager;
};

const allPages = async (manager: TestedSecretsManager, input: object) => {
  const pages: (string | undefined)[][] = [];
  let NextToken: string | undefined;
  do {
    const page = await manager.list({ ...input, NextToken });
    pages.push(page.SecretList?.map(({ Name }) => Name) ?? []);
    NextToken = page.NextToken;
  } while (NextToken);
  return pages;
};

describe("ListSecrets", () => {
  test("an entry has all that DescribeSecret has, with labels under its own name", async () => {
    const manager = aSecretsManager();
    await manager.create({ Description: "d", KmsKeyId: "alias/k", Tags: [{ Key: "a", Value: "b" }] });
    await manager.rotate();
    await manager.settle();
    await manager.value();

    const [entry] = (await manager.list()).SecretList ?? [];

    const { VersionIdsToStages, ...described } = await manager.describe();
    expect(entry).toEqual({ ...described, SecretVersionsToStages: VersionIdsToStages });
    expect(entry).toMatchObject({ RotationEnabled: true, LastAccessedDate: expect.any(Date), KmsKeyId: "alias/k" });
  });

  test("leaves out secrets marked for deletion, unless asked, and those that are gone", async () => {
    const manager = await withSecrets([{ Name: "one" }, { Name: "two" }]);
    await manager.call("DeleteSecret", { SecretId: "one", RecoveryWindowInDays: 7 });

    expect(await names(manager)).toEqual(["two"]);
    expect(await names(manager, { IncludePlannedDeletion: true })).toEqual(["one", "two"]);
    await manager.clock.advance(7 * DAY_MS);
    expect(await names(manager, { IncludePlannedDeletion: true })).toEqual(["two"]);
  });

  test.each([
    [{}, ["b", "a", "c"]],
    [{ SortOrder: "desc" }, ["c", "a", "b"]],
    [{ SortBy: "name" }, ["a", "b", "c"]],
    [{ SortBy: "name", SortOrder: "desc" }, ["c", "b", "a"]],
    [{ SortBy: "last-changed-date" }, ["a", "c", "b"]],
    [{ SortBy: "last-accessed-date", SortOrder: "desc" }, ["a", "c", "b"]],
  ])("sorted by %j, whatever the size of the page", async (input, expected) => {
    const manager = await withSecrets(["b", "a", "c"].map((Name) => ({ Name, SecretString: "x" })));
    await manager.call("UpdateSecret", { SecretId: "b", Description: "changed last" });
    await manager.value({ SecretId: "a" });

    expect(await names(manager, input)).toEqual(expected);
    expect(await allPages(manager, { ...input, MaxResults: 1 })).toEqual(expected.map((name) => [name]));
    expect(await allPages(manager, { ...input, MaxResults: 2 })).toEqual([expected.slice(0, 2), expected.slice(2)]);
  });

  test("a page holds a hundred by default, and a full last page has no token", async () => {
    const manager = await withSecrets(Array.from({ length: 200 }, (_, index) => ({ Name: `n${index}` })));

    expect((await allPages(manager, {})).map((page) => page.length)).toEqual([100, 100]);
  });

  test("secrets that come or go between two pages neither hide nor repeat others", async () => {
    const manager = await withSecrets(["a", "b", "c", "d"].map((Name) => ({ Name })));
    const first = await manager.list({ MaxResults: 2 });
    await manager.call("DeleteSecret", { SecretId: "a", ForceDeleteWithoutRecovery: true });
    await manager.call("CreateSecret", { Name: "e" });

    expect(await names(manager, { NextToken: first.NextToken })).toEqual(["c", "d", "e"]);
  });

  test.each(["nonsense", "e30", Buffer.from('["ListSecrets name asc","a",0]').toString("base64url")])(
    "the token %j is refused",
    async (NextToken) => {
      await expectRefusal(aSecretsManager().list({ NextToken }), "InvalidNextTokenException", "NextToken");
    },
  );

  test.each([{ MaxResults: 0 }, { MaxResults: 101 }, { SortOrder: "up" }, { SortBy: "size" }])(
    "%j is refused",
    async (input) => {
      await expectRefusal(aSecretsManager().list(input), "ValidationException", "1 validation error detected");
    },
  );

  test("is late by listLagMs, DescribeSecret is not", async () => {
    const manager = aSecretsManager({ listLagMs: 1000 });
    await manager.create();
    expect(await names(manager)).toEqual([]);
    await manager.clock.advance(1000);
    await manager.call("UpdateSecret", { SecretId: "key", Description: "new" });
    await manager.clock.advance(999);

    expect((await manager.list()).SecretList?.[0]).not.toHaveProperty("Description");
    expect((await manager.describe()).Description).toBe("new");
    await manager.clock.advance(1);
    expect((await manager.list()).SecretList?.[0]?.Description).toBe("new");

    await manager.call("DeleteSecret", { SecretId: "key", ForceDeleteWithoutRecovery: true });
    expect(await names(manager)).toEqual(["key"]);
    await manager.clock.advance(1000);
    expect(await names(manager)).toEqual([]);
  });
});

describe("a filter", () => {
  const secrets = [
    { Name: "team/web", Description: "Web keys", Tags: [{ Key: "keyturn:service", Value: "prod" }] },
    { Name: "team/db", Description: "the database", Tags: [{ Key: "owner", Value: "prod-db" }] },
    { Name: "other", Tags: [{ Key: "Owner", Value: "Prod" }] },
  ];

  test.each([
    ["name", ["team/"], ["team/web", "team/db"]],
    ["name", ["Team/"], []],
    ["name", ["web"], []],
    ["name", ["team/w", "oth"], ["team/web", "other"]],
    ["name", ["!team/"], ["other"]],
    ["name", ["!team/w", "!oth"], ["team/db"]],
    ["name", ["team/", "!team/w"], ["team/db"]],
    ["description", ["web"], ["team/web"]],
    ["description", ["THE DATA"], ["team/db"]],
    ["description", ["!web"], ["team/db", "other"]],
    ["tag-key", ["keyturn:"], ["team/web"]],
    ["tag-key", ["owner"], ["team/db"]],
    ["tag-key", ["!keyturn:"], ["team/db", "other"]],
    ["tag-value", ["prod"], ["team/web", "team/db"]],
    ["tag-value", ["!prod"], ["other"]],
    ["all", ["DATABASE"], ["team/db"]],
    ["all", ["prod team"], ["team/web", "team/db"]],
    ["all", ["!prod"], []],
    ["owning-service", ["rds"], []],
    ["owning-service", ["!rds"], ["team/web", "team/db", "other"]],
    ["primary-region", ["us-"], []],
  ])("%s %j finds %j", async (Key, Values, expected) => {
    const manager = await withSecrets(secrets);

    expect(await names(manager, { Filters: [{ Key, Values }] })).toEqual(expected);
  });

  test("must be passed together with all others", async () => {
    const manager = await withSecrets(secrets);
    const Filters = [
      { Key: "tag-value", Values: ["prod"] },
      { Key: "name", Values: ["team/db"] },
    ];

    expect(await names(manager, { Filters })).toEqual(["team/db"]);
  });

  test.each([
    [{ Key: "size", Values: ["x"] }, /filters\.1\.member\.key.*enum value set/],
    [{ Key: "name", Values: [] }, /values/],
    [{ Key: "name", Values: ["a*"] }, /regular expression pattern/],
    [{ Key: "name", Values: Array(11).fill("x") }, /less than or equal to 10/],
  ])("%j is refused", async (filter, text) => {
    await expectRefusal(aSecretsManager().list({ Filters: [filter] }), "ValidationException", text);
  });
});

test.each([
  [[{ Key: "name" }], "Invalid filter values for key: name"],
  [[{ Values: ["x"] }], "Invalid filter key"],
  [Array(11).fill({ Key: "name", Values: ["x"] }), "You can include up to 10 filters"],
])("the filters %j are refused as AWS's service does, not its front", async (Filters, text) => {
  await expectRefusal(aSecretsManager().list({ Filters }), "InvalidParameterException", text);
});

describe("ListSecretVersionIds", () => {
  test("lists versions with labels, key and dates, oldest first, in pages", async () => {
    const { clock, create, call, value, versions } = aSecretsManager();
    const { ARN } = await create();
    await value();
    await clock.advance(1000);
    await call("PutSecretValue", { SecretId: "key", ClientRequestToken: token("b"), SecretString: "x" });

    const first = await versions({ MaxResults: 1 });
    const second = await versions({ MaxResults: 1, NextToken: first.NextToken });

    expect(first).toMatchObject({ ARN, Name: "key", NextToken: expect.any(String) });
    expect(first.Versions).toEqual([
      {
        VersionId: token("a"),
        VersionStages: ["AWSPREVIOUS"],
        CreatedDate: new Date(clock.now() - 1000),
        LastAccessedDate: new Date(clock.now() - 1000),
        KmsKeyIds: ["DefaultEncryptionKey"],
      },
    ]);
    expect(second.Versions?.map(({ VersionId }) => VersionId)).toEqual([token("b")]);
    expect(second).not.toHaveProperty("NextToken");
  });

  test("a token of another secret is refused", async () => {
    const { create, call, versions } = aSecretsManager();
    await create();
    await call("PutSecretValue", { SecretId: "key", SecretString: "x" });
    await create({ Name: "other" });
    const { NextToken } = await versions({ MaxResults: 1 });

    await expectRefusal(versions({ SecretId: "other", NextToken }), "InvalidNextTokenException");
  });
});

test("ten thousand secrets are listed", async () => {
  const manager = aSecretsManager();
  for (let number = 0; number < 10_000; number++) {
    await manager.call("CreateSecret", { Name: `n${number}`, SecretString: "x", Tags: [{ Key: "even", Value: "x" }] });
  }

  const pages = await allPages(manager, { Filters: [{ Key: "tag-key", Values: ["even"] }] });

  expect(new Set(pages.flat()).size).toBe(10_000);
});
