import { z } from "zod";
import type { Secret } from "./secret.ts";
import { invalidParameter } from "./service-error.ts";

/** Written from the API reference's page of the data type Filter. */
const FILTER_KEYS = ["description", "name", "tag-key", "tag-value", "primary-region", "owning-service", "all"] as const;

type FilterKey = (typeof FILTER_KEYS)[number];

const filter = z.object({
  Key: z.enum(FILTER_KEYS).optional(),
  Values: z
    .array(
      z
        .string()
        .max(512)
        .regex(/^!?[a-zA-Z0-9 :_@/+=.\-!]*$/),
    )
    .min(1)
    .max(10)
    .optional(),
});

/** The API model does not require Key and Values, so their absence is the service's matter and not that of its front. */
function complete({ Key: key, Values: values }: z.output<typeof filter>) {
  if (key === undefined) throw invalidParameter("Invalid filter key");
  if (values === undefined) throw invalidParameter(`Invalid filter values for key: ${key}`);
  return { Key: key, Values: values };
}

/** Recorded answers of AWS have this code, where the API model's maximum would make it a ValidationException. */
const tooMany = invalidParameter("The filter list has too many filters. You can include up to 10 filters.");

export const filters = z
  .array(filter)
  .refine((all) => all.length <= 10, { params: { error: tooMany } })
  .transform((all) => all.map(complete));

type Filter = z.output<typeof filters>[number];

type Reader = (secret: Secret, region: string) => readonly string[];

const attributes: Record<Exclude<FilterKey, "all">, Reader> = {
  name: (secret) => [secret.name],
  description: (secret) => [secret.description ?? ""],
  "tag-key": (secret) => secret.tags?.map((tag) => tag.Key) ?? [],
  "tag-value": (secret) => secret.tags?.map((tag) => tag.Value) ?? [],
  "primary-region": (secret, region) => (secret.replicas.length > 0 ? [region] : []),
  // No secret of this model belongs to another service.
  "owning-service": () => [],
};

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");

type Matcher = (key: FilterKey, value: string) => boolean;

/** Every word of `value` begins some word of some attribute. */
function matchesWords(secret: Secret, region: string, value: string): boolean {
  const words = Object.values(attributes).flatMap((read) => read(secret, region).flatMap(wordsOf));
  return wordsOf(value).every((wanted) => words.some((word) => word.startsWith(wanted)));
}

const matcherOf =
  (secret: Secret, region: string): Matcher =>
  (key, value) => {
    if (key === "all") return matchesWords(secret, region, value);
    const texts = attributes[key](secret, region);
    if (key !== "description") return texts.some((text) => text.startsWith(value));
    return texts.some((text) => text.toLowerCase().startsWith(value.toLowerCase()));
  };

/** One of the plain values matches (if there are any), and none of those that begin with an exclamation mark. */
function matchesFilter(matches: Matcher, { Key: key, Values: values }: Filter): boolean {
  const unwanted = values.filter((value) => value.startsWith("!")).map((value) => value.slice(1));
  const wanted = values.filter((value) => !value.startsWith("!"));
  if (unwanted.some((value) => matches(key, value))) return false;
  return wanted.length === 0 || wanted.some((value) => matches(key, value));
}

/** Whether a secret, whose primary Region is `region`, passes all filters. */
export const passes = (secret: Secret, all: readonly Filter[], region: string): boolean =>
  all.every((one) => matchesFilter(matcherOf(secret, region), one));
