import type { VendorKeyFacts } from "../lambdas/contracts/inspect.ts";
import { NAME_FORM } from "../lambdas/contracts/key-name.ts";
import type { Client } from "./client.ts";
import { errorProblem, ProblemError } from "./protocol/problem.ts";
import type { DataSource } from "./protocol/provider.ts";
import { serviceProblem } from "./service/problems.ts";
import { type ObjectValue, textOf } from "./wire/value.ts";

const DAY_MS = 24 * 3_600_000;

const KEY_TYPE = {
  key_id: "string",
  name: "string",
  owner: "string",
  secret_name: "string",
  created_at: "string",
  age_days: "number",
  last_used_at: "string",
} as const;

const ageDays = (createdAt: string | undefined, nowMs: number): number | null => {
  const createdMs = createdAt === undefined ? Number.NaN : Date.parse(createdAt);
  return Number.isNaN(createdMs) ? null : Math.max(0, Math.floor((nowMs - createdMs) / DAY_MS));
};

const keyValue = (key: VendorKeyFacts, nowMs: number): ObjectValue => ({
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
    description:
      "The keys of a vendor organization: those that Keyturn manages, strays of the service, and all others.",
    attributes: {
      vendor: { type: "string", is: "required", description: "The service's vendor connection." },
      keys: {
        type: ["list", ["object", KEY_TYPE]],
        is: "computed",
        description:
          "The active keys by id. owner: managed, stray (named as the service's, and no generation of any key) or unmanaged.",
      },
      slots_left: {
        type: "number",
        is: "computed",
        description: "How many more the plan allows. Null: no known limit.",
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
