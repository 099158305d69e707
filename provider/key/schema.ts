import type { AttributeSchema, ObjectSchema } from "../protocol/schema.ts";
import { DEFAULT_TIMEOUT_TEXT, OPERATIONS, type Operation } from "./timeouts.ts";

const argument = (is: "required" | "optional", description: string, type: "string" | "bool" = "string") =>
  ({ type, is, description }) satisfies AttributeSchema;

const fact = (description: string, type: AttributeSchema["type"] = "string") =>
  ({ type, is: "computed", description }) satisfies AttributeSchema;

const ARGUMENTS = {
  secret_id: argument(
    "required",
    "ARN or name of the Secrets Manager secret that holds the key. Its `keyturn:` tags must declare the same key as the arguments here. Another secret replaces the key.",
  ),
  name: argument(
    "required",
    "Name of the managed key: 1 to 40 of `a-z`, `0-9` and `-`, with no `-` at either end. Changed in place.",
  ),
  vendor: argument("required", "The service's vendor connection that mints the key. Another one replaces the key."),
  role: argument(
    "optional",
    "What the key may do, at vendors whose keys have a role (Pictograph). Changed without downtime. Exactly one of `role` and `type` is set.",
  ),
  type: argument(
    "optional",
    "What the key may do, at vendors whose keys have a type (Pictify). Changed without downtime. Exactly one of `role` and `type` is set.",
  ),
  adopt_key_id: argument(
    "optional",
    "The vendor's id of a key that people made by hand and whose value the secret already holds: it is taken over instead of minting one. It may stay or go afterwards.",
  ),
  force_destroy: argument(
    "optional",
    "Destroy the key even when the vendor saw it in use of late. It counts once it is applied. Default: `false`.",
    "bool",
  ),
};

/** What the service says of the key. All but the ARN change when a new generation is made. */
const FACTS = {
  secret_arn: fact("ARN of the secret."),
  key_id: fact("The vendor's id of the current generation."),
  key_prefix: fact("What the vendor shows of the current generation's value."),
  status: fact(
    "How the key stands: `current`, `rotating`, `missing` or `revoked`. The latter two are healed by the next apply.",
  ),
  version_id: fact("The secret's version that holds the current generation."),
  created_at: fact("When the vendor made the current generation (ISO 8601)."),
  last_used_at: fact(
    "When the vendor last saw the current generation used (ISO 8601). Null: never, or the vendor does not say.",
  ),
  next_rotation_at: fact("When it will be rotated (ISO 8601). Null: the secret has no rotation schedule."),
  live_generations: fact("How many generations the vendor takes now, the current one included.", "number"),
  debt: fact("Ids of keys that should be revoked and whose revocation the vendor has not confirmed.", [
    "list",
    "string",
  ]),
};

const CLAIM = {
  claim: fact(
    "The object's claim on the key: the key ends with its last one. A copy of the state has the same. Null: the object is from before claims had names, and has the unnamed one. Empty: it was imported, and the next apply writes one.",
  ),
};

const WORDS: Readonly<Record<Operation, string>> = { create: "making", update: "change", delete: "end" };

/** A managed key's facts that a change makes anew. */
export const CHANGING_FACTS = Object.keys(FACTS).filter((name) => name !== "secret_arn");
export const ALL_FACTS = Object.keys(FACTS);

export const KEY_SCHEMA: ObjectSchema = {
  version: 1,
  description: "An API key of a vendor that Keyturn mints, stores, rotates and revokes. Its value never leaves AWS.",
  attributes: { ...ARGUMENTS, ...CLAIM, ...FACTS },
  blocks: {
    timeouts: {
      description:
        "How long an operation may take, such as `30m` or `1h30m`. What was begun is gone on with by the next apply.",
      attributes: Object.fromEntries(
        OPERATIONS.map((name) => [
          name,
          argument(
            "optional",
            `How long an apply waits for the key's ${WORDS[name]}. Default: \`${DEFAULT_TIMEOUT_TEXT}\`.`,
          ),
        ]),
      ),
    },
  },
};
