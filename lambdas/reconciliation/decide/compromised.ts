import { timeText } from "../../clock.ts";
import { CURRENT, isArriving, isCompromised, marks, ownMarks, PENDING, versionWith } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { adoptionOf } from "../observe/observation.ts";
import { twinsAreDead, type Version } from "../observe/version.ts";
import { type Whereabouts, whereabouts } from "../observe/whereabouts.ts";
import type { Action, Ground } from "./action.ts";
import { askUntilConfirmed } from "./asking.ts";
import { doing, type Finding, keeps, type Life, NOTHING, reportLostVendor, unlabelled, type Wish } from "./finding.ts";
import { holdersOf, otherKeeper } from "./holders.ts";
import { successorsDeath } from "./successor.ts";

type Found = Extract<Whereabouts, { kind: "live" | "revoked" | "unlisted" }>;

/** Why a compromised generation has to wait in spite of all: a key that nothing replaces would be an outage. */
const reasonToWait = (version: Version, keyId: string): string | undefined => {
  const { key, labels, pass } = version;
  const adoption = adoptionOf(key);
  const givenUp = marks("abandoned", labels)[0];
  if (versionWith(key.secret.stages, CURRENT) === undefined)
    return "it is compromised, and nothing has replaced it yet";
  const death = successorsDeath(version);
  if (death !== undefined) return `it is compromised, and ${death}`;
  if (!adoption.adopted) return `it is compromised, and its replacement has not arrived: ${adoption.reason}`;
  if (givenUp && !twinsAreDead(version, givenUp.atMs)) return "it is compromised, and a run may be promoting it";
  const other = otherKeeper(pass.observation, key, keyId);
  return other && `it is compromised, and ${other.secret.name} holds the same key; mark it there, too`;
};

const endCompromised = (version: Version, where: Found, ground: Ground, reason: string): Finding =>
  askUntilConfirmed(version, where, { ground, reason, sinceMs: markedSinceMs(version.labels) }, { endsOverlap: true });

/** A compromised generation that is not current any more goes at once: without overlap, without a quiet period. */
export const decideCompromised = (version: Version): Finding => {
  const where = whereabouts(version);
  if (where.kind === "unknown") return NOTHING;
  if (where.kind === "lost") return reportLostVendor(version, where.vendor);
  if (where.kind === "empty") return doing(unlabelled(version, ownMarks(version.labels)));
  const reason = reasonToWait(version, where.key.id);
  if (reason !== undefined) return keeps(version, where, { state: "waiting", reason });
  return endCompromised(version, where, "compromised", "it is compromised and was replaced");
};

/** One that is still pending never becomes current. */
const giveUp = ({ key: { secret }, versionId, labels }: Version): readonly Action[] => {
  const reason = "it was compromised before it was current";
  const isPossible = isArriving(labels) && labels.includes(PENDING) && secret.deletedAtMs === undefined;
  return isPossible ? [{ kind: "abandon", secretId: secret.arn, versionId, reason }] : [];
};

/** One that is to be revoked before its replacement works: even while it is current. Its mark stays until it is replaced. */
export const decideCompromisedFirst = (version: Version): Finding => {
  const { labels } = version;
  const where = whereabouts(version);
  if (where.kind === "lost") return reportLostVendor(version, where.vendor);
  if (where.kind === "unknown") return NOTHING;
  if (where.kind === "empty")
    return labels.includes(CURRENT) ? NOTHING : doing([...giveUp(version), ...unlabelled(version, ownMarks(labels))]);
  const found = endCompromised(version, where, "compromised-first", "it is compromised, and to be revoked first");
  return { ...found, actions: [...giveUp(version), ...found.actions] };
};

/**
 * What a compromised current generation asks for, be it marked itself, or another version that holds the same key.
 * Until it is replaced it stays: without a working key there would be an outage.
 */
export const replacementOf = (version: Version): Wish | undefined => {
  if (compromisedSinceMs(version) === undefined) return undefined;
  return { reason: "the current generation is compromised", urgent: true };
};

/**
 * How long a compromised key may live until somebody is called: several passes, in which a rotation and a common rollout come
 * to their ends.
 */
export const COMPROMISED_ALIVE_MS = 30 * 60_000;

const markedAtMs = (labels: readonly string[]): readonly number[] =>
  [...marks("compromised", labels), ...marks("compromised-first", labels)].map(({ atMs }) => atMs);

/** Since when labels call a key compromised. */
export const markedSinceMs = (labels: readonly string[]): number => Math.min(...markedAtMs(labels));

/** Since when a version's key is marked as compromised, be it on this version, or on another one that holds the same key. */
export const compromisedSinceMs = ({ pass, key, labels, ...version }: Version): number | undefined => {
  const where = whereabouts({ pass, key, labels, ...version });
  const sharing = "key" in where ? holdersOf(pass.observation, key, where.key.id) : [];
  const times = [labels, ...sharing.map((other) => other.labels)].filter(isCompromised).flatMap(markedAtMs);
  return times.length > 0 ? Math.min(...times) : undefined;
};

const calls = (life: Life, sinceMs: number): Life => {
  const why = life.state === "current" ? "it is compromised, and nothing has replaced it yet" : life.reason;
  return { ...life, reason: `${why} (marked ${timeText(sinceMs)})`, metric: METRICS.compromisedAlive };
};

/** Whoever may have a compromised key can use it while it lives: what keeps it too long calls somebody, whatever it is. */
export const callingForCompromised = (version: Version, finding: Finding): Finding => {
  const sinceMs = compromisedSinceMs(version);
  if (sinceMs === undefined || version.pass.observation.nowMs < sinceMs + COMPROMISED_ALIVE_MS) return finding;
  return { ...finding, lives: finding.lives.map((life) => calls(life, sinceMs)) };
};
