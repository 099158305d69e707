import { type TerraformElement, type TerraformProvider, Token } from "cdktf";
import { TAG_PREFIX } from "../lambdas/contracts/declaration.ts";
import { AWS_LIMITS } from "./aws-limits.ts";
import { received } from "./property-checks.ts";
import { resolved } from "./resolved.ts";
import { stackAwsProvider } from "./terraform/aws-settings.ts";

type Tags = Readonly<Record<string, string>>;

/** What cdktf writes of an element, overrides and all that aspects changed included. */
const written = (element: TerraformElement): Record<string, unknown> => {
  const { resource, provider } = resolved(element, element.toTerraform()) as Record<string, object>;
  const [kinds] = Object.values(resource ?? provider ?? {}) as Record<string, unknown>[];
  const [first] = Array.isArray(kinds) ? kinds : Object.values(kinds ?? {});
  return (first ?? {}) as Record<string, unknown>;
};

const blocksOf = (block: unknown): readonly Record<string, unknown>[] =>
  (Array.isArray(block) ? block : [block]).filter((one) => one !== null && typeof one === "object");

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

/** What the provider gives every resource besides; nothing of what only a deploy knows. */
const defaultTags = (provider: Record<string, unknown>): Tags =>
  Object.assign({}, ...blocksOf(provider.default_tags).map(({ tags }) => (typeof tags === "object" ? tags : {})));

const ignoredBy = (provider: Record<string, unknown>, tag: string): boolean =>
  blocksOf(provider.ignore_tags).some(
    ({ keys, key_prefixes }) =>
      textsOf(keys).includes(tag) || textsOf(key_prefixes).some((prefix) => tag.startsWith(prefix)),
  );

/** What differs from the declaration among a secret's own tags, in words. */
const changes = (declared: Tags, actual: Tags): readonly string[] => {
  const keys = [...new Set([...Object.keys(declared), ...Object.keys(actual)])].filter((key) =>
    key.startsWith(TAG_PREFIX),
  );
  return keys.flatMap((key) => {
    const [was, is] = [declared[key], actual[key]];
    if (was === is) return [];
    if (is === undefined) return [`${key} is gone`];
    return [was === undefined ? `${key} was added` : `${key} is ${received(is)} instead of ${received(was)}`];
  });
};

const ownProblems = (declared: Tags, tags: unknown): readonly string[] => {
  if (Token.isUnresolved(tags) || typeof tags === "string")
    return [
      "its tags were replaced by what only a deploy knows, so that it cannot be seen whether they still carry the key's declaration; write them as a map, with what was there",
    ];
  const changed = changes(declared, (tags ?? {}) as Tags);
  if (changed.length === 0) return [];
  return [
    `an aspect or an override changed the keyturn: tags, which carry the key's declaration (${changed.join("; ")}); let it add to the tags that are there: { ...secret.tagsInput, …`,
  ];
};

const providerProblems = (declared: Tags, provider: Record<string, unknown>): readonly string[] => {
  const foreign = Object.keys(defaultTags(provider)).filter(
    (tag) => tag.startsWith(TAG_PREFIX) && declared[tag] === undefined,
  );
  const ignored = Object.keys(declared).filter((tag) => tag.startsWith(TAG_PREFIX) && ignoredBy(provider, tag));
  return [
    ...(foreign.length > 0
      ? [
          `default_tags of its AWS provider would add ${foreign.join(", ")}: keyturn: tags come from the key's properties alone; take them out`,
        ]
      : []),
    ...(ignored.length > 0
      ? [
          `ignore_tags of its AWS provider would leave out ${ignored.join(", ")}, which carry the key's declaration; take keyturn: out of it`,
        ]
      : []),
  ];
};

const countProblems = (own: Tags, byDefault: Tags): readonly string[] => {
  const { most, page } = AWS_LIMITS.tagsOfSecret;
  const count = Object.keys({ ...byDefault, ...own }).length;
  if (count <= most) return [];
  const added = Object.keys(byDefault).filter((tag) => own[tag] === undefined).length;
  return [
    `it would have ${count} tags, ${Object.keys(own).length} of its own and ${added} by default_tags, and AWS takes ${most} (${page}); take some off, or have fewer targets`,
  ];
};

/**
 * What is wrong with a secret's tags as they will be deployed: after every aspect and override, and with what its AWS provider adds
 * and leaves out. Ask for it in a validation, which comes after the aspects.
 * @param declared the tags that its key declared
 */
export const deployedTagsProblems = (
  secret: TerraformElement & { readonly provider?: TerraformProvider | undefined },
  declared: Tags,
): string[] => {
  const provider = secret.provider ?? stackAwsProvider(secret);
  const ofProvider = provider ? written(provider) : {};
  const { tags } = written(secret);
  const own = (typeof tags === "object" ? (tags ?? {}) : {}) as Tags;
  return [
    ...ownProblems(declared, tags),
    ...providerProblems(declared, ofProvider),
    ...countProblems(own, defaultTags(ofProvider)),
  ].map((problem) => `the secret of this key: ${problem}`);
};
