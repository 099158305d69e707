import { describe, expect, test } from "vitest";
import { keyName, serviceId } from "../../../lambdas/contracts/key-name.ts";
import { answerWith } from "../rotation/begun.ts";
import { createStand, DAY_MS, HOUR_MS, MINUTE_MS, mintedKeys, pictographKey, type Stand } from "../stand.ts";
import { callWith, isActive, look, ownLabels, passes, records, retag, unlimited, written } from "./passes.ts";

type Key = Readonly<Record<string, unknown>>;

/** Pictify's lists say something else of keys while `change` is there. */
const wording = (stand: Stand) => {
  const as: { change: ((key: Key) => Key) | undefined } = { change: undefined };
  answerWith(
    stand,
    (url, { method = "GET" }) => method === "GET" && /pictify\.test\/api-keys(\?|$)/.test(url),
    async (url, init, ask) => {
      const answer = await ask(url, init);
      if (!as.change || !answer.ok) return answer;
      const body = (await answer.json()) as { apiKeys: Key[] };
      return Response.json({ ...body, apiKeys: body.apiKeys.map(as.change) });
    },
  );
  return as;
};

/** A replaced key whose overlap is long over, and that a workload calls with every hour. */
const inUse = async () => {
  const stand = await unlimited();
  const as = wording(stand);
  const arn = await stand.deploy();
  const old = await stand.currentKey(arn);
  await stand.rotate(arn);
  for (let hour = 0; hour < 27; hour++) {
    await stand.clock.advance(HOUR_MS);
    await callWith(stand, old.apiKey);
  }
  await stand.clock.advance(10 * MINUTE_MS);
  await look(stand);
  const goesOn = async () => {
    await callWith(stand, old.apiKey);
    await passes(stand, 12);
    await callWith(stand, old.apiKey);
    await passes(stand, 3);
  };
  return { stand, as, arn, old, goesOn };
};

describe("an old key that somebody uses lives on, where a list", () => {
  test("calls it revoked once", async () => {
    const { stand, as, arn, old, goesOn } = await inUse();

    as.change = (key) => (key.id === old.keyId ? { ...key, status: "Revoked" } : key);
    await look(stand);
    as.change = undefined;
    await goesOn();

    expect(isActive(stand.pictify, old.keyId)).toBe(true);
    expect(await ownLabels(stand, arn)).toEqual([expect.stringMatching(/^keyturn\/retiring\//)]);
  });

  test.each<[string, (isOld: boolean, key: Key) => Key]>([
    ["tells no last use of any key", (_, { lastUsedAt: __, ...key }) => key],
    ["tells no last use of it", (isOld, { lastUsedAt, ...key }) => (isOld ? key : { ...key, lastUsedAt })],
    ["says that it was never used", (isOld, key) => (isOld ? { ...key, lastUsedAt: null } : key)],
    ["shows an earlier use", (isOld, key) => (isOld ? { ...key, lastUsedAt: "2026-11-21T12:00:00Z" } : key)],
  ])("%s, although another one did", async (_, change) => {
    const { stand, as, old, goesOn } = await inUse();

    as.change = (key) => change(key.id === old.keyId, key);
    await look(stand);
    as.change = undefined;
    await goesOn();

    expect(isActive(stand.pictify, old.keyId)).toBe(true);
  });
});

test("an old key that somebody uses lives on, where a list takes back what was said of it, and its connection is not the declared one", async () => {
  const stand = await unlimited();
  const as = wording(stand);
  await stand.clock.advance(10 * MINUTE_MS);
  const arn = await stand.deploy();
  const old = await stand.currentKey(arn);
  await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:type"] });
  await retag(stand, arn, { "keyturn:vendor": "pictograph", "keyturn:role": "member" });
  expect((await stand.invoke("manage", { action: "ensure", secretId: arn })).error).toBeUndefined();
  // Of these passes each looks at the declared connection, and at the other one only since it may have the old key: none is at an hour's beginning.
  const at = (ms: number) => stand.clock.advance(Date.UTC(2026, 10, 22, 12) + ms - stand.clock.now());
  await at(18 * MINUTE_MS);
  await callWith(stand, old.apiKey);

  await at(30 * MINUTE_MS);
  await stand.invoke("reconcile", {});
  as.change = (key) => (key.id === old.keyId ? { ...key, lastUsedAt: null } : key);
  await at(45 * MINUTE_MS);
  await stand.invoke("reconcile", {});

  expect(isActive(stand.pictify, old.keyId)).toBe(true);
  expect(records(stand, "key.lives").at(-1)).toMatchObject({ keyId: old.keyId, state: "blocked" });
});

test("of a whole fleet whose keys work, and that a list calls revoked, one key is replaced, and a person is told", async () => {
  const stand = await unlimited();
  const as = wording(stand);
  const keyIds: string[] = [];
  for (let n = 0; n < 7; n++) keyIds.push((await stand.currentKey(await stand.deploy({ name: `web-${n}` }))).keyId);
  await stand.clock.advance(DAY_MS);

  as.change = (key) => (keyIds.includes(String(key.id)) ? { ...key, status: "Revoked" } : key);
  await look(stand);
  await stand.clock.advance(MINUTE_MS);

  expect(stand.pictify.calls().find(({ operation }) => operation === "create")?.count).toBe(keyIds.length + 1);
  expect(written(stand, "DeathsDoubted").length).toBeGreaterThan(0);
});

test("a first value that can never be stored is minted for ever more rarely", async () => {
  const stand = await createStand();
  await stand.declare();
  const send = stand.account.secretsManager.call.bind(stand.account.secretsManager);
  Object.assign(stand.account.secretsManager, {
    call: (operation: string, input: object) =>
      operation === "PutSecretValue"
        ? Promise.reject(Object.assign(new Error("no"), { name: "AccessDeniedException" }))
        : send(operation, input),
  });

  await passes(stand, 12 * 24);
  await stand.clock.advance(MINUTE_MS); // what the last pass has just asked for comes to its end

  const created = stand.pictify.calls().find(({ operation }) => operation === "create")?.count ?? 0;
  expect(created).toBeGreaterThan(0);
  expect(created).toBeLessThan(10); // of 288 passes
  expect(mintedKeys(stand.pictify)).toEqual([]);
});

test("an admin key of another organization mints nothing while nobody can tell whether the current key works", async () => {
  const stand = await unlimited();
  const arn = await stand.deploy();
  await stand.clock.advance(HOUR_MS);
  const { value: apiKey } = stand.pictify.issueAdminKey("Admin", "another team");
  await stand.aws("PutSecretValue", { SecretId: "keyturn/pictify", SecretString: JSON.stringify({ apiKey }) });
  stand.anotherService("prod");
  const { apiKey: current } = await stand.currentKey(arn);
  answerWith(
    stand,
    (_, { headers }) => new Headers(headers).get("authorization") === `Bearer ${current}`,
    async () => new Response("<html>blocked</html>", { status: 403, headers: { "content-type": "text/html" } }),
  );

  await stand.rotate(arn);
  await look(stand);

  expect(mintedKeys(stand.pictify)).toHaveLength(1);
  expect(written(stand, "RotationFailed").length).toBeGreaterThan(0);
});

test("a person is told within two days of a key whose end its vendor confirms in no form that is known", async () => {
  const { stand, old } = await inUse();
  answerWith(
    stand,
    (_, { headers }) => new Headers(headers).get("authorization") === `Bearer ${old.apiKey}`,
    async () => Response.json({ error: "Unauthorized" }, { status: 401 }),
  );
  await stand.clock.advance(2 * HOUR_MS);
  await passes(stand, 3);
  expect(isActive(stand.pictify, old.keyId)).toBe(false);
  expect(written(stand, "RevokeByHand")).toEqual([]);

  await passes(stand, 48, HOUR_MS);

  expect(written(stand, "RevokeByHand").length).toBeGreaterThan(0);
});

describe("past the deadline of a key that nothing proves to be unused, a person is told", () => {
  const unproven = async (reconcileInterval = "PT5M") => {
    const pictograph = { adminKeyInUse: false, switches: { verificationsAreUse: false } };
    const stand = await unlimited({
      pictograph,
      grants: { reconcileInterval },
      floor: { minimum: { deadline: "P2D" } },
    });
    const arn = await stand.deploy({ ...pictographKey, deadlineMs: 2 * DAY_MS });
    await stand.clock.advance(HOUR_MS);
    await stand.rotate(arn);
    return stand;
  };

  test.each([
    ["PT5M", 5 * MINUTE_MS, DAY_MS + 23 * HOUR_MS, 27 * 12],
    ["PT1H", HOUR_MS, DAY_MS, 4 * 24],
    ["PT24H", DAY_MS, 0, 12],
  ])("by one alarm that its vendor does not report a call of ours (%s)", async (interval, everyMs, afterMs, count) => {
    const stand = await unproven(interval);

    await stand.clock.advance(afterMs);
    await passes(stand, count, everyMs);

    expect(written(stand, "UseNotUnderstood").length).toBeGreaterThan(0);
    expect(written(stand, "RetirementBlocked")).toEqual([]);
  });

  test("by that alone, also where the function's container is another one every few hours", async () => {
    const stand = await unproven();
    await stand.clock.advance(DAY_MS + 20 * HOUR_MS);

    for (let n = 0; n < 5; n++) {
      stand.anotherService("prod");
      await passes(stand, 3 * 12);
    }

    expect(written(stand, "UseNotUnderstood").length).toBeGreaterThan(0);
    expect(written(stand, "RetirementBlocked")).toEqual([]);
  });

  test("that it stays, where no call of ours is answered in a way that could be reported", async () => {
    const stand = await unproven();
    stand.pictograph.hostile.next("datasets", { kind: "edge" }, Infinity);

    await stand.clock.advance(2 * DAY_MS);
    await passes(stand, 4, HOUR_MS);

    expect(written(stand, "RetirementBlocked").length).toBeGreaterThan(0);
    expect(written(stand, "UseNotUnderstood")).toEqual([]);
  });

  test("by that alone, also where each pass has another container", async () => {
    const stand = await unproven("PT6H");

    for (let n = 0; n < 12; n++) {
      await passes(stand, 1, 6 * HOUR_MS);
      stand.anotherService("prod");
    }

    expect(written(stand, "UseNotUnderstood").length).toBeGreaterThan(0);
    expect(written(stand, "RetirementBlocked")).toEqual([]);
  });
});

describe("a key in use is not destroyed, and its secret not marked, where a list", () => {
  test.each<[string, Key | undefined]>([
    ["lacks it", undefined],
    ["calls it revoked", { status: "Revoked" }],
  ])("%s", async (_, said) => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const { keyId, apiKey } = await stand.currentKey(arn);
    await stand.clock.advance(DAY_MS);
    await callWith(stand, apiKey);
    await stand.clock.advance(10 * MINUTE_MS);
    const as = wording(stand);
    if (said) as.change = (key) => (key.id === keyId ? { ...key, ...said } : key);
    else stand.pictify.hostile.next("list", { kind: "list-omits", omits: (id) => id === keyId }, Infinity);

    const { error } = await stand.invoke("manage", { action: "delete", secretId: arn });
    as.change = undefined;
    stand.pictify.hostile.clear();
    await passes(stand, 24);

    expect(error).toMatch(/^UNCONFIRMED/);
    expect(isActive(stand.pictify, keyId)).toBe(true);
    expect(await ownLabels(stand, arn)).toEqual([]);
  });
});

test("a key is not destroyed while its vendor's reports of use stand still, but with force", async () => {
  const stand = await createStand();
  const arn = await stand.deploy(pictographKey);
  const { keyId } = await stand.currentKey(arn);
  await stand.clock.advance(DAY_MS);
  stand.pictograph.stopUsage();
  await stand.clock.advance(DAY_MS);

  const refused = await stand.invoke("manage", { action: "delete", secretId: arn });
  expect(refused.error).toMatch(/^UNCONFIRMED.*shows no call of anybody since/);
  expect(isActive(stand.pictograph, keyId)).toBe(true);
  expect(await ownLabels(stand, arn)).toEqual([]);

  await stand.invoke("manage", { action: "delete", secretId: arn, force: true });
  expect(isActive(stand.pictograph, keyId)).toBe(false);
});

test("a deploy mints nothing for a key that a list calls revoked, while its vendor cannot say whether it takes it", async () => {
  const stand = await unlimited();
  const arn = await stand.deploy();
  const { keyId, apiKey } = await stand.currentKey(arn);
  await stand.clock.advance(DAY_MS);
  wording(stand).change = (key) => (key.id === keyId ? { ...key, status: "Revoked" } : key);
  answerWith(
    stand,
    (_, { headers }) => JSON.stringify([...new Headers(headers)]).includes(apiKey),
    async () => new Response("no backend", { status: 503 }),
  );

  const { error } = await stand.invoke("manage", { action: "ensure", secretId: arn });

  expect(error).toMatch(/^UNCONFIRMED/);
  expect(mintedKeys(stand.pictify)).toHaveLength(1);
});

test("a stray is not revoked by reports that stood still of late, although they reach past its making", async () => {
  const stand = await createStand();
  await stand.deploy(pictographKey);
  const id = serviceId("prod", stand.account.functions.arnOf("any"));
  const stray = stand.pictograph.issueKey({ name: keyName("training", id, "0123456789"), access: "member" });
  await stand.clock.advance(20 * HOUR_MS);
  stand.pictograph.stopUsage();
  await stand.clock.advance(6 * HOUR_MS);

  await passes(stand, 6, 20 * MINUTE_MS);
  expect(isActive(stand.pictograph, stray.id)).toBe(true);

  stand.pictograph.stopUsage(Number.POSITIVE_INFINITY);
  await passes(stand, 6, 20 * MINUTE_MS);
  expect(isActive(stand.pictograph, stray.id)).toBe(false);
});

test("a person is told of a current key that no list shows, and whose refusal is in no form that is known", async () => {
  const stand = await unlimited();
  const { keyId, apiKey } = await stand.currentKey(await stand.deploy());
  await stand.deploy({ name: "api" });
  await stand.clock.advance(DAY_MS);
  stand.pictify.hostile.next("list", { kind: "list-omits", omits: (id) => id === keyId }, Infinity);
  answerWith(
    stand,
    (_, { headers }) => JSON.stringify([...new Headers(headers)]).includes(apiKey),
    async () => Response.json({ message: "go away" }, { status: 401 }),
  );

  await passes(stand, 24);

  expect(mintedKeys(stand.pictify)).toHaveLength(2);
  expect(written(stand, "ListingNotWhole").length).toBeGreaterThan(0);
});
