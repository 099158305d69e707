import { describe, expect, test } from "vitest";
import { checkCurrent, checkReplaces, retiringVersion, versionsOf } from "../../../lambdas/distribution/versions.ts";
import type { SecretFacts } from "../../../lambdas/secrets.ts";

const RETIRING = "keyturn/retiring/2026-11-22T00:00:00.000Z";
const secret = (stages: SecretFacts["stages"]) => ({ name: "keyturn/prod/web", stages }) as SecretFacts;

describe("the old version of an overlap", () => {
  test.each([
    ["the previous one that retires", { a: ["AWSCURRENT"], b: ["AWSPREVIOUS", RETIRING], c: [RETIRING] }, "b"],
    ["none when a person moved AWSCURRENT back", { a: ["AWSCURRENT", RETIRING], b: ["AWSPREVIOUS"] }, undefined],
    [
      "none when it was compromised",
      { a: ["AWSCURRENT"], b: ["AWSPREVIOUS", RETIRING, "keyturn/compromised/x"] },
      undefined,
    ],
    ["none after its retirement", { a: ["AWSCURRENT"], b: ["AWSPREVIOUS"] }, undefined],
  ])("is %s", (_, stages, expected) => {
    expect(retiringVersion(stages)).toBe(expected);
  });
});

describe("what targets are to hold", () => {
  const read = (text: string | undefined) => {
    const secrets = { value: async () => text } as never;
    const current = { ...secret({ a: ["AWSCURRENT"] }), arn: "arn:of-it" } as SecretFacts;
    return versionsOf({ secrets, log: {} as never }, current, "a", new Map());
  };

  test("is the key that a person put in need, although nothing else is said of it", async () => {
    expect((await read('{"apiKey":"by-hand"}')).current.apiKey.reveal()).toBe("by-hand");
  });

  test.each([
    ["no value", undefined],
    ["no key in its value", '{"password":"x"}'],
  ])("cannot be told of a version with %s", async (_, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: "BAD_INPUT" });
  });
});

describe("a version", () => {
  test("is distributed only while it is current", () => {
    expect(() => checkCurrent(secret({ a: ["AWSCURRENT"] }), "a")).not.toThrow();
    expect(() => checkCurrent(secret({ a: ["AWSPREVIOUS"], b: ["AWSCURRENT"] }), "a")).toThrow(
      expect.objectContaining({ code: "SUPERSEDED" }),
    );
  });

  test.each([
    ["nothing", undefined],
    ["itself", "a"],
    ["one that was current before it", "b"],
    ["one without labels", "gone"],
    ["one that was current after it, when a person went back", "d"],
  ])("replaces %s", (_, live) => {
    const stages = { a: ["AWSCURRENT"], b: [RETIRING], d: ["AWSPREVIOUS", "AWSPENDING"] };
    expect(() => checkReplaces(secret(stages), "a", live)).not.toThrow();
  });

  test("does not replace one that an old description still shows as pending", () => {
    const stages = { a: ["AWSCURRENT"], next: ["AWSPENDING"] };
    expect(() => checkReplaces(secret(stages), "a", "next")).toThrow(expect.objectContaining({ code: "SUPERSEDED" }));
  });
});
