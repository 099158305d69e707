import { UNKNOWN, type Value } from "./value.ts";

/*
 * MessagePack as Terraform uses it (msgpack.org's specification; Terraform's "Wire Format for Terraform Objects"):
 * nil, booleans, numbers, strings, arrays, maps with string keys, and one extension. Any extension stands for an unknown
 * value, refined or not; ours are written unrefined. Numbers that JavaScript cannot hold travel as decimal strings, as
 * Terraform itself does it.
 */

/** Extension 0 with one byte of no meaning: how an unknown value is written. */
const UNKNOWN_BYTES = Buffer.from([0xd4, 0x00, 0x00]);

const head = (tag: number, size: 1 | 2 | 4, count: number): Buffer => {
  const bytes = Buffer.alloc(1 + size);
  bytes[0] = tag;
  bytes.writeUIntBE(count, 1, size);
  return bytes;
};

const stringHead = (length: number): Buffer => {
  if (length < 32) return Buffer.from([0xa0 | length]);
  if (length < 0x100) return head(0xd9, 1, length);
  return length < 0x10000 ? head(0xda, 2, length) : head(0xdb, 4, length);
};

const arrayHead = (length: number): Buffer => {
  if (length < 16) return Buffer.from([0x90 | length]);
  return length < 0x10000 ? head(0xdc, 2, length) : head(0xdd, 4, length);
};

const mapHead = (length: number): Buffer => {
  if (length < 16) return Buffer.from([0x80 | length]);
  return length < 0x10000 ? head(0xde, 2, length) : head(0xdf, 4, length);
};

const float64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xcb;
  bytes.writeDoubleBE(value, 1);
  return bytes;
};

const int64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(9);
  bytes[0] = value < 0 ? 0xd3 : 0xcf;
  if (value < 0) bytes.writeBigInt64BE(BigInt(value), 1);
  else bytes.writeBigUInt64BE(BigInt(value), 1);
  return bytes;
};

const negative = (value: number): Buffer => {
  if (value >= -32) return Buffer.from([0x100 + value]);
  if (value >= -0x80) return head(0xd0, 1, 0x100 + value);
  if (value >= -0x8000) return head(0xd1, 2, 0x10000 + value);
  return value >= -0x80000000 ? head(0xd2, 4, 0x100000000 + value) : int64(value);
};

const number = (value: number): Buffer => {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return float64(value);
  if (value < 0) return negative(value);
  if (value < 0x80) return Buffer.from([value]);
  if (value < 0x100) return head(0xcc, 1, value);
  if (value < 0x10000) return head(0xcd, 2, value);
  return value < 0x100000000 ? head(0xce, 4, value) : int64(value);
};

const write = (value: Value, out: Buffer[]): void => {
  if (value === UNKNOWN) out.push(UNKNOWN_BYTES);
  else if (value === null) out.push(Buffer.from([0xc0]));
  else if (typeof value === "boolean") out.push(Buffer.from([value ? 0xc3 : 0xc2]));
  else if (typeof value === "number") out.push(number(value));
  else if (typeof value === "string") writeString(value, out);
  else if (Array.isArray(value)) {
    out.push(arrayHead(value.length));
    for (const element of value) write(element, out);
  } else writeMap(Object.entries(value as Record<string, Value>), out);
};

const writeString = (text: string, out: Buffer[]): void => {
  const bytes = Buffer.from(text);
  out.push(stringHead(bytes.length), bytes);
};

const writeMap = (entries: readonly (readonly [string, Value])[], out: Buffer[]): void => {
  out.push(mapHead(entries.length));
  for (const [key, value] of entries) {
    writeString(key, out);
    write(value, out);
  }
};

/** The MessagePack form of a value. */
export const encodeMsgpack = (value: Value): Buffer => {
  const out: Buffer[] = [];
  write(value, out);
  return Buffer.concat(out);
};

/** Reads from the front of some bytes, and refuses to read past their end. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length)
      throw new Error(`MessagePack ends after ${this.#bytes.length} bytes, in the middle of a value`);
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  unsigned(size: 1 | 2 | 4): number {
    return this.take(size).readUIntBE(0, size);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }
}

const readString = (reader: Reader, length: number): string => reader.take(length).toString("utf8");

const readArray = (reader: Reader, length: number): readonly Value[] => Array.from({ length }, () => readValue(reader));

const readMap = (reader: Reader, length: number): Record<string, Value> => {
  const entries = Array.from({ length }, (): readonly [string, Value] => {
    const key = readValue(reader);
    if (typeof key !== "string") throw new Error("MessagePack has a map whose key is not a string");
    return [key, readValue(reader)];
  });
  return Object.fromEntries(entries);
};

const readUnknown = (reader: Reader, length: number): Value => {
  reader.take(1 + length); // the extension's type, and its content
  return UNKNOWN;
};

const exact = (value: bigint): number | string =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();

/** What the first byte of a value stands for, where it says no more than a format. */
const FORMATS: Readonly<Record<number, (reader: Reader) => Value>> = {
  192: () => null,
  194: () => false,
  195: () => true,
  199: (reader) => readUnknown(reader, reader.unsigned(1)),
  200: (reader) => readUnknown(reader, reader.unsigned(2)),
  201: (reader) => readUnknown(reader, reader.unsigned(4)),
  202: (reader) => reader.take(4).readFloatBE(0),
  203: (reader) => reader.take(8).readDoubleBE(0),
  204: (reader) => reader.unsigned(1),
  205: (reader) => reader.unsigned(2),
  206: (reader) => reader.unsigned(4),
  207: (reader) => exact(reader.take(8).readBigUInt64BE(0)),
  208: (reader) => reader.take(1).readInt8(0),
  209: (reader) => reader.take(2).readInt16BE(0),
  210: (reader) => reader.take(4).readInt32BE(0),
  211: (reader) => exact(reader.take(8).readBigInt64BE(0)),
  212: (reader) => readUnknown(reader, 1),
  213: (reader) => readUnknown(reader, 2),
  214: (reader) => readUnknown(reader, 4),
  215: (reader) => readUnknown(reader, 8),
  216: (reader) => readUnknown(reader, 16),
  217: (reader) => readString(reader, reader.unsigned(1)),
  218: (reader) => readString(reader, reader.unsigned(2)),
  219: (reader) => readString(reader, reader.unsigned(4)),
  220: (reader) => readArray(reader, reader.unsigned(2)),
  221: (reader) => readArray(reader, reader.unsigned(4)),
  222: (reader) => readMap(reader, reader.unsigned(2)),
  223: (reader) => readMap(reader, reader.unsigned(4)),
};

const readValue = (reader: Reader): Value => {
  const tag = reader.unsigned(1);
  if (tag < 0x80) return tag;
  if (tag < 0x90) return readMap(reader, tag & 0x0f);
  if (tag < 0xa0) return readArray(reader, tag & 0x0f);
  if (tag < 0xc0) return readString(reader, tag & 0x1f);
  if (tag >= 0xe0) return tag - 0x100;
  const format = FORMATS[tag];
  if (!format) throw new Error(`MessagePack has the format 0x${tag.toString(16)}, which Terraform does not use`);
  return format(reader);
};

/**
 * Reads one value.
 * @throws Error for bytes that are not one whole MessagePack value as Terraform writes it
 */
export const decodeMsgpack = (bytes: Uint8Array): Value => {
  const reader = new Reader(bytes);
  const value = readValue(reader);
  if (reader.left > 0) throw new Error(`MessagePack has ${reader.left} bytes after its value`);
  return value;
};
