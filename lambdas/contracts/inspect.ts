import * as z from "zod/mini";
import { keyFacts } from "./key-facts.ts";

const text = z.string().check(z.minLength(1));
const protocol = z.int().check(z.minimum(0));
const count = z.int().check(z.minimum(0));

/** What `inspect` is asked. It changes nothing. */
export const inspectEvent = z.discriminatedUnion("action", [
  /** Every managed key of the service, by one listing per vendor organization. */
  z.object({ protocol, action: z.literal("list") }),
  /** One managed key, by the ARN or name of its secret. */
  z.object({ protocol, action: z.literal("describe"), secretId: text }),
  /** Every key of a connection's vendor organization, whosever it is. */
  z.object({ protocol, action: z.literal("vendorKeys"), connection: text }),
]);
export type InspectRequest = z.output<typeof inspectEvent>;

/** The answer to `list` and `describe`. A secret that is gone, or is no managed key of the service, is not in it. */
export const keysAnswer = z.object({ protocol, keys: z.array(keyFacts) });

/**
 * Whose a vendor's key is. managed: a generation of a managed key. stray: by its name it is of this service, and no generation
 * has it. unmanaged: anybody else's.
 */
export const KEY_OWNERS = ["managed", "stray", "unmanaged"] as const;

export const vendorKeyFacts = z.object({
  keyId: text,
  name: z.string(),
  owner: z.enum(KEY_OWNERS),
  /** The managed key's secret. */
  secretName: z.optional(text),
  createdAt: z.optional(text),
  /** Not there: never, or the vendor does not say. */
  lastUsedAt: z.optional(text),
});
export type VendorKeyFacts = z.output<typeof vendorKeyFacts>;

/** The answer to `vendorKeys`: the active keys. */
export const vendorKeysAnswer = z.object({
  protocol,
  keys: z.array(vendorKeyFacts),
  /** How many more the vendor's plan allows; not there where it has no limit. */
  slotsLeft: z.optional(count),
});
