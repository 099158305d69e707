import { booleanToHclTerraform, listMapperHcl, stringToHclTerraform } from "cdktf";

type Argument = string | boolean | undefined;

const hclArgument = (value: string | boolean): object =>
  typeof value === "boolean"
    ? { value: booleanToHclTerraform(value), isBlock: false, type: "simple", storageClassType: "boolean" }
    : { value: stringToHclTerraform(value), isBlock: false, type: "simple", storageClassType: "string" };

/** Arguments in the form that cdktf wants of a binding when it writes HCL; those that are not set are left out. */
export const hclArguments = (values: Readonly<Record<string, Argument>>): Record<string, object> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, hclArgument(value)]])),
  );

/** A block of texts and lists of texts. */
export type Block = Readonly<Record<string, string | readonly string[]>>;

const hclValue = (value: string | readonly string[]): object =>
  typeof value === "string"
    ? hclArgument(value)
    : {
        value: listMapperHcl(stringToHclTerraform, false)([...value]),
        isBlock: false,
        type: "list",
        storageClassType: "stringList",
      };

/** Blocks of one name in the form that cdktf wants of a binding when it writes HCL. */
export const hclBlocks = (name: string, blocks: readonly Block[]): object => ({
  value: blocks.map((block) =>
    Object.fromEntries(Object.entries(block).map(([argument, value]) => [argument, hclValue(value)])),
  ),
  isBlock: true,
  type: "list",
  storageClassType: `${name}List`,
});
