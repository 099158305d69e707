import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMsgpack, encodeMsgpack } from "../../../provider/wire/msgpack.ts";
import { UNKNOWN, type Value } from "../../../provider/wire/value.ts";

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ""), "hex");

/** Bytes written by hand from the format's specification. */
const VECTORS: readonly (readonly [string, Value, string])[] = [
  ["null", null, "c0"],
  ["false", false, "c2"],
  ["true", true, "c3"],
  ["zero", 0, "00"],
  ["the largest fixed number", 127, "7f"],
  ["one byte", 200, "cc c8"],
  ["two bytes", 1_000, "cd 03e8"],
  ["four bytes", 100_000, "ce 000186a0"],
  ["eight bytes", 2 ** 40, "cf 0000010000000000"],
  ["minus one", -1, "ff"],
  ["minus 100", -100, "d0 9c"],
  ["minus 1000", -1_000, "d1 fc18"],
  ["minus 100000", -100_000, "d2 fffe7960"],
  ["a large negative number", -(2 ** 40), "d3 ffffff0000000000"],
  ["a fraction", 1.5, "cb 3ff8000000000000"],
  ["an empty string", "", "a0"],
  ["a string that is not ASCII", "ü", "a2 c3bc"],
  ["a string of 32 bytes", "a".repeat(32), `d9 20 ${"61".repeat(32)}`],
  ["an unknown value", UNKNOWN, "d4 00 00"],
  ["a list", [1, "a", null], "93 01 a161 c0"],
  ["the example of msgpack.org", { compact: true, schema: 0 }, "82 a7636f6d70616374 c3 a6736368656d61 00"],
];

test.each(VECTORS)("%s is written and read as the specification says", (_, value, bytes) => {
  expect(encodeMsgpack(value).toString("hex")).toBe(hex(bytes).toString("hex"));
  expect(decodeMsgpack(hex(bytes))).toEqual(value);
});

test.each([
  ["fixed extension of 1", "d4 05 00"],
  ["fixed extension of 16", `d8 0c ${"00".repeat(16)}`],
  ["a refined unknown value", "c7 03 0c 81 01 c2"],
  ["a long extension", `c8 0100 0c ${"00".repeat(256)}`],
])("any extension is an unknown value: %s", (_, bytes) => {
  expect(decodeMsgpack(Buffer.concat([hex("92"), hex(bytes), hex("01")]))).toEqual([UNKNOWN, 1]);
});

test("a number that JavaScript cannot hold is read as its decimal text", () => {
  expect(decodeMsgpack(hex("cf ffffffffffffffff"))).toBe("18446744073709551615");
  expect(decodeMsgpack(hex("d3 8000000000000000"))).toBe("-9223372036854775808");
});

test.each([
  ["nothing", ""],
  ["a string without its end", "a5 6161"],
  ["a list without its end", "92 01"],
  ["a format that is not used", "c1"],
  ["more than one value", "01 02"],
  ["a map with a number as its key", "81 01 02"],
])("%s is an error", (_, bytes) => {
  expect(() => decodeMsgpack(hex(bytes))).toThrow(/MessagePack/);
});

const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.constant(UNKNOWN),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(
      fc.string({ maxLength: 40 }).filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 20, noNullPrototype: true },
    ),
  ),
}));

test("what is written is read again", () => {
  fc.assert(
    fc.property(value, (written) => {
      expect(decodeMsgpack(encodeMsgpack(written))).toEqual(written);
    }),
  );
});

test("a value that is cut short is an error, never another value", () => {
  fc.assert(
    fc.property(value, fc.nat(), (written, at) => {
      const bytes = encodeMsgpack(written);
      expect(() => decodeMsgpack(bytes.subarray(0, at % bytes.length))).toThrow();
    }),
  );
});

test.each([70_000, 300])("strings, lists and maps of %i are read again", (size) => {
  const keys = Object.fromEntries(Array.from({ length: size }, (_, n) => [`k${n}`, n]));
  const large: Value = { text: "x".repeat(size), list: Array.from({ length: size }, (_, n) => n), keys };
  expect(decodeMsgpack(encodeMsgpack(large))).toEqual(large);
});
