import type { PlannedKey } from "./stage.ts";

export const KEY_TYPE = "keyturn_api_key";

/** What people declare of a key and may change. */
const DECLARED = ["name", "role", "type"] as const;

type Attributes = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (value == null ? "none" : String(value));

/**
 * What becomes different of a key. What is declared says all there is to say of a change; a key that stays as declared is
 * changed because of how it stands.
 * @param after without what is known only after the apply
 */
export const changesOfKey = (before: Attributes, after: Attributes): Pick<PlannedKey, "name" | "changes"> => {
  const declared = DECLARED.filter((name) => text(before[name]) !== text(after[name])).map(
    (name) => `${name}: ${text(before[name])} → ${text(after[name])}`,
  );
  const changes = declared.length > 0 ? declared : [`status: ${text(before.status)} → known after the apply`];
  return { name: text(before.name ?? after.name), changes };
};
