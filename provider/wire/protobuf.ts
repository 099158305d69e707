/*
 * The part of Protocol Buffers (protobuf.dev, "Encoding") that Terraform's plugin protocol uses: varints and
 * length-delimited fields. A message is a table of its fields; what is not in the table is skipped, as the format asks.
 */

type Wire = bigint | Uint8Array;

/** A field of a message: its number, what it is when it is absent, and how it is written and read. */
export interface Field<T> {
  readonly number: number;
  readonly absent: T;
  /** The field's bytes with their heads; none for the absent value. */
  readonly write: (value: T) => readonly Uint8Array[];
  /** What the field is after one more occurrence of it. */
  readonly read: (wire: Wire, before: T) => T;
}

type Fields<T> = { readonly [Name in keyof T]: Field<T[Name]> };

/** A kind of message, with its fields by name. */
export interface Message<T> {
  readonly fields: Fields<T>;
}

/** What `message` makes a table for: `MessageOf<typeof Diagnostic>`. */
export type MessageOf<M> = M extends Message<infer T> ? T : never;

export const message = <T>(fields: Fields<T>): Message<T> => ({ fields });

const VARINT = 0;
const FIXED_64 = 1;
const DELIMITED = 2;
const FIXED_32 = 5;

const varint = (value: bigint | number): Uint8Array => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
};

const head = (number: number, wireType: number): Uint8Array => varint((number << 3) | wireType);

const delimited = (number: number, content: Uint8Array): readonly Uint8Array[] => [
  head(number, DELIMITED),
  varint(content.length),
  content,
];

const contentOf = (wire: Wire, number: number): Uint8Array => {
  if (typeof wire !== "bigint") return wire;
  throw new Error(`field ${number} of a message is a number and must be bytes`);
};

const numberOf = (wire: Wire, number: number): bigint => {
  if (typeof wire === "bigint") return wire;
  throw new Error(`field ${number} of a message is bytes and must be a number`);
};

export const text = (number: number): Field<string> => ({
  number,
  absent: "",
  write: (value) => (value === "" ? [] : delimited(number, Buffer.from(value))),
  read: (wire) => Buffer.from(contentOf(wire, number)).toString("utf8"),
});

export const bytes = (number: number): Field<Uint8Array> => ({
  number,
  absent: new Uint8Array(),
  write: (value) => (value.length === 0 ? [] : delimited(number, value)),
  read: (wire) => contentOf(wire, number),
});

export const flag = (number: number): Field<boolean> => ({
  number,
  absent: false,
  write: (value) => (value ? [head(number, VARINT), varint(1)] : []),
  read: (wire) => numberOf(wire, number) !== 0n,
});

/** An int64, int32 or enum, within what JavaScript holds exactly. */
export const integer = (number: number): Field<number> => ({
  number,
  absent: 0,
  write: (value) => (value === 0 ? [] : [head(number, VARINT), varint(value)]),
  read: (wire) => Number(BigInt.asIntN(64, numberOf(wire, number))),
});

/** A message within a message. Absent and empty are two things there. */
export const nested = <T>(number: number, kind: Message<T>): Field<Partial<T> | undefined> => ({
  number,
  absent: undefined,
  write: (value) => (value === undefined ? [] : delimited(number, encode(kind, value))),
  read: (wire) => decode(kind, contentOf(wire, number)),
});

export const repeated = <T>(number: number, kind: Message<T>): Field<readonly Partial<T>[]> => ({
  number,
  absent: [],
  write: (values) => values.flatMap((value) => delimited(number, encode(kind, value))),
  read: (wire, before) => [...before, decode(kind, contentOf(wire, number))],
});

/** A `map<string, …>`: repeated messages with the key in field 1 and the value in field 2. */
export const mapped = <T>(number: number, kind: Message<T>): Field<Readonly<Record<string, Partial<T>>>> => {
  const entry = message({ key: text(1), value: nested(2, kind) });
  return {
    number,
    absent: {},
    write: (values) =>
      Object.entries(values).flatMap(([key, value]) => delimited(number, encode(entry, { key, value }))),
    read: (wire, before) => {
      const { key, value } = decode(entry, contentOf(wire, number));
      return { ...before, [key]: value ?? {} };
    },
  };
};

/** The bytes of a message. Fields that are not given are absent. */
export const encode = <T>(kind: Message<T>, value: Partial<T>): Buffer => {
  const parts: Uint8Array[] = [];
  for (const name in kind.fields) {
    const given = value[name];
    if (given !== undefined) parts.push(...kind.fields[name].write(given));
  }
  return Buffer.concat(parts);
};

/** One field after the other: `[number, content]`. */
function* wires(bytes: Uint8Array): Generator<readonly [number, Wire]> {
  let at = 0;
  const end = (length: number): number => {
    if (at + length > bytes.length) throw new Error("a message ends in the middle of a field");
    return at + length;
  };
  const next = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) throw new Error("a message ends in the middle of a number");
      at++;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Error("a message has a number of more than ten bytes");
  };
  while (at < bytes.length) {
    const tag = Number(next());
    const number = tag >>> 3;
    const wireType = tag & 7;
    if (wireType === VARINT) yield [number, next()];
    else if (wireType === DELIMITED) {
      const length = Number(next());
      const start = at;
      at = end(length);
      yield [number, bytes.subarray(start, at)];
    } else if (wireType === FIXED_64) at = end(8);
    else if (wireType === FIXED_32) at = end(4);
    else throw new Error(`a message has a field of the wire type ${wireType}, which does not exist any more`);
  }
}

/**
 * Reads a message. Fields that are not there have their absent value.
 * @throws Error for bytes that are not such a message
 */
export const decode = <T>(kind: Message<T>, content: Uint8Array): T => {
  const names = Object.keys(kind.fields) as (keyof T)[];
  const byNumber = new Map(names.map((name) => [kind.fields[name].number, name]));
  const value = Object.fromEntries(names.map((name) => [name, kind.fields[name].absent])) as T;
  for (const [number, wire] of wires(content)) {
    const name = byNumber.get(number);
    if (name !== undefined) value[name] = kind.fields[name].read(wire, value[name]);
  }
  return value;
};
