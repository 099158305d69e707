import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bytes,
  decode,
  encode,
  flag,
  integer,
  mapped,
  message,
  nested,
  repeated,
  text,
} from "../../../provider/wire/protobuf.ts";

const Inner = message({ a: integer(1) });
const Sample = message({
  number: integer(1),
  name: text(2),
  inner: nested(3, Inner),
  isSet: flag(4),
  raw: bytes(5),
  many: repeated(6, Inner),
  named: mapped(7, Inner),
});

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ""), "hex");
const nothing = decode(Sample, new Uint8Array());

/** The first three are the examples of protobuf.dev, "Encoding"; the others are written by hand from its rules. */
test.each([
  ["a number", { number: 150 }, "08 9601"],
  ["a string", { name: "testing" }, "12 07 74657374696e67"],
  ["a message within", { inner: { a: 150 } }, "1a 03 089601"],
  ["an empty message within", { inner: { a: 0 } }, "1a 00"],
  ["a negative number", { number: -1 }, "08 ffffffffffffffffff01"],
  ["a flag", { isSet: true }, "20 01"],
  ["bytes", { raw: hex("00ff") }, "2a 02 00ff"],
  ["repeated messages", { many: [{ a: 1 }, { a: 0 }] }, "32 02 0801 32 00"],
  ["a map", { named: { k: { a: 1 } } }, "3a 07 0a016b 1202 0801"],
  ["nothing", {}, ""],
])("%s is written and read as the specification says", (_, value, expected) => {
  expect(encode(Sample, value).toString("hex")).toBe(hex(expected).toString("hex"));
  expect(decode(Sample, hex(expected))).toEqual({ ...nothing, ...value });
});

test("fields that are absent are not told from zero, but messages within are", () => {
  expect(nothing).toEqual({
    number: 0,
    name: "",
    inner: undefined,
    isSet: false,
    raw: new Uint8Array(),
    many: [],
    named: {},
  });
});

test("fields of a newer protocol are skipped, whatever their wire type", () => {
  const newer = hex("f801 05 fa01 02 ffff f901 0000000000000000 fd01 00000000 12 01 61");
  expect(decode(Sample, newer)).toEqual({ ...nothing, name: "a" });
});

test("the last of several occurrences counts", () => {
  expect(decode(Sample, hex("08 01 08 02")).number).toBe(2);
});

test.each([
  ["a number without its end", "08 96"],
  ["a string without its end", "12 07 7465"],
  ["a number of eleven bytes", `08 ${"ff".repeat(10)} 01`],
  ["a number where bytes must be", "10 01"],
  ["bytes where a number must be", "0a 01 61"],
  ["a wire type that does not exist", "0b"],
])("%s is an error", (_, content) => {
  expect(() => decode(Sample, hex(content))).toThrow(/message/);
});

const inner = fc.record({ a: fc.maxSafeInteger() });
const sample = fc.record({
  number: fc.maxSafeInteger(),
  name: fc.string({ unit: "binary" }),
  inner: fc.option(inner, { nil: undefined }),
  isSet: fc.boolean(),
  raw: fc.uint8Array().map((content) => Buffer.from(content)),
  many: fc.array(inner),
  named: fc.dictionary(
    fc.string().filter((key) => key !== "__proto__"),
    inner,
    { noNullPrototype: true },
  ),
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(sample, (value) => {
      const { raw, ...read } = decode(Sample, encode(Sample, value));
      const { raw: written, ...rest } = value;
      expect(read).toEqual(rest);
      expect(Buffer.from(raw).equals(written)).toBe(true);
    }),
  );
});
