import { secretValueOf } from "./contracts/secret-value.ts";
import type { Invocation } from "./invocation.ts";
import type { SecretFacts } from "./secrets.ts";

/** What a version holds, as far as it was read: the id of its key, or why there is none. */
export type Stored = { readonly keyId: string } | "no value" | "not ours" | "not read";

/** Reads which key a version holds. A value that is not one of ours is logged by its form, never by its content. */
export const readStored = async (
  { secrets, log }: Pick<Invocation, "secrets" | "log">,
  secret: SecretFacts,
  versionId: string,
): Promise<Exclude<Stored, "not read">> => {
  const text = await secrets.value(secret.arn, versionId);
  if (text === undefined) return "no value";
  try {
    return { keyId: secretValueOf(text, `version ${versionId} of ${secret.name}`).keyId };
  } catch (error) {
    log.failure("value.not-ours", error, { secretName: secret.name, versionId });
    return "not ours";
  }
};
