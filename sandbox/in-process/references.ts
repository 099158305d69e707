import type { Account } from "./account.ts";
import type { StackResources } from "./synthesized-stack.ts";

const REFERENCE = /\$\{(\w+)\.(\w+)\.(\w+)\}/g;

/** A text of a synthesized stack, with what its references stand for in their place. */
export type Resolve = (text: string) => string;

/**
 * What `${type.name.attribute}` stands for in an account.
 * @param secretArns those of the secrets that are there, by their ids in the stack; may grow
 * @throws Error at a reference to what is not known here
 */
export const resolver = (
  account: Account,
  resources: StackResources,
  secretArns: ReadonlyMap<string, string>,
): Resolve => {
  const standsFor = (whole: string, type: string, name: string): string => {
    const functionName = resources.aws_lambda_function[name]?.function_name;
    if (type === "aws_secretsmanager_secret") return secretArns.get(name) ?? whole;
    if (type === "aws_lambda_function" && functionName)
      return whole.endsWith(".arn}") ? account.functions.arnOf(functionName) : functionName;
    throw new Error(`${whole} stands for nothing that is known here`);
  };
  return (text) => text.replace(REFERENCE, standsFor);
};
