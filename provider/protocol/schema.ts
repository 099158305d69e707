import type { MessageOf } from "../wire/protobuf.ts";
import { isObject, type ObjectValue, type Value } from "../wire/value.ts";
import { NESTING_SINGLE, type Schema } from "./messages.ts";

/** A type of Terraform's, in the JSON form of its type system. */
export type Type = "string" | "number" | "bool" | readonly ["list", Type] | readonly ["object", Record<string, Type>];

export interface AttributeSchema {
  readonly type: Type;
  /** Who sets it: the user must, the user may, or the provider does. */
  readonly is: "required" | "optional" | "computed";
  readonly description: string;
  /** What each field of an object type is: Terraform's form of a type has no place for it, the documentation has. */
  readonly fields?: Readonly<Record<string, string>>;
}

export interface BlockSchema {
  readonly description: string;
  readonly attributes: Readonly<Record<string, AttributeSchema>>;
}

/** The schema of a provider, resource or data source. Its blocks may be written once each, and be left out. */
export interface ObjectSchema extends BlockSchema {
  /** Of the states that are written with it. */
  readonly version: number;
  readonly blocks?: Readonly<Record<string, BlockSchema>>;
}

const attributesOf = ({ attributes }: BlockSchema) =>
  Object.entries(attributes).map(([name, { type, is, description }]) => ({
    name,
    type: Buffer.from(JSON.stringify(type)),
    description,
    required: is === "required",
    optional: is === "optional",
    computed: is === "computed",
  }));

/** The schema as Terraform asks for it. */
export const schemaMessage = (schema: ObjectSchema): Partial<MessageOf<typeof Schema>> => ({
  version: schema.version,
  block: {
    description: schema.description,
    attributes: attributesOf(schema),
    blockTypes: Object.entries(schema.blocks ?? {}).map(([typeName, block]) => ({
      typeName,
      nesting: NESTING_SINGLE,
      block: { description: block.description, attributes: attributesOf(block) },
    })),
  },
});

const pick = (names: readonly string[], object: ObjectValue): Record<string, Value> =>
  Object.fromEntries(names.map((name) => [name, object[name] ?? null]));

/** Exactly the attributes and blocks of the schema, null where there is nothing: the form that Terraform accepts. */
export const conform = (schema: ObjectSchema, object: ObjectValue): ObjectValue => {
  const blocks = Object.entries(schema.blocks ?? {}).map(([name, { attributes }]): [string, Value] => {
    const block = object[name];
    return [name, isObject(block) ? pick(Object.keys(attributes), block) : (block ?? null)];
  });
  return { ...pick(Object.keys(schema.attributes), object), ...Object.fromEntries(blocks) };
};
