import type { Access } from "./contracts/access.ts";
import { isMintedElsewhere, serviceId } from "./contracts/key-name.ts";
import { secretNameParts } from "./contracts/secret-name.ts";
import { type SecretValue, secretValueOf } from "./contracts/secret-value.ts";
import { KeyturnError } from "./errors.ts";
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
type Named = Pick<SecretFacts, "arn" | "name">;

/**
 * That a secret is a copy of another region's or account's, where a value says so: one that was minted for this version there.
 * @throws KeyturnError NOT_MANAGED
 */
export const checkHome = (
  { arn, name }: Named,
  versionId: string,
  { name: keyName }: Pick<SecretValue, "name">,
): void => {
  const service = secretNameParts(name)?.service;
  if (service === undefined || !isMintedElsewhere(keyName, versionId, serviceId(service, arn))) return;
  throw new KeyturnError(
    "NOT_MANAGED",
    `the secret ${name} is a copy of another region's or account's, such as a replica that was promoted: its key ${keyName} was minted there, so that nothing is done here. Ask there, or delete this copy and declare a key of its own`,
  );
};

/** Reads a version, whosever its key is. A value that is not one of ours is logged by its form, never by its content. */
export const readHeld = async (
  { secrets, log }: Reading,
  { arn, name }: Named,
  versionId: string,
): Promise<SecretValue | "no value" | "not ours"> => {
  const text = await secrets.value(arn, versionId);
  if (text === undefined) return "no value";
  try {
    return secretValueOf(text, `version ${versionId} of ${name}`);
  } catch (error) {
    log.failure("value.not-ours", error, { secretName: name, versionId });
    return "not ours";
  }
};

/** Reads the generation that a version holds. What was minted elsewhere is not ours: nothing is concluded from it, or revoked. */
export const readGeneration = async (
  reading: Reading,
  secret: Named,
  versionId: string,
): Promise<SecretValue | "no value" | "not ours"> => {
  const held = await readHeld(reading, secret, versionId);
  if (typeof held === "string") return held;
  try {
    checkHome(secret, versionId, held);
    return held;
  } catch (error) {
    reading.log.failure("value.not-ours", error, { secretName: secret.name, versionId });
    return "not ours";
  }
};

/** Reads which key a version holds, without its value. */
export const readStored = async (
  reading: Reading,
  secret: Named,
  versionId: string,
): Promise<Exclude<Stored, "not read">> => {
  const found = await readGeneration(reading, secret, versionId);
  if (typeof found === "string") return found;
  const { apiKey: _, ...stored } = found;
  return stored;
};
