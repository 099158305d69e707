import type { VendorKeyFacts } from "../lambdas/contracts/inspect.ts";
import { NAME_FORM } from "../lambdas/contracts/key-name.ts";
import type { Client } from "./client.ts";
import { errorProblem, ProblemError } from "./protocol/problem.ts";
import type { DataSource } from "./protocol/provider.ts";
import { serviceProblem } from "./service/problems.ts";
import { type ObjectValue, textOf, type Value } from "./wire/value.ts";

const DAY_MS = 24 * 3_600_000;

/** What is told of each key: its type and what it is. */
const KEY_FIELDS = {
  key_id: ["string", "The vendor's id of the key."],
  name: ["string", "What the key is called at the vendor."],
  owner: [
    "string",
    "Whose it is. `managed`: a generation of a key that the service manages. `stray`: named as the service names its keys, and no generation of any. `unmanaged`: anybody else's.",
  ],
  secret_name: ["string", "The secret that holds it, of a managed key. Null: it is not managed."],
  created_at: ["string", "When the vendor made it (ISO 8601). Null: the vendor does not say."],
  age_days: ["number", "Whole days since the vendor made it. Null: the vendor does not say."],
  last_used_at: ["string", "When the vendor last saw it used (ISO 8601). Null: never, or the vendor does not say."],
} as const;

type Field = keyof typeof KEY_FIELDS;

const eachField = <T>(pick: (field: (typeof KEY_FIELDS)[Field]) => T) =>
  Object.fromEntries(Object.entries(KEY_FIELDS).map(([name, field]) => [name, pick(field)]));

const ageDays = (createdAt: string | undefined, nowMs: number): number | null => {
  const createdMs = createdAt === undefined ? Number.NaN : Date.parse(createdAt);
  return Number.isNaN(createdMs) ? null : Math.max(0, Math.floor((nowMs - createdMs) / DAY_MS));
};

const keyValue = (key: VendorKeyFacts, nowMs: number): ObjectValue & Record<Field, Value> => ({
  key_id: key.keyId,
  name: key.name,
  owner: key.owner,
  secret_name: key.secretName ?? null,
  created_at: key.createdAt ?? null,
  age_days: ageDays(key.createdAt, nowMs),
  last_used_at: key.lastUsedAt ?? null,
});

/** The data source `keyturn_api_keys`: every key of a vendor organization, whosever it is. */
export const vendorKeys: DataSource<Client> = {
  schema: {
    version: 0,
    description: "The active keys of a vendor organization, with their owner, age and last use, and the slots left.",
    attributes: {
      vendor: {
        type: "string",
        is: "required",
        description: "The service's vendor connection, whose organization is listed.",
      },
      keys: {
        type: ["list", ["object", eachField(([type]) => type)]],
        is: "computed",
        description: "The organization's active keys, by id, whosever they are.",
        fields: eachField(([, description]) => description),
      },
      slots_left: {
        type: "number",
        is: "computed",
        description: "How many more keys the vendor's plan allows. Null: no known limit.",
      },
    },
  },
  validate({ vendor }) {
    const text = textOf(vendor);
    if (text === undefined || NAME_FORM.test(text)) return [];
    return [
      errorProblem("Invalid vendor", `It must name a vendor connection; it is ${JSON.stringify(text)}.`, "vendor"),
    ];
  },
  async read({ service, stopped, clock }, config) {
    try {
      const { keys, slotsLeft } = await service.vendorKeys(textOf(config.vendor) ?? "", stopped);
      const sorted = [...keys].sort((a, b) => (a.keyId < b.keyId ? -1 : 1));
      return { ...config, keys: sorted.map((key) => keyValue(key, clock.now())), slots_left: slotsLeft ?? null };
    } catch (error) {
      throw new ProblemError(serviceProblem(error), { cause: error });
    }
  },
};
