import type { Tag } from "./secret.ts";
import { invalidParameter } from "./service-error.ts";

const MAX_TAGS = 50;

/**
 * The tags of a secret after `added` have been attached: a key that is there already gets the new value.
 * @throws InvalidParameterException for a reserved or repeated key, or more than 50 tags
 */
export function checkedTags(present: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const reserved = added.find(({ Key }) => /^aws:/i.test(Key));
  if (reserved) throw invalidParameter(`Tag key ${reserved.Key}: keys that begin with aws: are reserved for AWS.`);
  if (new Set(added.map(({ Key }) => Key)).size < added.length) throw invalidParameter("Duplicate tag keys found.");
  const all = new Map([...present, ...added].map(({ Key, Value }) => [Key, Value]));
  if (all.size > MAX_TAGS) throw invalidParameter(`A secret can have ${MAX_TAGS} tags; this would make ${all.size}.`);
  return [...all].map(([Key, Value]) => ({ Key, Value }));
}
