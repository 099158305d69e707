import { describe, expect, test } from "vitest";
import { createStand, mintedKeys, pictographKey, SECOND_MS } from "../stand.ts";
import { ask, expecting, retag } from "./asking.ts";

describe("what a caller expects is held against the tags:", () => {
  test.each([
    ["name", { name: "web-two" }, "name: the tags say web, the caller web-two"],
    [
      "vendor connection",
      { connection: "pictograph" },
      "vendor connection: the tags say pictify, the caller pictograph",
    ],
    ["access", { access: { kind: "type", value: "test" } }, "access: the tags say type live, the caller type test"],
    [
      "kind of access",
      { access: { kind: "role", value: "member" } },
      "access: the tags say type live, the caller role",
    ],
  ] as const)("another %s is refused, and nothing is done", async (_, changes, words) => {
    const stand = await createStand();
    const arn = await stand.declare();
    const { error } = await ask(stand, "ensure", arn, { expected: expecting(changes) });
    expect(error).toMatch(/^NOT_AS_DECLARED/);
    expect(error).toContain(words);
    expect(mintedKeys(stand.pictify)).toEqual([]);
  });

  test("all that differs is named at once", async () => {
    const stand = await createStand();
    const arn = await stand.declare();
    const { error } = await ask(stand, "ensure", arn, { expected: expecting(pictographKey) });
    expect(error).toMatch(/name: .*; vendor connection: .*; access: .*give both the same values/);
  });

  test.each(["ensure", "update"])("tags that come a moment later are waited for by %s", async (action) => {
    const stand = await createStand();
    const arn = await stand.deploy();
    const asked = ask(stand, action, arn, { expected: expecting({ name: "web-two" }) });
    void stand.clock.sleep(4 * SECOND_MS).then(() => retag(stand, arn, { name: "web-two" }));
    expect((await asked).answer).toMatchObject({ name: "web-two" });
  });

  test("what stays wrong is said within seconds", async () => {
    const stand = await createStand();
    const before = stand.clock.now();
    expect((await ask(stand, "ensure", "keyturn/prod/none", { expected: expecting() })).error).toMatch(/^NOT_MANAGED/);
    expect(stand.clock.now() - before).toBeLessThan(15 * SECOND_MS);
  });

  test("manage never writes tags", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    const { tags } = await stand.facts(arn);
    await ask(stand, "update", arn, { expected: expecting({ name: "other" }) });
    expect((await stand.facts(arn)).tags).toEqual(tags);
  });
});

describe("the protocol", () => {
  test("of a caller that names none is the first", async () => {
    const stand = await createStand();
    expect((await ask(stand, "ensure", await stand.declare())).answer).toMatchObject({ protocol: 1 });
  });

  test("of a newer caller is answered in the newest of ours", async () => {
    const stand = await createStand();
    const { answer } = await ask(stand, "ensure", await stand.declare(), { protocol: 9 });
    expect(answer).toMatchObject({ protocol: 1 });
  });

  test("of a caller that is too old is refused before anything is done, with what to upgrade", async () => {
    const stand = await createStand();
    const arn = await stand.declare();
    const { error } = await ask(stand, "ensure", arn, { protocol: 0 });
    expect(error).toMatch(/^UNSUPPORTED_PROTOCOL.*upgrade the caller.*provider's version/);
    expect(mintedKeys(stand.pictify)).toEqual([]);
  });
});
