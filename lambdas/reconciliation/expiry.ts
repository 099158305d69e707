import { timeText } from "../clock.ts";
import { METRICS } from "../contracts/metrics.ts";
import { doing, type Finding, type Live, NOTHING } from "./finding.ts";
import type { Version } from "./version.ts";

const DAY_MS = 24 * 3_600_000;

/** How long before its end a key is replaced: a rotation may have to be tried again, and the overlap is to be over twice. */
const leadMs = ({ key: { declaration } }: Version): number => 7 * DAY_MS + 2 * declaration.overlapMs;

/**
 * A current key that ends by itself is told each time it is looked at, and replaced well before. Where its vendor gives every key so short
 * a life that the next one would be in the same place, a rotation would not help.
 */
export const decideExpiry = (version: Version, { key: listed, connection }: Live): Finding => {
  const { expiresAtMs, createdAtMs, id: keyId } = listed;
  if (expiresAtMs === undefined) return NOTHING;
  const { key, versionId, pass } = version;
  const isKnown = typeof expiresAtMs === "number";
  const expires = isKnown ? timeText(expiresAtMs) : expiresAtMs;
  const facts = { secretName: key.secret.name, versionId, keyId, connection, expires };
  const told = doing([
    { kind: "report", secretId: key.secret.arn, action: "key.expires", facts, metric: METRICS.keyExpires },
  ]);
  const isNear = isKnown && pass.observation.nowMs >= expiresAtMs - leadMs(version);
  const wouldHelp = isKnown && (createdAtMs === undefined || createdAtMs < expiresAtMs - leadMs(version));
  const isYoungerThanPass = createdAtMs !== undefined && pass.observation.nowMs < createdAtMs + DAY_MS;
  if (!isNear || (!wouldHelp && isYoungerThanPass)) return told;
  return { ...told, rotate: { reason: `the current key ends by itself at ${expires}`, urgent: true } };
};
