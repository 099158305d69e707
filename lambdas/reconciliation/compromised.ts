import { CURRENT, isArriving, marks, ownMarks, PENDING, versionWith } from "../contracts/labels.ts";
import type { Action } from "./action.ts";
import { compromisedSinceMs } from "./compromised-alive.ts";
import { doing, type Finding, keeps, NOTHING, revokes, type Wish } from "./finding.ts";
import { otherKeeper } from "./holders.ts";
import { reportLostVendor } from "./lost-vendor.ts";
import { adoptionOf } from "./observation.ts";
import { isSuccessorDead } from "./successor.ts";
import { twinsAreDead, unlabelled, type Version } from "./version.ts";
import { whereabouts } from "./whereabouts.ts";

/** Why a compromised generation has to wait in spite of all: a key that nothing replaces would be an outage. */
const reasonToWait = (version: Version, keyId: string): string | undefined => {
  const { key, labels, pass } = version;
  const adoption = adoptionOf(key);
  const givenUp = marks("abandoned", labels)[0];
  if (versionWith(key.secret.stages, CURRENT) === undefined)
    return "it is compromised, and nothing has replaced it yet";
  if (isSuccessorDead(version)) return "it is compromised, and the vendor does not list the current key as active";
  if (!adoption.adopted) return `it is compromised, and its replacement has not arrived: ${adoption.reason}`;
  if (givenUp && !twinsAreDead(version, givenUp.atMs)) return "it is compromised, and a run may be promoting it";
  const other = otherKeeper(pass.observation, key, keyId);
  return other && `it is compromised, and ${other.secret.name} holds the same key; mark it there, too`;
};

/** A compromised generation that is not current any more goes at once: without overlap, without a quiet period. */
export const decideCompromised = (version: Version): Finding => {
  const where = whereabouts(version);
  if (where.kind === "unknown") return NOTHING;
  if (where.kind === "lost") return reportLostVendor(version, where.vendor);
  if (where.kind !== "live") return doing(unlabelled(version, ownMarks(version.labels)));
  const reason = reasonToWait(version, where.key.id);
  if (reason !== undefined) return keeps(version, where, { state: "waiting", reason });
  return revokes(version, where, "compromised", "it is compromised and was replaced");
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
  if (where.kind === "live") {
    const found = revokes(version, where, "compromised-first", "it is compromised, and to be revoked first");
    return { ...found, actions: [...giveUp(version), ...found.actions] };
  }
  if (where.kind === "lost") return reportLostVendor(version, where.vendor);
  if (where.kind === "unknown" || labels.includes(CURRENT)) return NOTHING;
  return doing([...giveUp(version), ...unlabelled(version, ownMarks(labels))]);
};

/**
 * What a compromised current generation asks for, be it marked itself, or another version that holds the same key.
 * Until it is replaced it stays: without a working key there would be an outage.
 */
export const replacementOf = (version: Version): Wish | undefined => {
  if (compromisedSinceMs(version) === undefined) return undefined;
  return { reason: "the current generation is compromised", urgent: true };
};
