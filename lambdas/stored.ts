import type { Access } from "./contracts/access.ts";
import { secretValueOf } from "./contracts/secret-value.ts";
import type { Invocation } from "./invocation.ts";
import type { SecretFacts } from "./secrets.ts";

/** The key that a version holds. */
export interface StoredKey {
  readonly keyId: string;
  /** What it could do when it was issued. */
  readonly access?: Access;
  /** The vendor whose key it is: not always the one that is declared now. */
  readonly vendor?: string;
  /** What it was called at its vendor when it was issued, or taken over. */
  readonly name?: string;
  readonly issuedAtMs?: number;
}

/** What a version holds, as far as it was read: its key, or why there is none. */
export type Stored = StoredKey | "no value" | "not ours" | "not read";

/** Reads which key a version holds. A value that is not one of ours is logged by its form, never by its content. */
export const readStored = async (
  { secrets, log }: Pick<Invocation, "secrets" | "log">,
  secret: SecretFacts,
  versionId: string,
): Promise<Exclude<Stored, "not read">> => {
  const text = await secrets.value(secret.arn, versionId);
  if (text === undefined) return "no value";
  try {
    const { apiKey: _, ...stored } = secretValueOf(text, `version ${versionId} of ${secret.name}`);
    return stored;
  } catch (error) {
    log.failure("value.not-ours", error, { secretName: secret.name, versionId });
    return "not ours";
  }
};
