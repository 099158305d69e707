import { z } from "zod";
import type { Secret } from "./secret.ts";

/** Written from the API reference's page of the data type Filter. */
const FILTER_KEYS = ["description", "name", "tag-key", "tag-value", "primary-region", "owning-service", "all"] as const;

type FilterKey = (typeof FILTER_KEYS)[number];

export const filters = z
  .array(
    z.object({
      Key: z.enum(FILTER_KEYS),
      Values: z
        .array(
          z
            .string()
            .max(512)
            .regex(/^!?[a-zA-Z0-9 :_@/+=.\-!]*$/),
        )
        .min(1)
        .max(10),
    }),
  )
  .max(10);

type Filter = z.output<typeof filters>[number];

const attributes: Record<Exclude<FilterKey, "all">, (secret: Secret) => readonly string[]> = {
  name: (secret) => [secret.name],
  description: (secret) => [secret.description ?? ""],
  "tag-key": (secret) => secret.tags?.map((tag) => tag.Key) ?? [],
  "tag-value": (secret) => secret.tags?.map((tag) => tag.Value) ?? [],
  // No secret of this model is a replica or belongs to another service.
  "primary-region": () => [],
  "owning-service": () => [],
};

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");

/** Every word of `value` begins some word of some attribute. */
function matchesWords(secret: Secret, value: string): boolean {
  const words = Object.values(attributes).flatMap((read) => read(secret).flatMap(wordsOf));
  return wordsOf(value).every((wanted) => words.some((word) => word.startsWith(wanted)));
}

function matchesValue(secret: Secret, key: FilterKey, value: string): boolean {
  if (key === "all") return matchesWords(secret, value);
  const texts = attributes[key](secret);
  if (key !== "description") return texts.some((text) => text.startsWith(value));
  return texts.some((text) => text.toLowerCase().startsWith(value.toLowerCase()));
}

/** One of the plain values matches (if there are any), and none of those that begin with an exclamation mark. */
function matchesFilter(secret: Secret, { Key: key, Values: values }: Filter): boolean {
  const unwanted = values.filter((value) => value.startsWith("!")).map((value) => value.slice(1));
  const wanted = values.filter((value) => !value.startsWith("!"));
  if (unwanted.some((value) => matchesValue(secret, key, value))) return false;
  return wanted.length === 0 || wanted.some((value) => matchesValue(secret, key, value));
}

/** Whether a secret passes all filters. */
export const passes = (secret: Secret, all: readonly Filter[]): boolean =>
  all.every((filter) => matchesFilter(secret, filter));
