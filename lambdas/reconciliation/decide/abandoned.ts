import { timeText } from "../../clock.ts";
import { CURRENT, deniedSinceMs, marks, PENDING, versionWith } from "../../contracts/labels.ts";
import { isInUse } from "../../rotation/in-use.ts";
import { match } from "../observe/matching.ts";
import { twinsAreDead, type Version, versionsOf } from "../observe/version.ts";
import { whereabouts } from "../observe/whereabouts.ts";
import type { Rotate } from "./action.ts";
import { askUntilConfirmed } from "./asking.ts";
import { doing, type Finding, keeps, NOTHING, reportLostVendor, revokes, unlabelled } from "./finding.ts";
import { holdersOf } from "./holders.ts";

const givenUpAtMs = ({ labels }: Version): number => marks("abandoned", labels)[0]?.atMs ?? 0;

/**
 * Whether a newer generation has become current since: then the rotation that is to follow has been. Its birth is told by the
 * vendor's clock, which may be behind.
 */
const isFollowed = (version: Version): boolean => {
  const { pass, key } = version;
  const skewMs = pass.grants.connections[key.declaration.connection]?.skew ?? 0;
  const currentId = versionWith(key.secret.stages, CURRENT);
  const current = versionsOf(pass, key).find(({ versionId }) => versionId === currentId);
  if (!current) return false;
  const where = whereabouts(current);
  const stored = key.stored.get(current.versionId);
  const bornMs =
    (where.kind === "live" ? where.key.createdAtMs : undefined) ??
    (typeof stored === "object" ? stored.issuedAtMs : undefined);
  return bornMs !== undefined && bornMs >= givenUpAtMs(version) - skewMs;
};

/**
 * The next rotation follows, unless it has been already, or there is no current generation: then it is `ensure` that mints. Nor
 * does it where the current value is somebody's own: who put it may have ended the last rotation by that, and says when the next one is;
 * or where Secrets Manager refuses to store a value.
 */
const followUp = (version: Version): Rotate | undefined => {
  const { key, versionId, labels } = version;
  const { secret } = key;
  const currentVersionId = versionWith(secret.stages, CURRENT);
  const label = marks("abandoned", labels)[0]?.label;
  const isPossible =
    secret.rotationEnabled && secret.deletedAtMs === undefined && deniedSinceMs(secret.stages) === undefined;
  if (!isPossible || currentVersionId === undefined || key.stored.get(currentVersionId) === "not ours")
    return undefined;
  if (isFollowed(version) || label === undefined) return undefined;
  const clear = [{ versionId, label }];
  const reasons = ["the last rotation was given up"];
  return { kind: "rotate", secretId: secret.arn, reasons, urgent: false, currentVersionId, clear };
};

/** A key was minted for the version and its value lost: it takes a slot until it is revoked, and nobody can use it. */
const lostKeys = (version: Version): Finding | undefined => {
  const { pass, key, versionId } = version;
  const { others } = match(pass.observation, key, versionId);
  const found = others
    .filter((other) => !isInUse(other) && holdersOf(pass.observation, key, other.id).length === 0)
    .flatMap((other) => {
      const place = [...pass.observation.vendors].find(([, { listing }]) => listing.keys.includes(other));
      if (!place) return [];
      const live = { connection: place[0], key: other };
      return [revokes(version, live, "abandoned", "its value was lost", { followUp: followUp(version) })];
    });
  if (found.length === 0) return undefined;
  return { actions: found.flatMap(({ actions }) => actions), lives: found.flatMap(({ lives }) => lives) };
};

/** No listing shows a key of a version that holds nothing to be read: two whole ones have to, before its mark goes. */
const confirmNothingLeft = (version: Version): Finding => {
  const { pass, key, versionId, labels } = version;
  const { connection } = key.declaration;
  if (!pass.observation.vendors.has(connection) || key.secret.deletedAtMs !== undefined) return NOTHING;
  const gone = marks("abandoned", labels).map(({ label }) => label);
  const next = followUp(version);
  return doing([{ kind: "confirm", secretId: key.secret.arn, versionId, connection, labels: gone, followUp: next }]);
};

/** AWSPENDING is still on a version that was marked as given up: whoever marked it died before the second step. */
export const finishGivingUp = (version: Version): Finding => {
  const actions = unlabelled(version, [PENDING]);
  const where = whereabouts(version);
  if (where.kind !== "live") return doing(actions);
  return { ...keeps(version, where, { state: "given-up", reason: "its rotation is being given up" }), actions };
};

/**
 * After a generation was given up, its key goes first, which may free the slot that the next rotation needs; but not
 * before every run is dead that may have begun before, and may be promoting it. Where the vendor's revocation takes longer
 * than a rotation may be under way, such as by hand, the next rotation does not wait for it.
 */
export const decideAbandoned = (version: Version): Finding => {
  const { pass } = version;
  const atMs = givenUpAtMs(version);
  const where = whereabouts(version);
  if (where.kind === "lost") return reportLostVendor(version, where.vendor);
  if (!twinsAreDead(version, atMs)) {
    const untilMs = atMs + pass.grants.mintTimeout;
    const reason = `it was given up at ${timeText(atMs)}, and a run that began before may be at it until ${timeText(untilMs)}`;
    return where.kind === "live" ? keeps(version, where, { state: "given-up", reason, untilMs }) : NOTHING;
  }
  if (where.kind === "unknown") return NOTHING;
  if (where.kind === "empty") return lostKeys(version) ?? confirmNothingLeft(version);
  const reason = `it was given up at ${timeText(atMs)}`;
  const decided = { ground: "abandoned", reason, sinceMs: atMs, freeMs: atMs } as const;
  const revoking = askUntilConfirmed(version, where, decided, { followUp: followUp(version) });
  const isLong = pass.observation.nowMs >= atMs + pass.grants.stuckAge && !isFollowed(version);
  const mayFollow = isLong && deniedSinceMs(version.key.secret.stages) === undefined;
  return mayFollow ? { ...revoking, rotate: { reason: "the last rotation was given up long ago" } } : revoking;
};
