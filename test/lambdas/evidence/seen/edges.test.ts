import { describe, expect, test } from "vitest";
import { ask } from "../../management/asking.ts";
import { currentOf, isActive, ownLabels, passes, putMark, records, written } from "../../reconciliation/passes.ts";
import { answerWith } from "../../rotation/begun.ts";
import type { VendorName } from "../../second-connection.ts";
import { DAY_MS, HOUR_MS, type Stand } from "../../stand.ts";
import { aliveAt, createsAt, declaredAt, standWith, VENDORS } from "./vendor-keys.ts";

/* Something on the way to the vendor, or a part of it that knows no key, answers in its place. */

type Edge = () => Response;

const page = (status: number) => () =>
  new Response("<html>Request blocked</html>", { status, headers: { "content-type": "text/html" } });
const gateway = (status: number, body: object) => () => Response.json(body, { status });

const EDGES: readonly (readonly [string, Edge])[] = [
  ["a web page with 403", page(403)],
  ["a web page with 401", page(401)],
  ["a web page with 200", page(200)],
  ["a gateway's 403", gateway(403, { message: "Forbidden" })],
  ["a gateway's 401", gateway(401, { message: "Unauthorized" })],
  ["a proxy's 401", gateway(401, { error: "Unauthorized" })],
  ["a framework's 403", gateway(403, { detail: "Not authenticated" })],
  ["nothing but 403", () => new Response(null, { status: 403 })],
  ["nothing but 401", () => new Response(null, { status: 401 })],
];

const credentialOf = ({ headers }: RequestInit): string => {
  const given = new Headers(headers);
  return given.get("x-api-key") ?? given.get("authorization")?.replace("Bearer ", "") ?? "";
};

/** Has every call that tries a key answered by the edge, and no other one. @returns what ends that */
const putEdge = (stand: Stand, edge: Edge): (() => void) => {
  let isThere = true;
  const tries = (url: string, init: RequestInit): boolean =>
    url.includes("/developer/datasets/") ||
    (init.method === "GET" && url.includes("pictify") && credentialOf(init) !== stand.pictify.adminKey);
  answerWith(
    stand,
    (url, init) => isThere && tries(url, init),
    async () => edge(),
  );
  return () => {
    isThere = false;
  };
};

const deployed = async (vendor: VendorName) => {
  const stand = await standWith({});
  const arn = await stand.deploy(declaredAt(vendor));
  await stand.clock.advance(DAY_MS);
  return { stand, arn, key: await stand.currentKey(arn) };
};

describe.each(VENDORS)("where keys of %s are answered with", (vendor) => {
  describe.each(EDGES)("%s,", (_, edge) => {
    test("a key that works is not called dead, listed or not, and none is made", async () => {
      const { stand, arn, key } = await deployed(vendor);
      putEdge(stand, edge);

      await passes(stand, 12);
      stand[vendor].hostile.next(
        "list",
        { kind: "list-omits", omits: (id) => id === key.keyId },
        Number.POSITIVE_INFINITY,
      );
      await passes(stand, 12);
      await ask(stand, "ensure", arn);

      expect(records(stand, "key.dead")).toEqual([]);
      expect(createsAt(stand, vendor)).toBe(1);
      expect(aliveAt(stand, vendor)).toEqual([key.keyId]);
    });

    test("a key that its vendor lists as revoked is dead by these two signs, and is replaced once they are gone", async () => {
      const { stand, arn, key } = await deployed(vendor);
      const take = putEdge(stand, edge);

      stand[vendor].revokeKey(key.keyId);
      await passes(stand, 24);
      expect(records(stand, "key.dead")[0]).toMatchObject({ keyId: key.keyId });
      expect(written(stand, "CurrentKeyDead").length).toBeGreaterThan(0);
      take();
      await stand.clock.advance(12 * HOUR_MS);
      await passes(stand, 24);

      expect(aliveAt(stand, vendor)).toEqual([(await stand.currentKey(arn)).keyId]);
    });

    test("a new key does not become current, nor is it given up, before somebody has seen it work", async () => {
      const { stand, arn, key } = await deployed(vendor);
      const take = putEdge(stand, edge);

      await stand.rotate(arn);
      await stand.clock.advance(HOUR_MS);
      expect((await stand.currentKey(arn)).keyId).toBe(key.keyId);
      expect(records(stand, "generation.abandoned")).toEqual([]);
      take();
      await stand.clock.advance(5 * HOUR_MS);

      expect((await stand.currentKey(arn)).keyId).not.toBe(key.keyId);
      expect(createsAt(stand, vendor)).toBe(2);
    });

    test("a replaced key that was revoked keeps its mark until its value is seen to be refused", async () => {
      const { stand, arn, key } = await deployed(vendor);
      const old = await currentOf(stand, arn);
      await stand.rotate(arn);
      await putMark(stand, arn, old, "compromised");
      const take = putEdge(stand, edge);

      await passes(stand, 12);
      expect(isActive(stand[vendor], key.keyId)).toBe(false);
      expect((await ownLabels(stand, arn)).length).toBeGreaterThan(0);
      take();
      await passes(stand, 24);

      expect(await ownLabels(stand, arn)).toEqual([]);
    });

    test("a destroy is not confirmed, and its secret kept", async () => {
      const { stand, arn } = await deployed(vendor);
      putEdge(stand, edge);

      expect((await ask(stand, "delete", arn)).error).toMatch(/^UNCONFIRMED/);
    });
  });
});

describe.each(VENDORS)(
  "while the store of keys of %s is down, so that it refuses all of them in its own form,",
  (vendor) => {
    test("for two hours, nothing is called dead, nothing is made, and no mark leaves", async () => {
      const { stand, arn, key } = await deployed(vendor);
      const old = await currentOf(stand, arn);
      await stand.rotate(arn);
      await putMark(stand, arn, old, "compromised");
      stand[vendor].hostile.next("any", "auth-store-down", Number.POSITIVE_INFINITY);

      await passes(stand, 24);
      await ask(stand, "ensure", arn);

      expect(records(stand, "key.dead")).toEqual([]);
      expect(createsAt(stand, vendor)).toBe(2);
      expect(isActive(stand[vendor], key.keyId)).toBe(true);
      expect(await ownLabels(stand, arn)).toHaveLength(2);
      stand[vendor].hostile.clear();
      await passes(stand, 24);
      expect(aliveAt(stand, vendor)).toEqual([(await stand.currentKey(arn)).keyId]);
      expect(await ownLabels(stand, arn)).toEqual([]);
    });
  },
);

describe("while Pictograph refuses every value, and answers lists,", () => {
  test("a key that lists omit is not called dead, a revocation is not confirmed, and a new key is not given up", async () => {
    const { stand, arn, key } = await deployed("pictograph");
    const other = await stand.deploy({ ...declaredAt("pictograph"), name: "other" });
    const { keyId } = await stand.currentKey(other);
    await stand.clock.advance(DAY_MS);
    const old = await currentOf(stand, arn);
    await stand.rotate(arn);
    await putMark(stand, arn, old, "compromised");
    const omits = (id: string) => id === keyId;
    stand.pictograph.hostile.next("list", { kind: "list-omits", omits }, Number.POSITIVE_INFINITY);
    stand.pictograph.hostile.next("datasets", "auth-store-down", Number.POSITIVE_INFINITY);

    await stand.rotate(other);
    await passes(stand, 24);

    expect(records(stand, "key.dead")).toEqual([]);
    expect(records(stand, "generation.abandoned")).toEqual([]);
    expect(isActive(stand.pictograph, key.keyId)).toBe(false);
    expect((await ownLabels(stand, arn)).length).toBeGreaterThan(0);
    stand.pictograph.hostile.clear();
    await stand.clock.advance(6 * HOUR_MS);
    await passes(stand, 24);
    expect(await ownLabels(stand, arn)).toEqual([]);
    expect((await stand.currentKey(other)).keyId).not.toBe(keyId);
  });
});
