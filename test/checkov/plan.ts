/*
 * A synthesized stack in the form of a plan (`terraform show -json`), which is where checkov reads policies: of what is
 * in the form of a configuration it cannot, and says nothing. AWS is not asked for it: what only a deploy knows stays a
 * reference, by which checkov also sees what belongs together.
 */

type Attributes = Readonly<Record<string, unknown>>;

export interface Synthesized {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Attributes>>>>;
}

/** What Terraform itself reads of a resource, and cdktf's own notes. */
const META = new Set(["//", "depends_on", "lifecycle", "provider", "count", "for_each"]);
/** Attributes that are maps; every other object is a block, of which a plan has a list. */
const MAPS = new Set(["tags", "variables", "dimensions"]);

const isObject = (value: unknown): value is Attributes =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const valuesOf = (attributes: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([name]) => !META.has(name))
      .map(([name, value]) => {
        if (MAPS.has(name) || !isObject(value)) return [name, value];
        return [name, [valuesOf(value)]];
      }),
  );

/** A plan that makes every resource of a stack. Pure. */
export const asPlan = ({ resource = {} }: Synthesized) => {
  const resources = Object.entries(resource).flatMap(([type, ones]) =>
    Object.entries(ones).map(([name, attributes]) => ({
      address: `${type}.${name}`,
      mode: "managed",
      type,
      name,
      values: valuesOf(attributes),
    })),
  );
  return {
    format_version: "1.2",
    terraform_version: "1.11.0",
    planned_values: { root_module: { resources } },
    resource_changes: resources.map(({ values, ...rest }) => ({
      ...rest,
      change: { actions: ["create"], before: null, after: values, after_unknown: {} },
    })),
    configuration: {
      root_module: { resources: resources.map(({ values: _, ...rest }) => ({ ...rest, expressions: {} })) },
    },
  };
};
