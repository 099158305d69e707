import * as z from "zod/mini";
import { KeyturnError } from "../errors.ts";
import { type Access, accessFields, accessOf } from "./access.ts";
import { duration, durationText } from "./duration.ts";
import { NAME_FORM } from "./key-name.ts";
import { read } from "./read.ts";

/** What was declared of a managed key, as its secret's tags carry it. */
export interface Declaration {
  readonly service: string;
  /** The vendor connection of the service that mints it; by default called like the vendor. */
  readonly connection: string;
  readonly name: string;
  readonly access: Access;
  /** How long the old and the new generation are both valid. */
  readonly overlapMs: number;
  /** How long the vendor must have seen no call with the old generation before it is revoked. */
  readonly quietMs: number;
  /** How long after its replacement an old generation may stay before somebody is told. */
  readonly deadlineMs: number;
  /** What happens at the deadline to a generation that still has a reason to stay. */
  readonly onDeadline: "report" | "revoke";
}

export const TAG_PREFIX = "keyturn:";
export const DEFAULT_OVERLAP_MS = 24 * 3_600_000;
export const DEFAULT_QUIET_MS = 3_600_000;
export const DEFAULT_DEADLINE_MS = 14 * 24 * 3_600_000;

const name = z.string().check(z.regex(NAME_FORM, "must be 1 to 40 of a-z, 0-9 and -, with no - at either end"));

const tagsSchema = z.object({
  service: name,
  vendor: name,
  name,
  role: z.optional(z.string()),
  type: z.optional(z.string()),
  overlap: z._default(duration, DEFAULT_OVERLAP_MS),
  quiet: z._default(duration, DEFAULT_QUIET_MS),
  deadline: z._default(duration, DEFAULT_DEADLINE_MS),
  "on-deadline": z._default(z.enum(["report", "revoke"]), "report"),
});

/** The tags that carry a declaration, with their values in AWS's character set. */
export const declarationTags = (declaration: Declaration): Record<string, string> => {
  const fields = {
    service: declaration.service,
    vendor: declaration.connection,
    name: declaration.name,
    ...accessFields(declaration.access),
    overlap: durationText(declaration.overlapMs),
    quiet: durationText(declaration.quietMs),
    deadline: durationText(declaration.deadlineMs),
    "on-deadline": declaration.onDeadline,
  };
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [`${TAG_PREFIX}${field}`, value]));
};

/**
 * The declaration that a secret's tags carry.
 * @param tags all tags of the secret; others than `keyturn:` ones are ignored
 * @throws KeyturnError NOT_MANAGED when there is no `keyturn:service` tag, BAD_INPUT when one does not have its form
 */
export const declarationOf = (tags: Readonly<Record<string, string>>, secretName: string): Declaration => {
  if (tags[`${TAG_PREFIX}service`] === undefined)
    throw new KeyturnError(
      "NOT_MANAGED",
      `the secret ${secretName} has no tag keyturn:service, so it is not a managed key; declare it with a construct, or restore its tags`,
    );
  const ours = Object.entries(tags).filter(([key]) => key.startsWith(TAG_PREFIX));
  const fields = Object.fromEntries(ours.map(([key, value]) => [key.slice(TAG_PREFIX.length), value]));
  const what = `the keyturn: tags of the secret ${secretName}`;
  const tag = read(tagsSchema, fields, what);
  const access = accessOf(tag);
  if (!access) throw new KeyturnError("BAD_INPUT", `${what} must have exactly one of keyturn:role and keyturn:type`);
  return {
    service: tag.service,
    connection: tag.vendor,
    name: tag.name,
    access,
    overlapMs: tag.overlap,
    quietMs: tag.quiet,
    deadlineMs: tag.deadline,
    onDeadline: tag["on-deadline"],
  };
};
