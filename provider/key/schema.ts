import type { AttributeSchema, ObjectSchema } from "../protocol/schema.ts";
import { DEFAULT_TIMEOUT_TEXT, OPERATIONS } from "./timeouts.ts";

const argument = (is: "required" | "optional", description: string, type: "string" | "bool" = "string") =>
  ({ type, is, description }) satisfies AttributeSchema;

const fact = (description: string, type: AttributeSchema["type"] = "string") =>
  ({ type, is: "computed", description }) satisfies AttributeSchema;

const ARGUMENTS = {
  secret_id: argument(
    "required",
    "ARN or name of the Secrets Manager secret that holds the key. Its keyturn: tags must declare the same key as the arguments here. Another secret replaces the key.",
  ),
  name: argument("required", "Name of the managed key: 1 to 40 of a-z, 0-9 and -. Changed in place."),
  vendor: argument("required", "The service's vendor connection that mints the key. Another one replaces the key."),
  role: argument(
    "optional",
    "What the key may do, at vendors whose keys have a role. Changed without downtime. Either role or type.",
  ),
  type: argument(
    "optional",
    "What the key may do, at vendors whose keys have a type. Changed without downtime. Either role or type.",
  ),
  adopt_key_id: argument(
    "optional",
    "The vendor's id of a key that people made by hand and that the secret already holds: it is taken over instead of minting one.",
  ),
  force_destroy: argument(
    "optional",
    "Destroy the key even when the vendor saw it in use of late. Default: false.",
    "bool",
  ),
};

/** What the service says of the key. All but the ARN change when a new generation is made. */
const FACTS = {
  secret_arn: fact("ARN of the secret."),
  key_id: fact("The vendor's id of the current generation."),
  key_prefix: fact("What the vendor shows of the current generation's value."),
  status: fact("current, rotating, missing, or revoked. The latter two are healed by the next apply."),
  version_id: fact("The secret's version that holds the current generation."),
  created_at: fact("When the vendor made the current generation (ISO 8601)."),
  last_used_at: fact("When the vendor last saw it used (ISO 8601). Null: never, or the vendor does not say."),
  next_rotation_at: fact("When it will be rotated (ISO 8601)."),
  live_generations: fact("How many generations the vendor takes now, the current one included.", "number"),
  debt: fact("Ids of keys that should be revoked and whose revocation the vendor has not confirmed.", [
    "list",
    "string",
  ]),
};

/** A managed key's facts that a change makes anew. */
export const CHANGING_FACTS = Object.keys(FACTS).filter((name) => name !== "secret_arn");
export const ALL_FACTS = Object.keys(FACTS);

export const KEY_SCHEMA: ObjectSchema = {
  version: 1,
  description: "An API key of a vendor that Keyturn mints, stores, rotates and revokes. Its value never leaves AWS.",
  attributes: { ...ARGUMENTS, ...FACTS },
  blocks: {
    timeouts: {
      description: "How long an operation may take, such as 30m or 1h30m.",
      attributes: Object.fromEntries(
        OPERATIONS.map((name) => [
          name,
          argument("optional", `How long to wait for a ${name}. Default: ${DEFAULT_TIMEOUT_TEXT}.`),
        ]),
      ),
    },
  },
};
