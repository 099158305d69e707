import fc from "fast-check";
import { expect, test } from "vitest";
import { secretTags } from "../../constructs/secret-tags.ts";
import { type Declaration, declarationOf } from "../../lambdas/contracts/declaration.ts";
import { NAME_FORM } from "../../lambdas/contracts/key-name.ts";

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/).filter((text) => NAME_FORM.test(text));
const ms = fc.integer({ min: 1, max: 1_000 * 24 * 3_600_000 });
const declaration: fc.Arbitrary<Declaration> = fc.record({
  service: name,
  connection: name,
  name,
  access: fc.constantFrom(
    { kind: "role", value: "member" } as const,
    { kind: "role", value: "owner" } as const,
    { kind: "type", value: "live" } as const,
  ),
  overlapMs: ms,
  quietMs: ms,
  deadlineMs: ms,
  onDeadline: fc.constantFrom("report", "revoke"),
});
const AWS_TEXT = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u;
const one: Declaration = {
  service: "s",
  connection: "pictify",
  name: "n",
  access: { kind: "type", value: "test" },
  overlapMs: 1_000,
  quietMs: 1_000,
  deadlineMs: 2_000,
  onDeadline: "report",
};

test("every declaration goes into tags that AWS takes, and comes back the same", () => {
  fc.assert(
    fc.property(declaration, (declared) => {
      const tags = secretTags("stack/Key", declared, {});

      expect(declarationOf(tags, "secret")).toEqual(declared);
      for (const [key, value] of Object.entries(tags)) {
        expect(`${key}${value}`).toMatch(AWS_TEXT);
        expect(key.length).toBeLessThanOrEqual(128);
        expect(value.length).toBeLessThanOrEqual(256);
      }
    }),
  );
});

test("whatever tags a user adds, they either pass AWS's limits or are refused with their key named", () => {
  const text = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: "binary", maxLength: 20 }));
  fc.assert(
    fc.property(text, text, (key, value) => {
      const possible =
        key.length > 0 &&
        key.length <= 128 &&
        value.length <= 256 &&
        AWS_TEXT.test(key) &&
        AWS_TEXT.test(value) &&
        !/^(keyturn:|aws:)/i.test(key);
      const tags = () => secretTags("stack/Key", one, { [key]: value });

      if (possible) expect(tags()[key]).toBe(value);
      else expect(tags).toThrow("stack/Key: ");
    }),
  );
});

test("a secret has at most 50 tags, those of its declaration among them", () => {
  const own = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, "x"]));

  expect(Object.keys(secretTags("stack/Key", one, own(42)))).toHaveLength(50);
  expect(() => secretTags("stack/Key", one, own(43))).toThrow("this one would have 51");
});
