import { KeyturnError } from "../errors.ts";
import { type Rotation, storedGeneration } from "./rotation.ts";

/**
 * Nothing is to be set at a vendor: the key was valid from its minting.
 * @throws KeyturnError NO_VALUE for a version without a value
 */
export const setSecret = async (rotation: Rotation): Promise<void> => {
  if (await storedGeneration(rotation, rotation.token)) return;
  throw new KeyturnError(
    "NO_VALUE",
    `version ${rotation.token} of ${rotation.secret.name} has no value; createSecret comes first`,
  );
};
