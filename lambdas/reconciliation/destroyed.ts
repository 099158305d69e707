import { type Finding, keeps, NOTHING, revokes } from "./finding.ts";
import { otherKeeper } from "./holders.ts";
import type { Version } from "./version.ts";
import { whereabouts } from "./whereabouts.ts";

/** Every generation of a destroyed key goes: nothing is minted for it any more. */
export const decideDestroyed = (version: Version): Finding => {
  const where = whereabouts(version);
  if (where.kind !== "live") return NOTHING;
  const other = otherKeeper(version.pass.observation, version.key, where.key.id);
  if (other)
    return keeps(version, where, {
      state: "held",
      reason: `${other.secret.name} holds the same key, and is not destroyed`,
    });
  return revokes(version, where, "destroyed", "its managed key was destroyed");
};
