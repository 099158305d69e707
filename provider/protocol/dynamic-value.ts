import { decodeMsgpack, encodeMsgpack } from "../wire/msgpack.ts";
import type { MessageOf } from "../wire/protobuf.ts";
import { isObject, type ObjectValue, type Value } from "../wire/value.ts";
import type { DynamicValue } from "./messages.ts";

type Encoded = Partial<MessageOf<typeof DynamicValue>>;

const decoded = ({ msgpack, json }: Encoded): Value => {
  if (msgpack?.length) return decodeMsgpack(msgpack);
  return json?.length ? (JSON.parse(Buffer.from(json).toString("utf8")) as Value) : null;
};

/**
 * Reads an object that Terraform sends; null and absent are null.
 * @throws Error for anything else
 */
export const readObject = (value: Encoded | undefined): ObjectValue | null => {
  const object = value === undefined ? null : decoded(value);
  if (object === null || isObject(object)) return object;
  throw new Error(`Terraform sent a ${typeof object} where an object must be`);
};

/** Like `readObject`, for what is never null. */
export const readPresent = (value: Encoded | undefined, what: string): ObjectValue => {
  const object = readObject(value);
  if (object) return object;
  throw new Error(`Terraform sent no ${what}`);
};

export const writeObject = (value: ObjectValue | null): Encoded => ({ msgpack: encodeMsgpack(value) });
