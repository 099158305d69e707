import { accessOf, accessText } from "../contracts/access.ts";
import { type Declaration, declarationOf } from "../contracts/declaration.ts";
import type { ExpectedKey, KeyCommand } from "../contracts/manage.ts";
import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { type ManagedKey, managedKeyOf } from "../rotation/rotation.ts";
import type { SecretFacts } from "../secrets.ts";

/**
 * Secrets Manager may show a secret, or its tags, a moment after they were written, and Terraform asks right after it wrote
 * them. What still differs then is no delay but a mistake, which nobody should wait longer for.
 */
const TAGS_SETTLE_MS = 10_000;
const PAUSE_MS = 2_000;

const accessWords = (fields: { role?: string | undefined; type?: string | undefined }): string => {
  const access = accessOf(fields);
  return access ? accessText(access) : "neither role nor type";
};

/** What of a declaration is not as expected, in words; empty: nothing. */
export const differencesFrom = (declaration: Declaration, expected: ExpectedKey): readonly string[] => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["name", declaration.name, expected.name],
    ["vendor connection", declaration.connection, expected.connection],
    ["access", accessText(declaration.access), accessWords(expected)],
  ];
  return rows
    .filter(([, tagged, asked]) => tagged !== asked)
    .map(([what, tagged, asked]) => `${what}: the tags say ${tagged}, the caller ${asked}`);
};

const checkExpected = (secret: SecretFacts, expected: ExpectedKey): void => {
  const differences = differencesFrom(declarationOf(secret.tags, secret.name), expected);
  if (differences.length === 0) return;
  throw new KeyturnError(
    "NOT_AS_DECLARED",
    `what is asked for ${secret.name} is not what its keyturn: tags declare (${differences.join("; ")}), so nothing was done; give both the same values, the tags first`,
  );
};

const MAY_SETTLE: ReadonlySet<unknown> = new Set(["NOT_MANAGED", "NOT_AS_DECLARED"]);

const isPatient = (error: unknown, expected: ExpectedKey | undefined): boolean =>
  expected !== undefined && error instanceof KeyturnError && MAY_SETTLE.has(error.code);

/**
 * Describes the secret of a command, and makes sure that its tags declare what the caller expects.
 * @throws KeyturnError NOT_MANAGED, NOT_AS_DECLARED, NOT_GRANTED, BAD_INPUT
 */
export const openAsExpected = async (
  invocation: Invocation,
  { secretId, expected }: Pick<KeyCommand, "secretId" | "expected">,
): Promise<ManagedKey> => {
  const { clock, secrets } = invocation;
  for (const endMs = clock.now() + TAGS_SETTLE_MS; ; await clock.sleep(PAUSE_MS)) {
    try {
      const secret = await secrets.describe(secretId);
      if (!secret) throw new KeyturnError("NOT_MANAGED", `there is no secret ${secretId}`);
      if (expected) checkExpected(secret, expected);
      return managedKeyOf(invocation, secret);
    } catch (error) {
      if (!isPatient(error, expected) || clock.now() >= endMs) throw error;
    }
  }
};
