import { Token } from "cdktf";
import { type Declaration, declarationTags, TAG_PREFIX } from "../lambdas/contracts/declaration.ts";
import { targetTags } from "../lambdas/contracts/target-tags.ts";
import type { TargetDeclaration } from "../lambdas/contracts/targets.ts";
import { AWS_LIMITS } from "./aws-limits.ts";
import { received, refuse } from "./property-checks.ts";

const MOST_TAGS = AWS_LIMITS.tagsOfSecret.most;
const LONGEST_KEY = AWS_LIMITS.tagKey.most;
const LONGEST_VALUE = AWS_LIMITS.tagValue.most;
const TAG_TEXT = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u;

type Tags = Readonly<Record<string, string>>;

/** Why AWS would refuse a tag; `undefined`: it takes it. */
export const tagProblem = (key: string, value: string): string | undefined => {
  if (Token.isUnresolved(value)) return undefined;
  if (key.length === 0 || key.length > LONGEST_KEY) return `a key has 1 to ${LONGEST_KEY} characters`;
  if (value.length > LONGEST_VALUE) return `a value has at most ${LONGEST_VALUE} characters`;
  if (!TAG_TEXT.test(key) || !TAG_TEXT.test(value))
    return "AWS takes letters, digits, spaces and _ . : / = + - @ alone";
  return undefined;
};

/**
 * The tags of a managed key's secret: its declaration, its targets, and the user's own.
 * @throws KeyturnError BAD_INPUT for what AWS would refuse, and for a `keyturn:` or `aws:` tag of the user's
 */
export const secretTags = (
  where: string,
  declaration: Declaration,
  own: Tags,
  targets: readonly TargetDeclaration[] = [],
): Record<string, string> => {
  const reserved = Object.keys(own).find((key) => key.startsWith(TAG_PREFIX) || key.toLowerCase().startsWith("aws:"));
  if (reserved !== undefined)
    refuse(
      where,
      `tags must not have ${received(reserved)}: keyturn: tags come from the key's properties, aws: ones from AWS`,
    );
  const tags: Tags = Object.assign({ ...own }, declarationTags(declaration), ...targets.map(targetTags));
  for (const [key, value] of Object.entries(tags)) {
    const problem = tagProblem(key, value);
    if (problem)
      refuse(where, `the tag ${received(key)} with the value ${received(value)} is not possible: ${problem}`);
  }
  const count = Object.keys(tags).length;
  if (count > MOST_TAGS)
    refuse(
      where,
      `a secret has at most ${MOST_TAGS} tags, and this one would have ${count}; take some off, or have fewer targets`,
    );
  return { ...tags };
};
