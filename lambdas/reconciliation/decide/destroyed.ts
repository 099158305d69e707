import { marks } from "../../contracts/labels.ts";
import type { Version } from "../observe/version.ts";
import { whereabouts } from "../observe/whereabouts.ts";
import { askUntilConfirmed, isTimeToAsk } from "./asking.ts";
import { type Finding, keeps, NOTHING } from "./finding.ts";
import { otherKeeper } from "./holders.ts";

/** How long keys of a destroyed secret that no listing shows as active are looked at: most such secrets are deleted at once. */
const LOOKED_AT_MS = 24 * 3_600_000;

const destroyedAtMs = ({ key }: Version): number =>
  Math.max(...Object.values(key.secret.stages).flatMap((labels) => marks("destroyed", labels).map(({ atMs }) => atMs)));

/** Every generation of a destroyed key goes: nothing is minted for it any more. */
export const decideDestroyed = (version: Version): Finding => {
  const where = whereabouts(version);
  if (!("key" in where)) return NOTHING;
  const other = otherKeeper(version.pass.observation, version.key, where.key.id);
  if (other)
    return keeps(version, where, {
      state: "held",
      reason: `${other.secret.name} holds the same key, and is not destroyed`,
    });
  const atMs = destroyedAtMs(version);
  const isLong = version.pass.observation.nowMs >= atMs + LOOKED_AT_MS;
  if (where.kind !== "live" && (isLong || !isTimeToAsk(version, atMs, atMs))) return NOTHING;
  const reason = "its managed key was destroyed";
  return askUntilConfirmed(version, where, { ground: "destroyed", reason, sinceMs: atMs, freeMs: atMs });
};
