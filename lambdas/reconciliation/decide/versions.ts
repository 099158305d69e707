import {
  CURRENT,
  isArriving,
  isCompromised,
  isDestroyed,
  isNote,
  isOnlyAbandoned,
  isRetiring,
  isRevoking,
  marks,
  PENDING,
  wasCurrent,
} from "../../contracts/labels.ts";
import type { Version } from "../observe/version.ts";
import { whereabouts } from "../observe/whereabouts.ts";
import { decideAbandoned } from "./abandoned.ts";
import type { Action } from "./action.ts";
import { callingForCompromised, decideCompromised, decideCompromisedFirst, replacementOf } from "./compromised.ts";
import { decideCurrent } from "./current.ts";
import { decideDestroyed } from "./destroyed.ts";
import { doing, type Finding, keeps, NOTHING, unlabelled } from "./finding.ts";
import { isKeeper, speakersFor } from "./holders.ts";
import { decideDenied } from "./in-vain.ts";
import { decidePending } from "./pending.ts";
import { decideRetiring, decideRevoking, decideSuperseded } from "./retiring.ts";

const withWish = (finding: Finding, rotate: Finding["rotate"]): Finding => (rotate ? { ...finding, rotate } : finding);

/**
 * A key that another version of the secret speaks for. Where that one keeps it, this one is marked in vain; else it waits
 * for the other. The mark that it is compromised stays: it is about the key.
 */
const decideShared = (version: Version): Finding | undefined => {
  const { pass, key, labels } = version;
  const where = whereabouts(version);
  const speakers = "key" in where ? speakersFor(pass.observation, key, version, where.key.id) : [];
  if (speakers.length === 0) return undefined;
  const vain = (["retiring", "revoking", "abandoned"] as const)
    .flatMap((mark) => marks(mark, labels))
    .map(({ label }) => label);
  return doing(speakers.some(isKeeper) ? unlabelled(version, vain) : []);
};

/** What was replaced and is neither current nor on its way. */
const decideReplaced = (version: Version): Finding => {
  const { labels } = version;
  const shared = decideShared(version);
  if (shared) return shared;
  if (isCompromised(labels)) return decideCompromised(version);
  if (isOnlyAbandoned(labels)) return decideAbandoned(version);
  if (isRevoking(labels)) return decideRevoking(version);
  return isRetiring(labels) ? decideRetiring(version) : decideSuperseded(version);
};

/** Nothing of a secret that is marked for deletion can be changed; its keys live until it is gone. */
const awaitDeletion = (version: Version): Finding => {
  const where = whereabouts(version);
  if (where.kind !== "live") return NOTHING;
  return keeps(version, where, { state: "deletion", reason: "its secret is marked for deletion, and may be restored" });
};

/** A key that people made is being taken over: whoever does it takes the label off, or repeats it. */
const awaitAdoption = (version: Version): Finding => {
  const where = whereabouts(version);
  return where.kind === "live" ? keeps(version, where, { state: "pending", reason: "it is being adopted" }) : NOTHING;
};

/** Notes of mints mean something on the version that is current, or on its way to be. */
const staleNotes = (version: Version): readonly Action[] => {
  const { labels } = version;
  if (labels.includes(CURRENT) || isArriving(labels)) return [];
  const stale = (["in-vain", "listed-otherwise"] as const).flatMap((mark) => marks(mark, labels));
  return unlabelled(
    version,
    stale.map(({ label }) => label),
  );
};

/** The first duty that a version belongs to decides. */
const decideByDuty = (version: Version): Finding => {
  const { key, labels } = version;
  if (labels.every(isNote)) return marks("denied", labels).length > 0 ? decideDenied(version) : NOTHING;
  if (isDestroyed(key.secret.stages)) return decideDestroyed(version);
  if (marks("compromised-first", labels).length > 0)
    return withWish(decideCompromisedFirst(version), labels.includes(CURRENT) ? replacementOf(version) : undefined);
  const isLeaving = isRetiring(labels) || isRevoking(labels) || isCompromised(labels);
  if (key.secret.deletedAtMs !== undefined && (labels.includes(CURRENT) || !isLeaving)) return awaitDeletion(version);
  if (labels.includes(CURRENT)) {
    const found = decideCurrent(version);
    return withWish(found, replacementOf(version) ?? found.rotate);
  }
  if (!labels.includes(PENDING)) return isArriving(labels) ? awaitAdoption(version) : decideReplaced(version);
  if (!wasCurrent(labels)) return decidePending(version);
  const found = decideReplaced({ ...version, labels: labels.filter((label) => label !== PENDING) });
  return { ...found, actions: [...unlabelled(version, [PENDING]), ...found.actions] };
};

/** A key that its vendor lists as revoked, and that was not seen to work, does not live. */
const withoutDead = (version: Version, finding: Finding): Finding => {
  const where = whereabouts(version);
  return where.kind === "revoked" && where.standing !== "works" ? { ...finding, lives: [] } : finding;
};

/** What is to be done about one labelled version, and why its key lives. */
export const decideVersion = (version: Version): Finding => {
  const found = callingForCompromised(version, withoutDead(version, decideByDuty(version)));
  return { ...found, actions: [...staleNotes(version), ...found.actions] };
};
