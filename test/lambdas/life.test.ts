import { describe, expect, test } from "vitest";
import { createStand, DAY_MS, HOUR_MS, MINUTE_MS, mintedKeys, pictographKey, SECOND_MS, type Stand } from "./stand.ts";

/** Reconcile as its schedule does it. */
const reconcileFor = async (stand: Stand, durationMs: number): Promise<void> => {
  for (let passedMs = 0; passedMs < durationMs; passedMs += 5 * MINUTE_MS) {
    await stand.clock.advance(5 * MINUTE_MS);
    const { error } = await stand.invoke("reconcile", {});
    if (error) throw new Error(error);
  }
};

const works = async (stand: Stand, apiKey: string): Promise<number> => {
  const { status } = await stand.pictify.fetch(
    new Request("https://pictify.test/image", {
      method: "POST",
      headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
      body: JSON.stringify({ html: "<b>hi</b>" }),
    }),
  );
  return status;
};

describe.each([
  ["Pictify", {}, "pictify"],
  ["Pictograph", pictographKey, "pictograph"],
] as const)("a managed %s key", (_, declaration, vendor) => {
  test("gets a first generation that works", async () => {
    const stand = await createStand();
    const arn = await stand.deploy(declaration);
    const { keyId } = await stand.currentKey(arn);
    expect(mintedKeys(stand[vendor])).toMatchObject([{ id: keyId, active: true }]);
  });

  test("keeps both generations valid in the overlap of a rotation", async () => {
    const stand = await createStand();
    const arn = await stand.deploy(declaration);
    const before = await stand.currentKey(arn);
    await stand.rotate(arn);
    const after = await stand.currentKey(arn);
    expect(after.keyId).not.toBe(before.keyId);
    expect(mintedKeys(stand[vendor]).map((key) => key.id)).toEqual([before.keyId, after.keyId]);
  });

  test("retires the old generation when its overlap is over, and not before", async () => {
    const stand = await createStand();
    const arn = await stand.deploy(declaration);
    const { keyId } = await stand.currentKey(arn);
    await stand.rotate(arn);
    await reconcileFor(stand, DAY_MS - 10 * MINUTE_MS);
    expect(mintedKeys(stand[vendor])).toHaveLength(2);
    await reconcileFor(stand, 20 * MINUTE_MS);
    expect(stand[vendor].keys().find((key) => key.id === keyId)?.active).toBe(false);
  });

  test("is rotated by its schedule after 90 days", async () => {
    const stand = await createStand();
    const arn = await stand.deploy(declaration);
    const { keyId } = await stand.currentKey(arn);
    await stand.clock.advance(91 * DAY_MS);
    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
  });

  test("is destroyed without a trace at the vendor", async () => {
    const stand = await createStand();
    const arn = await stand.deploy(declaration);
    await stand.rotate(arn);
    await stand.clock.advance(2 * HOUR_MS);
    const outcome = await stand.invoke("manage", { action: "delete", secretId: arn });
    expect(outcome).toMatchObject({ answer: { status: "destroyed" } });
    expect(mintedKeys(stand[vendor])).toEqual([]);
  });
});

describe("an old generation that is still used", () => {
  test("stays until it was quiet, and the log says why", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    const { apiKey, keyId } = await stand.currentKey(arn);
    await stand.rotate(arn);
    await stand.clock.advance(DAY_MS - 30 * MINUTE_MS);
    expect(await works(stand, apiKey)).toBe(200);
    await reconcileFor(stand, 35 * MINUTE_MS);
    expect(await works(stand, apiKey)).toBe(200);
    expect(stand.lines.join("\n")).toMatch(/"state":"waiting".*last used at/);
    await reconcileFor(stand, 2 * HOUR_MS);
    expect(stand.pictify.keys().find((key) => key.id === keyId)?.active).toBe(false);
    expect(await works(stand, apiKey)).toBe(401);
  });
});

test("a whole life writes no value to any log", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await stand.rotate(arn);
  await reconcileFor(stand, 26 * HOUR_MS);
  await stand.clock.advance(30 * SECOND_MS);
  await stand.invoke("manage", { action: "delete", secretId: arn });
  const log = stand.lines.join("\n");
  for (const value of stand.pictify.issuedValues()) expect(log).not.toContain(value);
});
