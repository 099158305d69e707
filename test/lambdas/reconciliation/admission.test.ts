import { describe, expect, test } from "vitest";
import { createStand, DAY_MS, HOUR_MS, MINUTE_MS, mintedKeys, type Stand, type StandOptions } from "../stand.ts";
import { callWith, isActive, log, passes } from "./passes.ts";

/** Room for the admin key, one key, and the spare one of its rotation. */
const room = (options: StandOptions = {}) =>
  createStand({
    ...options,
    pictify: { plan: "enterprise" },
    connections: { pictify: { plan: "enterprise", maxKeys: 3 } },
  });

/** A plan whose last slot an old generation takes. */
const full = async (options: StandOptions = {}) => {
  const stand = await room(options);
  const arn = await stand.deploy();
  const first = await stand.currentKey(arn);
  await stand.rotate(arn);
  const second = await stand.currentKey(arn);
  return { stand, arn, first, second };
};

const lists = (stand: Stand) => stand.pictify.calls().find(({ operation }) => operation === "list")?.count ?? 0;

describe("a plan without a free slot", () => {
  test("refuses before it mints, and says what each key that holds one waits for", async () => {
    const { stand, arn, first, second } = await full();
    await stand.rotate(arn);

    expect(mintedKeys(stand.pictify)).toHaveLength(2);
    const said = log(stand);
    expect(said).toMatch(/KEY_LIMIT.*allows 3 live keys and 3 are there, so none was minted/);
    expect(said).toMatch(new RegExp(`${first.keyId}: replaced; its overlap ends at 2026-11-22T12:01:00`));
    expect(said).toContain(`${second.keyId}: current`);
  });

  test("counts other people's keys, and names none of them", async () => {
    const stand = await room();
    const arn = await stand.deploy();
    stand.pictify.issueKey({ name: "marketing", access: "live" });
    await stand.rotate(arn);

    expect(log(stand)).toMatch(/KEY_LIMIT.*2 not of this service/);
    expect(log(stand)).not.toContain("marketing");
  });

  test("lets an old generation go as soon as it may, while a rotation waits for its slot, and mints then", async () => {
    const retryDelaysMs = Array.from({ length: 20 }, () => 5 * MINUTE_MS);
    const { stand, arn, first, second } = await full({ parameters: { retryDelaysMs } });
    await stand.clock.advance(24 * HOUR_MS + MINUTE_MS);
    await callWith(stand, first.apiKey);
    await stand.rotate(arn);
    await passes(stand, 20);

    expect(isActive(stand.pictify, first.keyId)).toBe(false);
    expect((await stand.currentKey(arn)).keyId).not.toBe(second.keyId);
  });

  test("never deletes what is in use to make room", async () => {
    const { stand, arn, first } = await full();
    await stand.clock.advance(DAY_MS);
    await stand.rotate(arn);
    for (let n = 0; n < 12; n++) {
      await callWith(stand, first.apiKey);
      await passes(stand, 1);
    }

    expect(isActive(stand.pictify, first.keyId)).toBe(true);
    expect(mintedKeys(stand.pictify)).toHaveLength(2);
  });
});

describe("a vendor is listed at every pass", () => {
  /** A generation that waits for its quiet period, 20 minutes past an hour. */
  const waiting = async () => {
    const { stand, arn, first } = await full({ parameters: { retryDelaysMs: [], reattemptEveryMs: null } });
    await stand.clock.advance(DAY_MS + 19 * MINUTE_MS);
    await callWith(stand, first.apiKey);
    return { stand, arn };
  };

  /** A list takes two requests: only a page that brings nothing new shows that the first was all. */
  const listedIn = async (stand: Stand, count: number) => {
    const before = lists(stand);
    await passes(stand, count);
    return (lists(stand) - before) / 2;
  };

  test("while a rotation waits and an old generation may free its slot", async () => {
    const { stand, arn } = await waiting();
    await stand.rotate(arn);
    expect(await listedIn(stand, 6)).toBe(6);
  });

  test("not so when no rotation is near", async () => {
    const { stand } = await waiting();
    expect(await listedIn(stand, 6)).toBeLessThan(6);
  });
});
