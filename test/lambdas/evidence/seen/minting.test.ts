import { describe, expect, test } from "vitest";
import { ask, askUntilCurrent } from "../../management/asking.ts";
import { isActive, passes, records, written } from "../../reconciliation/passes.ts";
import { answerCreatesWith, begun } from "../../rotation/begun.ts";
import type { VendorName } from "../../second-connection.ts";
import { HOUR_MS, MINUTE_MS, mintedKeys, SECOND_MS, type Stand } from "../../stand.ts";
import { aliveAt, callAt, createsAt, declaredAt, type Switches, standWith, VENDORS } from "./vendor-keys.ts";

/* Creates whose answer has no id, while the list is behind. */

const ID_FIELDS = ["id", "key_id", "keyId", "uuid"] as const;

/** The key of which the vendor has issued a value last. */
const newest = (stand: Stand, vendor: VendorName) => mintedKeys(stand[vendor]).at(-1)?.id;

describe.each(VENDORS)("%s tells the id of a new key", (vendor) => {
  test.each(ID_FIELDS)("as %s, in the answer", async (idField) => {
    const stand = await standWith({ idField });
    const arn = await stand.deploy(declaredAt(vendor));

    expect((await stand.currentKey(arn)).keyId).toBe(newest(stand, vendor));
    expect(createsAt(stand, vendor)).toBe(1);
  });

  test.each(ID_FIELDS.flatMap((idField) => [0, 2, 7, 30, 100].map((lagSeconds) => [idField, lagSeconds] as const)))(
    "as %s, in a list alone that is %i s behind",
    async (idField, lagSeconds) => {
      const stand = await standWith({ idField, createHasId: false });
      const lag = { kind: "stale-list", ageMs: lagSeconds * SECOND_MS } as const;
      stand[vendor].hostile.next("list", lag, Number.POSITIVE_INFINITY);
      const arn = await stand.declare(declaredAt(vendor));

      await askUntilCurrent(stand, "ensure", arn);
      await passes(stand, 24);
      for (let n = 0; n < 5; n++) await ask(stand, "ensure", arn);

      expect(createsAt(stand, vendor)).toBe(1);
      expect((await stand.currentKey(arn)).keyId).toBe(newest(stand, vendor));
    },
  );

  test.each([0, 20, 45])("nowhere but in a list that is %i s behind, and a rotation goes well", async (lagSeconds) => {
    const stand = await standWith({ createHasId: false });
    const arn = await stand.deploy(declaredAt(vendor));
    const before = await stand.currentKey(arn);
    await stand.clock.advance(HOUR_MS);
    const lag = { kind: "stale-list", ageMs: lagSeconds * SECOND_MS } as const;
    stand[vendor].hostile.next("list", lag, Number.POSITIVE_INFINITY);

    await stand.rotate(arn);
    const { keyId, apiKey } = await stand.currentKey(arn);

    expect(keyId).not.toBe(before.keyId);
    expect(keyId).toBe(newest(stand, vendor));
    expect(await callAt(stand, vendor, apiKey)).not.toBe(401);
    expect(createsAt(stand, vendor)).toBe(2);
  });
});

describe("a key without an id gets its own, where another one of its name was lost before", () => {
  const STEPS = ["createSecret", "testSecret", "finishSecret"] as const;

  /** A vendor that repeats no answer and tells the value alone; the first try's answer gets lost. */
  const lostOnce = async (vendor: VendorName, switches: Switches) => {
    const options = { [vendor]: { switches: { createHasId: false, idempotency: false, ...switches } } };
    const { stand, arn, step } = await begun(options, declaredAt(vendor));
    answerCreatesWith(stand, async (url, init, send) => {
      const answer = await send(url, init);
      const { key, full_key, ...rest } = (await answer.json()) as Record<string, unknown>;
      return Response.json(answer.ok ? { key: key ?? full_key } : rest, { status: answer.status });
    });
    stand[vendor].hostile.next("create", "commit-then-silence");
    expect((await step("createSecret")).error).toMatch(/^MINT_UNKNOWN/);
    return { stand, arn, step, lostId: newest(stand, vendor) ?? "" };
  };

  test.each<[string, VendorName, number, Switches]>([
    ["and is still listed for a moment after it was revoked", "pictograph", 30, {}],
    ["and shows its value's beginning", "pictograph", 0, { createAnswer: "full_key" }],
    ["and is listed for as long as it lives", "pictify", 0, {}],
    ["and is listed before the new one is", "pictify", 12, {}],
  ])("%s (%s, a list %i s behind)", async (_, vendor, lagSeconds, switches) => {
    const { stand, arn, step, lostId } = await lostOnce(vendor, switches);
    await stand.clock.advance(11 * MINUTE_MS);
    const lag = { kind: "stale-list", ageMs: lagSeconds * SECOND_MS } as const;
    stand[vendor].hostile.next("list", lag, Number.POSITIVE_INFINITY);

    for (const name of STEPS) expect((await step(name)).error).toBeUndefined();
    const { keyId } = await stand.currentKey(arn);

    expect(keyId).not.toBe(lostId);
    expect(keyId).toBe(newest(stand, vendor));
  });

  test("or where a run beside it mints one under its name: each knows its own by its value", async () => {
    const { stand, arn, step } = await begun(
      { pictograph: { switches: { createHasId: false } } },
      declaredAt("pictograph"),
    );

    await Promise.all([step("createSecret"), step("createSecret")]);
    for (const name of STEPS) expect((await step(name)).error).toBeUndefined();
    const { keyId, apiKey } = await stand.currentKey(arn);
    const requests = () => stand.pictograph.keys().find(({ id }) => id === keyId)?.requests ?? 0;
    const before = requests();
    await callAt(stand, "pictograph", apiKey);

    expect(requests()).toBe(before + 1);
    expect(aliveAt(stand, "pictograph")).toHaveLength(2);
  });

  test("and which nobody can tell from it is not taken for it: it is tried again", async () => {
    const { stand, step, lostId } = await lostOnce("pictograph", { keyFields: "seeds" });
    await stand.clock.advance(11 * MINUTE_MS);

    expect((await step("createSecret")).error).toMatch(new RegExp(`^VALUE_LOST.*${lostId}`));
    expect(isActive(stand.pictograph, lostId)).toBe(true);
    expect(createsAt(stand, "pictograph")).toBe(2);
  });
});

describe.each(VENDORS)("while the store refuses every value, at %s,", (vendor) => {
  const DENIALS = ["AccessDeniedException", "KMSAccessDeniedException"] as const;

  const denied = async (name: (typeof DENIALS)[number], from: "first" | "later") => {
    const stand = await standWith({});
    let isDenied = from === "first";
    const send = stand.account.secretsManager.call.bind(stand.account.secretsManager);
    Object.assign(stand.account.secretsManager, {
      call: (operation: string, input: { SecretId?: string }) =>
        isDenied && operation === "PutSecretValue" && !input.SecretId?.startsWith("keyturn/")
          ? Promise.reject(Object.assign(new Error("no"), { name }))
          : send(operation, input),
    });
    const arn = await (from === "first" ? stand.declare(declaredAt(vendor)) : stand.deploy(declaredAt(vendor)));
    await stand.clock.advance(HOUR_MS);
    const deny = (is: boolean) => {
      isDenied = is;
    };
    return { stand, arn, deny };
  };

  test.each(DENIALS)("a deploy mints one key for a try, and takes it back (%s)", async (name) => {
    const { stand, arn } = await denied(name, "first");

    expect((await ask(stand, "ensure", arn)).error).toMatch(/^STORE_DENIED/);
    expect(createsAt(stand, vendor)).toBe(1);
    expect(aliveAt(stand, vendor)).toEqual([]);
  });

  test.each(DENIALS)(
    "a rotation mints one key, takes it back, is told, and is made when a person asks (%s)",
    async (name) => {
      const { stand, arn, deny } = await denied(name, "later");
      const { keyId } = await stand.currentKey(arn);
      deny(true);

      await stand.rotate(arn);
      await passes(stand, 23 * 12); // AWS itself begins anew after a day
      expect(createsAt(stand, vendor)).toBe(2);
      expect(aliveAt(stand, vendor)).toEqual([keyId]);
      expect(written(stand, "DriftFound").length).toBeGreaterThan(0);
      expect(records(stand, "store.denied").length).toBeGreaterThan(0);
      deny(false);
      await stand.rotate(arn);
      await passes(stand, 13); // until the vendor is listed, as it is each hour
      const told = written(stand, "DriftFound").length;
      await passes(stand, 13);

      expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
      expect(createsAt(stand, vendor)).toBe(3);
      expect(written(stand, "DriftFound")).toHaveLength(told);
    },
  );
});
