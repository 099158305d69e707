import type { Access } from "./contracts/access.ts";
import { type SecretValue, secretValueOf } from "./contracts/secret-value.ts";
import type { Invocation } from "./invocation.ts";
import type { SecretFacts } from "./secrets.ts";

/** The key that a version holds. */
export interface StoredKey {
  readonly keyId: string;
  /** What it could do when it was issued. */
  readonly access?: Access;
  /** The vendor whose key it is: not always the one that is declared now. */
  readonly vendor?: string;
  /** The vendor connection that it was minted at, and the organization; unknown of a value from before these were said. */
  readonly connection?: string;
  readonly organizationId?: string;
  /** What it was called at its vendor when it was issued, or taken over. */
  readonly name?: string;
  readonly issuedAtMs?: number;
}

/** What a version holds, as far as it was read: its key, or why there is none. */
export type Stored = StoredKey | "no value" | "not ours" | "not read";

type Reading = Pick<Invocation, "secrets" | "log">;

/** Reads the generation that a version holds. A value that is not one of ours is logged by its form, never by its content. */
export const readGeneration = async (
  { secrets, log }: Reading,
  secret: Pick<SecretFacts, "arn" | "name">,
  versionId: string,
): Promise<SecretValue | "no value" | "not ours"> => {
  const text = await secrets.value(secret.arn, versionId);
  if (text === undefined) return "no value";
  try {
    return secretValueOf(text, `version ${versionId} of ${secret.name}`);
  } catch (error) {
    log.failure("value.not-ours", error, { secretName: secret.name, versionId });
    return "not ours";
  }
};

/** Reads which key a version holds, without its value. */
export const readStored = async (
  reading: Reading,
  secret: Pick<SecretFacts, "arn" | "name">,
  versionId: string,
): Promise<Exclude<Stored, "not read">> => {
  const found = await readGeneration(reading, secret, versionId);
  if (typeof found === "string") return found;
  const { apiKey: _, ...stored } = found;
  return stored;
};
