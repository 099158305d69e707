import type { SecretValue } from "../contracts/secret-value.ts";
import { mintedAt } from "../evidence/listing.ts";
import type { ManagedKey } from "./rotation.ts";

/**
 * Whether a generation that the declared connection does not list is of another one to its vendor: then nothing follows from its absence.
 * Its value says so; for one from before values did, the other one's list does.
 * @throws VendorError
 */
export const isElsewhere = async (
  { invocation, declaration, connection }: ManagedKey,
  stored: Pick<SecretValue, "connection" | "keyId">,
): Promise<boolean> => {
  const { grants, vendors } = invocation;
  const others = Object.entries(grants.connections).filter(
    ([name, { vendor }]) => name !== declaration.connection && vendor === connection.vendor,
  );
  const known = mintedAt(stored, grants.connections);
  if (known !== undefined) return others.some(([name]) => name === known);
  for (const [, other] of others)
    if ((await vendors(other).list()).keys.some(({ id }) => id === stored.keyId)) return true;
  return false;
};
