import { describe, expect, test } from "vitest";
import type { Fault } from "../../../sandbox/vendors/hostility.ts";
import { answerWith, intercept } from "../rotation/begun.ts";
import { addSecondConnection, secondConnectionOf } from "../second-connection.ts";
import { createStand, DAY_MS, HOUR_MS, MINUTE_MS, pictographKey, type Stand } from "../stand.ts";
import { fakeDistribute } from "./fake-distribute.ts";
import { isActive, passes, records, unlimited } from "./passes.ts";

const PASS_MS = 5 * MINUTE_MS;

/** Keys of Pictograph's whose retirement is due, and a key of Pictify's that a person has revoked there. */
const stand = async (): Promise<{ stand: Stand; web: string; deadId: string }> => {
  const made = await createStand();
  const due: string[] = [];
  for (let n = 0; n < 3; n++) due.push(await made.deploy({ ...pictographKey, name: `train-${n}` }));
  await made.clock.advance(HOUR_MS);
  for (const arn of due) await made.rotate(arn);
  const web = await made.deploy({ name: "web" });
  await made.clock.advance(2 * DAY_MS);
  const { keyId: deadId } = await made.currentKey(web);
  made.pictify.revokeKey(deadId);
  return { stand: made, web, deadId };
};

/** Passes as their schedule starts them, whatever they take; each that is still running meets the next one. */
const scheduled = async ({ clock, invoke, account }: Stand, count: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    const startedMs = clock.now();
    await invoke("reconcile", {});
    await clock.run(account.secretsManager.idle());
    await clock.advance(Math.max(0, PASS_MS - (clock.now() - startedMs)));
  }
};

const listsOf = ({ pictograph }: Stand): number =>
  pictograph.calls().find(({ operation }) => operation === "list")?.count ?? 0;

const endless = (
  vendor: Stand["pictograph"],
  operation: Parameters<Stand["pictograph"]["hostile"]["next"]>[0],
  fault: Fault,
) => vendor.hostile.next(operation, fault, Number.POSITIVE_INFINITY);

describe("a dead key of one vendor is told in the pass that sees it, and replaced before the third, while another vendor", () => {
  test.each<[string, (stand: Stand) => void]>([
    [
      "throttles revocations",
      ({ pictograph }) => endless(pictograph, "revoke", { kind: "rate-limited", retryAfterSeconds: 5 }),
    ],
    [
      "throttles revocations without a word of when",
      ({ pictograph }) => endless(pictograph, "revoke", { kind: "rate-limited", retryAfterSeconds: null }),
    ],
    [
      "throttles lists",
      ({ pictograph }) => endless(pictograph, "list", { kind: "rate-limited", retryAfterSeconds: 5 }),
    ],
    [
      "throttles lists for an hour",
      ({ pictograph }) => endless(pictograph, "list", { kind: "rate-limited", retryAfterSeconds: 3_600 }),
    ],
    ["does not answer lists", ({ pictograph }) => endless(pictograph, "list", { kind: "silence" })],
    ["does not answer revocations", ({ pictograph }) => endless(pictograph, "revoke", { kind: "silence" })],
    ["does not answer anything", ({ pictograph }) => endless(pictograph, "any", { kind: "silence" })],
    ["fails with all it is asked", ({ pictograph }) => endless(pictograph, "any", { kind: "server-error" })],
  ])("%s", async (_, trouble) => {
    const { stand: made, web, deadId } = await stand();
    trouble(made);

    await scheduled(made, 1);
    expect(records(made, "key.dead").map(({ keyId }) => keyId)).toEqual([deadId]);
    await scheduled(made, 1);

    const { keyId } = await made.currentKey(web);
    expect(keyId).not.toBe(deadId);
    expect(isActive(made.pictify, keyId)).toBe(true);
  });
});

test("a vendor that asks to be left alone is left alone until then, but for an hour at most", async () => {
  const made = await createStand();
  await made.deploy(pictographKey);
  await made.clock.advance(DAY_MS);
  made.pictograph.hostile.next("list", { kind: "rate-limited", retryAfterSeconds: 100 * 24 * 3_600 });
  await passes(made, 1, 0);
  await passes(made, 1);
  const before = listsOf(made);

  await passes(made, 9);
  expect(listsOf(made)).toBe(before);
  expect(records(made, "vendor.paused").length).toBeGreaterThan(0);
  await passes(made, 14);
  expect(listsOf(made)).toBeGreaterThan(before);
});

test("an admin secret that is gone is one vendor's trouble", async () => {
  const { stand: made, web, deadId } = await stand();
  await made.aws("DeleteSecret", { SecretId: "keyturn/pictograph", ForceDeleteWithoutRecovery: true });

  await scheduled(made, 2);

  expect((await made.currentKey(web)).keyId).not.toBe(deadId);
});

test("a value that cannot be read is told by its secret's name, and the others go on", async () => {
  const made = await unlimited();
  intercept(async (operation, call, input) => {
    const isClosed = operation === "GetSecretValue" && "SecretId" in input && input.SecretId === closed;
    if (isClosed) throw Object.assign(new Error("the KMS key is disabled"), { name: "DecryptionFailure" });
    return call();
  })(made);
  made.anotherService("prod");
  let closed = "";
  const [shut, open] = [await made.deploy({ name: "shut" }), await made.deploy({ name: "open" })];
  const oldIds = await Promise.all([shut, open].map(async (arn) => (await made.currentKey(arn)).keyId));
  for (const arn of [shut, open]) await made.rotate(arn);
  await made.clock.advance(DAY_MS);
  closed = shut;

  await passes(made, 36);

  expect(oldIds.map((id) => isActive(made.pictify, id))).toEqual([true, false]);
  const { name } = await made.facts(shut);
  expect(new Set(records(made, "value.not-read").map(({ secretName }) => secretName))).toEqual(new Set([name]));
});

test("a dead key is replaced before a cluster that hangs has answered for its targets", async () => {
  const { stand: made, web, deadId } = await stand();
  const distribute = fakeDistribute(made);
  await distribute.addTarget(web);
  distribute.answerBy(() => new Promise(() => {}));
  const startedMs = made.clock.now();

  const pass = made.invoke("reconcile", { only: [web] });
  await made.clock.advance(30_000 + 40_000);

  expect((await made.currentKey(web)).keyId).not.toBe(deadId);
  expect(made.clock.now() - startedMs).toBeLessThan(2 * MINUTE_MS);
  await made.clock.run(pass);
});

test("keys of a cluster that hangs hold up no retirement of keys of another one", async () => {
  const made = await unlimited();
  const distribute = fakeDistribute(made);
  const arns = [await made.deploy({ name: "shut" }), await made.deploy({ name: "open" })];
  const [shut = "", open = ""] = arns;
  await distribute.addTarget(shut, "shut", "away");
  await distribute.addTarget(open, "open", "prod");
  const oldIds = await Promise.all(arns.map(async (arn) => (await made.currentKey(arn)).keyId));
  for (const arn of arns) await made.rotate(arn);
  distribute.answerBy((request) =>
    request.secrets.some(({ arn }) => arn === shut) ? new Promise(() => {}) : Promise.resolve(undefined),
  );
  await made.clock.advance(DAY_MS);

  await scheduled(made, 36);

  expect(oldIds.map((id) => isActive(made.pictify, id))).toEqual([true, false]);
});

describe("of two connections of one vendor, of which one does not answer,", () => {
  const twoOfPictify = async () => {
    const made = await unlimited();
    await addSecondConnection(made, "pictify", "before");
    const [first, second] = [
      await made.deploy({ name: "first" }),
      await made.deploy({ name: "second", connection: secondConnectionOf("pictify") }),
    ];
    await made.clock.advance(DAY_MS);
    const SecretId = `keyturn/${secondConnectionOf("pictify")}`;
    const { SecretString } = await made.aws<{ SecretString: string }>("GetSecretValue", { SecretId });
    const { apiKey } = JSON.parse(SecretString) as { apiKey: string };
    const hangs = () =>
      answerWith(
        made,
        (_, { headers }) => JSON.stringify([...new Headers(headers)]).includes(apiKey),
        (_, { signal }) => new Promise((__, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
      );
    return { made, first, second, hangs };
  };

  test("the other one's dead key is told at once, and replaced", async () => {
    const { made, first, hangs } = await twoOfPictify();
    const { keyId } = await made.currentKey(first);
    made.pictify.revokeKey(keyId);
    hangs();

    await scheduled(made, 2);

    expect(records(made, "key.dead").map((record) => record.keyId)).toEqual([keyId]);
    expect((await made.currentKey(first)).keyId).not.toBe(keyId);
  });

  test("the other one's old key is judged, and goes", async () => {
    const { made, first, hangs } = await twoOfPictify();
    const { keyId } = await made.currentKey(first);
    await made.rotate(first);
    hangs();

    await passes(made, 312);

    expect(isActive(made.pictify, keyId)).toBe(false);
  });
});
