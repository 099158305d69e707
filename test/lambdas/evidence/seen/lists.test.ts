import { describe, expect, test } from "vitest";
import type { Fault } from "../../../../sandbox/vendors/hostility.ts";
import type { PageForm } from "../../../../sandbox/vendors/paging.ts";
import { ask } from "../../management/asking.ts";
import { currentOf, isActive, ownLabels, passes, putMark } from "../../reconciliation/passes.ts";
import { answerWith } from "../../rotation/begun.ts";
import type { VendorName } from "../../second-connection.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type Stand } from "../../stand.ts";
import { aliveAt, createsAt, declaredAt, peoplesKey, standWith, VENDORS } from "./vendor-keys.ts";

/* Lists that omit keys, and lists that come in pages of another size. */

/** A replaced key that has to go, by its mark. */
const MARKS = ["retiring", "compromised", "compromised-first"] as const;

interface ToGo {
  readonly stand: Stand;
  readonly arn: string;
  readonly old: { readonly keyId: string; readonly apiKey: string };
}

/** A key whose time is over: its overlap, or it is no secret any more. */
const toGo = async (vendor: VendorName, mark: (typeof MARKS)[number], form: Partial<PageForm>): Promise<ToGo> => {
  const stand = await standWith(form);
  for (let n = 0; n < 4; n++) peoplesKey(stand[vendor], `people ${n}`);
  const arn = await stand.deploy(declaredAt(vendor));
  await stand.clock.advance(HOUR_MS);
  const old = await stand.currentKey(arn);
  const version = await currentOf(stand, arn);
  for (let n = 4; n < 8; n++) peoplesKey(stand[vendor], `people ${n}`);
  await stand.rotate(arn);
  if (mark === "retiring") await stand.clock.advance(DAY_MS + 10 * MINUTE_MS);
  else await putMark(stand, arn, version, mark);
  return { stand, arn, old };
};

const marksOf = async ({ stand, arn }: ToGo): Promise<number> => (await ownLabels(stand, arn)).length;

/** Passes; whenever one ends, the mark is there while the vendor has the key alive. */
const goOn = async (one: ToGo, vendor: VendorName, count: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    await passes(one.stand, 1);
    if (isActive(one.stand[vendor], one.old.keyId)) expect(await marksOf(one)).toBeGreaterThan(0);
  }
};

const FAULTS: readonly (readonly [string, (keyId: string) => Fault])[] = [
  ["omit it", (keyId) => ({ kind: "list-omits", omits: (id) => id === keyId })],
  ["omit all keys", () => ({ kind: "list-omits" })],
  ["end after their first key", () => ({ kind: "list-cut" })],
  ["end after their third key", () => ({ kind: "list-cut", keep: 3 })],
  ["are newest first", () => ({ kind: "list-reversed" })],
  ["repeat their pages", () => ({ kind: "page-repeated" })],
  ["have pages of a day ago", () => ({ kind: "pages-stale", ageMs: DAY_MS })],
  ["are of a day ago", () => ({ kind: "stale-list", ageMs: DAY_MS })],
];

describe.each(VENDORS)("a key of %s that has to go keeps its mark until it is gone, where lists", (vendor) => {
  describe.each(FAULTS)("%s", (_, fault) => {
    test.each(MARKS)("for an hour, and its revocation is not done at first (%s)", async (mark) => {
      const one = await toGo(vendor, mark, { pageSize: 3 });
      const { stand, arn, old } = one;
      stand[vendor].hostile.next("list", fault(old.keyId), Number.POSITIVE_INFINITY);
      stand[vendor].hostile.next("revoke", "revoke-not-done", 2);

      await goOn(one, vendor, 12);
      stand[vendor].hostile.clear();
      await goOn(one, vendor, 24);

      expect(aliveAt(stand, vendor)).toEqual([(await stand.currentKey(arn)).keyId]);
      expect(await marksOf(one)).toBe(0);
      expect(createsAt(stand, vendor)).toBe(2);
    });
  });
});

/** A person takes a key away, so that no list shows it any more. */
const takeAway = async (stand: Stand, vendor: VendorName, keyId: string): Promise<void> => {
  stand[vendor].revokeKey(keyId);
  const headers = { Authorization: `Bearer ${stand.pictify.adminKey}` };
  if (vendor === "pictify")
    await stand.pictify.fetch(new Request(`https://pictify.test/api-keys/${keyId}`, { method: "DELETE", headers }));
};

/** That happens to a key of the first page between the first page and the second, so that those behind it move up. */
const takenAwayBetweenPages = (stand: Stand, vendor: VendorName, keyId: string): void => {
  let pages = 0;
  answerWith(
    stand,
    (url, { method = "GET" }) => method === "GET" && /\/api-keys\/?(\?|$)/.test(url),
    async (url, init, send) => {
      const answer = await send(url, init);
      if (url.includes(vendor) && ++pages === 1) await takeAway(stand, vendor, keyId);
      return answer;
    },
  );
};

describe.each(VENDORS)(
  "a compromised key of %s on the border of two pages, between which another one is taken away,",
  (vendor) => {
    test.each([2, 3, 5, 6])("keeps its mark until it is gone, by pages of %i", async (pageSize) => {
      const stand = await standWith({ pageSize, revokedKeysListed: false });
      const people = Array.from({ length: pageSize - 1 }, (_, n) => peoplesKey(stand[vendor], `people ${n}`));
      const arn = await stand.deploy(declaredAt(vendor));
      for (let n = 0; n < 4; n++) peoplesKey(stand[vendor], `later ${n}`);
      await stand.clock.advance(HOUR_MS);
      const one = { stand, arn, old: await stand.currentKey(arn) };
      expect((await ask(stand, "compromised", arn)).error).toBeUndefined();
      await stand.clock.run(stand.account.secretsManager.idle());

      takenAwayBetweenPages(stand, vendor, people[0] ?? "");
      await goOn(one, vendor, 6);

      expect(aliveAt(stand, vendor)).toEqual([(await stand.currentKey(arn)).keyId]);
      expect(await marksOf(one)).toBe(0);
    });
  },
);

const FORMS: readonly (readonly [string, Partial<PageForm>])[] = [
  ["1", { pageSize: 1 }],
  ["7, each said to be the last", { pageSize: 7, pageFlags: "always-last" }],
  ["19, without a word", { pageSize: 19, pageFlags: "none" }],
  ["21, said to go on for ever", { pageSize: 21, pageFlags: "always-more" }],
  ["33, and none past the end (404)", { pageSize: 33, pageFlags: "none", pastTheEnd: 404 }],
  ["50, and none past the end (400)", { pageSize: 50, pageFlags: "always-last", pastTheEnd: 400 }],
  ["48, and the last one again", { pageSize: 48, pageFlags: "none", pastTheEnd: "last-page" }],
  ["70, as many as there are", { pageSize: 70, pageFlags: "always-last" }],
];

describe.each(VENDORS)("a key of %s behind 70 of other people", (vendor) => {
  test.each(FORMS)("lives, and ends, as any other, by pages of %s", async (_, form) => {
    const stand = await standWith(form);
    for (let n = 0; n < 70; n++) peoplesKey(stand[vendor], `people ${n}`);
    const arn = await stand.deploy(declaredAt(vendor));
    const old = await stand.currentKey(arn);
    await stand.clock.advance(HOUR_MS);
    await stand.rotate(arn);
    const inOverlap = await ownLabels(stand, arn);
    await stand.clock.advance(DAY_MS - HOUR_MS);
    await passes(stand, 24);
    const afterwards = await ownLabels(stand, arn);
    for (let n = 0; n < 3; n++) await ask(stand, "ensure", arn);
    const { answer: described } = await stand.invoke("inspect", { protocol: 1, action: "describe", secretId: arn });
    const { keyId } = await stand.currentKey(arn);

    expect([inOverlap.length, afterwards.length]).toEqual([1, 0]);
    expect(isActive(stand[vendor], old.keyId)).toBe(false);
    expect(described).toMatchObject({ keys: [{ status: "current", keyId, liveGenerations: 1 }] });
    expect(createsAt(stand, vendor)).toBe(2);
    await stand.clock.advance(2 * HOUR_MS);
    const { answer } = await ask(stand, "delete", arn);
    expect(answer).toMatchObject({ status: "destroyed", debt: [] });
    expect(aliveAt(stand, vendor)).toEqual([]);
  });
});
