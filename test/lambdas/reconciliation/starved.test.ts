import { describe, expect, test } from "vitest";
import { answerWith } from "../rotation/begun.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, pictographKey, type Stand } from "../stand.ts";
import { passes, records, retag, unlimited } from "./passes.ts";

/* A dead current key is told in the first pass that sees it, whatever is the matter with other keys, other connections and other passes. */
const stood = (reconcileRequestsPerDay = 10_000): Promise<Stand> =>
  unlimited({ connections: { pictify: { reconcileRequestsPerDay } } });

/** A pass as it is scheduled, however long it takes. */
const pass = async ({ clock, invoke, account }: Stand): Promise<void> => {
  const startedMs = clock.now();
  await invoke("reconcile", {});
  await clock.run(account.secretsManager.idle());
  await clock.advance(Math.max(0, 5 * MINUTE_MS - (clock.now() - startedMs)));
};

/** After how many passes the death of a key is told; `undefined`: it is not. */
const toldAfter = async (stand: Stand, keyId: string, most: number): Promise<number | undefined> => {
  for (let count = 1; count <= most; count++) {
    await pass(stand);
    if (records(stand, "key.dead").some((told) => told.keyId === keyId)) return count;
  }
  return undefined;
};

const limited = (retryAfterSeconds: number) => async () =>
  Response.json({ error: "slow down" }, { status: 429, headers: { "retry-after": `${retryAfterSeconds}` } });

const revokeCurrent = async (stand: Stand, arn: string): Promise<string> => {
  const { keyId } = await stand.currentKey(arn);
  stand.pictify.revokeKey(keyId);
  return keyId;
};

describe("a dead key is told in the next pass,", () => {
  test.each([40, 80])("beside twelve whose own calls are throttled for %i s", async (seconds) => {
    const stand = await stood();
    const busy: string[] = [];
    for (let n = 0; n < 12; n++) {
      const arn = await stand.deploy({ name: `busy-${n}` });
      await stand.rotate(arn);
      busy.push((await stand.currentKey(arn)).apiKey);
    }
    const arn = await stand.deploy({ name: "web" });
    await stand.clock.advance(2 * DAY_MS);
    const isBusy = (headers?: RequestInit["headers"]): boolean =>
      busy.some((key) => `${[...new Headers(headers)]}`.includes(key));
    answerWith(stand, (_, { headers }) => isBusy(headers), limited(seconds));

    expect(await toldAfter(stand, await revokeCurrent(stand, arn), 3)).toBe(1);
  });

  test("where twelve keys came from a connection that throttles every check of a value", async () => {
    const stand = await stood();
    const arns: string[] = [];
    for (let n = 0; n < 12; n++) {
      const arn = await stand.deploy({ ...pictographKey, name: `web-${n}` });
      const { keyId } = await stand.currentKey(arn);
      await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:role"] });
      await retag(stand, arn, { "keyturn:vendor": "pictify", "keyturn:type": "live" });
      await stand.clock.run(stand.invoke("manage", { action: "ensure", secretId: arn }));
      await stand.clock.run(stand.account.secretsManager.idle());
      stand.pictograph.revokeKey(keyId);
      arns.push(arn);
    }
    await stand.clock.advance(2 * DAY_MS);
    answerWith(stand, (url) => url.includes("/datasets"), limited(40));

    expect(await toldAfter(stand, await revokeCurrent(stand, arns[0] ?? ""), 3)).toBe(1);
  });

  test.each([0, 1, 2, 3])("beside a hundred old keys that somebody revoked, %i passes later", async (offset) => {
    const stand = await stood();
    const old: string[] = [];
    for (let n = 0; n < 100; n++) {
      const arn = await stand.deploy({ name: `key-${n}` });
      old.push((await stand.currentKey(arn)).keyId);
      await stand.rotate(arn);
    }
    const arn = await stand.deploy({ name: "web" });
    await stand.clock.advance(2 * DAY_MS + offset * 5 * MINUTE_MS);
    for (const keyId of old) stand.pictify.revokeKey(keyId);

    expect(await toldAfter(stand, await revokeCurrent(stand, arn), 3)).toBe(1);
  });

  test.each([2 * HOUR_MS, DAY_MS])(
    "although the clock of its container was %i ms ahead for an hour",
    async (aheadMs) => {
      const stand = await stood();
      let offMs = 0;
      const open = stand.account.world;
      const world: typeof open = (grants, environment) => {
        const opened = open(grants, environment);
        return {
          ...opened,
          clock: {
            ...opened.clock,
            now: () => opened.clock.now() + offMs,
            sleep: opened.clock.sleep.bind(opened.clock),
          },
        };
      };
      Object.assign(stand.account, { world });
      stand.anotherService("prod");
      const arn = await stand.deploy();
      await stand.clock.advance(2 * DAY_MS);
      offMs = aheadMs;
      await passes(stand, 12);
      offMs = 0;

      expect(await toldAfter(stand, await revokeCurrent(stand, arn), 3)).toBe(1);
    },
  );
});

test("forty keys that die at once are all told within a day, on the smallest budget, where none can be replaced", async () => {
  const stand = await stood(100);
  const arns: string[] = [];
  for (let n = 0; n < 40; n++) arns.push(await stand.deploy({ name: `key-${n}` }));
  await stand.clock.advance(2 * DAY_MS);
  await passes(stand, 24);
  stand.pictify.hostile.next("create", "server-error", Number.POSITIVE_INFINITY);
  const dead = await Promise.all(arns.map((arn) => revokeCurrent(stand, arn)));

  await passes(stand, 288);

  const told = new Set(records(stand, "key.dead").map(({ keyId }) => keyId));
  expect(dead.filter((keyId) => !told.has(keyId))).toEqual([]);
});
