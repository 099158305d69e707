import { CURRENT, versionWith } from "../contracts/labels.ts";
import type { SecretValue } from "../contracts/secret-value.ts";
import { type Control, controlBy } from "../evidence/refusal.ts";
import { type ManagedKey, storedGeneration } from "./rotation.ts";

/** The current generation, where it was minted at the key's connection and is not the one in doubt. */
const knownBeside = async (key: ManagedKey, doubted: Pick<SecretValue, "keyId">): Promise<SecretValue | undefined> => {
  const current = versionWith(key.secret.stages, CURRENT);
  const stored = current === undefined ? undefined : await storedGeneration(key, current);
  return stored?.vendor === key.vendor.vendor.name && stored.keyId !== doubted.keyId ? stored : undefined;
};

/** A control call for a refusal of one of a managed key's generations: with its current one, or with the admin key. */
export const controlOf =
  (key: ManagedKey, doubted: Pick<SecretValue, "keyId">): Control =>
  async () =>
    controlBy(key.vendor, (await knownBeside(key, doubted))?.apiKey)();
