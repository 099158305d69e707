import type { AttributeSchema, BlockSchema, ObjectSchema, Type } from "../provider/protocol/schema.ts";

/*
 * A schema as the documentation in Terraform's registry words it: what is required, optional and read-only, and the parts
 * that have fields of their own below (Terraform: "Provider Documentation", and the form of its own generator).
 */

/** Headings by who sets an attribute, in the order that pages have them. */
const GROUPS = { required: "Required", optional: "Optional", computed: "Read-Only" } as const;
type Group = keyof typeof GROUPS;

interface Line {
  readonly group: Group;
  readonly name: string;
  readonly type: string;
  readonly description: string;
  /** What stands below in a part of its own. */
  readonly nested?: BlockSchema;
}

const typeName = (type: Type): string => {
  if (typeof type === "string") return { string: "String", number: "Number", bool: "Boolean" }[type];
  return type[0] === "list" ? `List of ${typeName(type[1])}` : "Object";
};

/** The object that a type is, or is a list of; `undefined`: neither. */
const objectIn = (type: Type): Readonly<Record<string, Type>> | undefined => {
  if (typeof type === "string") return undefined;
  return type[0] === "list" ? objectIn(type[1]) : type[1];
};

const fieldsOf = (name: string, { type, fields = {} }: AttributeSchema): BlockSchema | undefined => {
  const object = objectIn(type);
  if (!object) return undefined;
  const attributes = Object.entries(object).map(([field, fieldType]): [string, AttributeSchema] => {
    const description = fields[field];
    if (description === undefined) throw new Error(`the field ${field} of ${name} has no description in its schema`);
    return [field, { type: fieldType, is: "computed", description }];
  });
  return { description: "", attributes: Object.fromEntries(attributes) };
};

const attributeLine = ([name, attribute]: readonly [string, AttributeSchema]): Line => {
  const nested = fieldsOf(name, attribute);
  const { is: group, type, description } = attribute;
  return { group, name, type: typeName(type), description, ...(nested && { nested }) };
};

const linesOf = ({ attributes, blocks = {} }: BlockSchema & Pick<ObjectSchema, "blocks">): readonly Line[] => [
  ...Object.entries(attributes).map(attributeLine),
  ...Object.entries(blocks).map(([name, nested]): Line => {
    return { group: "optional", name, type: "Block", description: nested.description, nested };
  }),
];

const headingOf = (name: string): string => `Nested Schema for \`${name}\``;

/** The anchor that GitHub and the registry make of such a heading. */
const anchorOf = (name: string): string => `nested-schema-for-${name}`;

const bullet = ({ name, type, description, nested }: Line): string =>
  `- \`${name}\` (${type}) ${description}${nested ? ` See [below](#${anchorOf(name)}).` : ""}`;

const byName = (a: Line, b: Line): number => (a.name < b.name ? -1 : 1);

const groupsOf = (lines: readonly Line[], head: (title: string) => string): readonly string[] =>
  Object.entries(GROUPS).flatMap(([group, title]) => {
    const own = lines.filter((line) => line.group === group).toSorted(byName);
    return own.length === 0 ? [] : [`${head(title)}\n\n${own.map(bullet).join("\n")}`];
  });

const nestedPart = ({ name, nested }: Line): readonly string[] =>
  nested ? [`### ${headingOf(name)}`, ...groupsOf(linesOf(nested), (title) => `${title}:`)] : [];

/**
 * The part "Schema" of a page, without an end of line.
 * @throws Error for a field of an object that has no description
 */
export const schemaMarkdown = (schema: ObjectSchema): string => {
  const lines = linesOf(schema);
  return ["## Schema", ...groupsOf(lines, (title) => `### ${title}`), ...lines.flatMap(nestedPart)].join("\n\n");
};
