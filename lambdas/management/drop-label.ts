import type { Invocation } from "../invocation.ts";
import { hasLabel } from "../secrets.ts";

/** Takes a label off a version; that it is off already, by a twin, is a success. */
export const dropLabel = async (
  { secrets }: Pick<Invocation, "secrets">,
  secretId: string,
  versionId: string,
  label: string,
): Promise<void> => {
  try {
    await secrets.removeLabel(secretId, versionId, label);
  } catch (error) {
    const fresh = await secrets.describe(secretId);
    if (fresh && hasLabel(fresh, versionId, label)) throw error;
  }
};
