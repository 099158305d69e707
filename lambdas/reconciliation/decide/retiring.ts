import { timeText } from "../../clock.ts";
import { CURRENT, marks, ownMarks, versionWith } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { lastUseToGoBy, reportingOf } from "../../evidence/use.ts";
import { type RetirementVerdict, retirementVerdict } from "../../rotation/retirement.ts";
import { works } from "../../vendors/verify.ts";
import { adoptionOf } from "../observe/observation.ts";
import type { Version } from "../observe/version.ts";
import { type Whereabouts, whereabouts } from "../observe/whereabouts.ts";
import { askUntilConfirmed } from "./asking.ts";
import {
  doing,
  type Finding,
  keeps,
  type Live,
  NOTHING,
  reportLostVendor,
  revokes,
  unlabelled,
  until,
} from "./finding.ts";
import { otherKeeper } from "./holders.ts";
import { probeFor } from "./probing.ts";
import { currentOf, successorsFlaw } from "./successor.ts";

const verdictOn = ({ pass, key }: Version, live: Live, retiringSinceMs: number): RetirementVerdict | undefined => {
  const { observation } = pass;
  const vendor = observation.vendors.get(live.connection);
  return (
    vendor &&
    retirementVerdict({
      retiringSinceMs,
      lastUse: lastUseToGoBy(live.key),
      reporting: reportingOf(vendor.listing.keys, vendor.probe),
      declaration: key.declaration,
      connection: vendor.connection,
      adoption: adoptionOf(key),
      nowMs: observation.nowMs,
    })
  );
};

type Stays = Pick<RetirementVerdict, "pastDeadline" | "untilMs"> & Partial<RetirementVerdict>;

/** Where passes follow each other so soon, the container of one has the next ones, too, and learns what its call shows. */
const SOON_MS = 15 * 60_000;

/**
 * What is known while a call of ours is made, or may still be reported, that is to show whether reports move. still: they stood still at
 * the last look. soon: one of the next looks tells. nothing: nobody can say whether it ever will.
 */
const trialOf = ({ pass }: Version, { connection }: Live): "still" | "soon" | "nothing" => {
  const { probe, stoodStill } = pass.observation.vendors.get(connection) ?? {};
  if (probe !== undefined && !works(probe.answer)) return "nothing";
  if (stoodStill) return "still";
  return pass.grants.reconcileInterval <= SOON_MS ? "soon" : "nothing";
};

const stays = (version: Version, live: Live, reason: string, verdict: Stays): Finding => {
  const { pastDeadline, untilMs, needsProof = false, awaitsProof = false } = verdict;
  const actions = needsProof ? probeFor(version, live.connection) : [];
  const trial = awaitsProof || actions.length > 0 ? trialOf(version, live) : "nothing";
  const notUnderstood = verdict.notUnderstood || trial === "still";
  const state = pastDeadline || notUnderstood ? "blocked" : "waiting";
  // Of reports that stand still a person is told once, for the whole connection, and not of each key that waits for them.
  const isBlocked = pastDeadline && !notUnderstood && trial === "nothing";
  const found = keeps(version, live, {
    state,
    reason,
    ...(state === "waiting" ? { untilMs } : {}),
    ...(isBlocked ? { metric: METRICS.retirementBlocked } : {}),
    ...(notUnderstood ? { isUseNotUnderstood: true } : {}),
  });
  return { ...found, actions };
};

type Found = Extract<Whereabouts, { kind: "revoked" | "unlisted" }>;

/** Its overlap is over, and no listing shows it as active: then its use is not known, and its value says how it goes on. */
const withoutUse = (version: Version, where: Found, overlapEndMs: number): Finding => {
  const how = where.kind === "revoked" ? "lists it as revoked" : "does not list it";
  if (where.standing === "refused")
    return revokes(version, where, "retired", `its vendor ${how}, and does not take it`, {
      isGone: true,
      endsOverlap: true,
    });
  const reason =
    where.standing === "works"
      ? `its vendor ${how}, so that nobody can know who uses it, and takes it all the same`
      : `its vendor ${how}, and whether it still takes it has not been seen`;
  const pastDeadline = version.pass.observation.nowMs >= overlapEndMs + version.key.declaration.deadlineMs;
  return stays(version, where, reason, { pastDeadline, untilMs: overlapEndMs });
};

const reasonAgainst = (version: Version, keyId: string): string | undefined => {
  const other = otherKeeper(version.pass.observation, version.key, keyId);
  return other ? `${other.secret.name} holds the same key` : successorsFlaw(version);
};

/** A replaced generation: it goes when its overlap is over, everybody has the new one, and nobody calls with it any more. */
export const decideRetiring = (version: Version): Finding => {
  const { pass, key, labels } = version;
  const sinceMs = marks("retiring", labels)[0]?.atMs ?? 0;
  const overlapEndMs = sinceMs + key.declaration.overlapMs;
  const where = whereabouts(version);
  if (pass.observation.nowMs < overlapEndMs) {
    const because = {
      state: "overlap",
      reason: `its overlap lasts ${until(overlapEndMs)}`,
      untilMs: overlapEndMs,
    } as const;
    return where.kind === "live" ? keeps(version, where, because) : NOTHING;
  }
  if (where.kind === "lost") return reportLostVendor(version, where.vendor);
  if (where.kind === "empty") return doing(unlabelled(version, ownMarks(labels)));
  if (where.kind === "unknown") return NOTHING;
  const verdict = where.kind === "live" ? verdictOn(version, where, sinceMs) : undefined;
  const flaw = reasonAgainst(version, where.key.id);
  if (flaw !== undefined) {
    const pastDeadline = pass.observation.nowMs >= sinceMs + key.declaration.deadlineMs;
    return stays(version, where, flaw, { pastDeadline, untilMs: verdict?.untilMs ?? overlapEndMs });
  }
  if (where.kind !== "live") return withoutUse(version, where, overlapEndMs);
  if (!verdict) return NOTHING;
  return verdict.retire
    ? revokes(version, where, "retired", verdict.reason, { endsOverlap: true })
    : stays(version, where, verdict.reason, verdict);
};

/** Whether the current generation was minted after a moment, as far as that is known. */
const isNewerCurrent = (version: Version, sinceMs: number): boolean => {
  const current = currentOf(version);
  return current?.kind !== "live" || (current.key.createdAtMs ?? sinceMs) >= sinceMs;
};

/** Whoever decided may have died before asking, and somebody may have put a value since: then everybody has to have that first. */
const whatItWaitsFor = (version: Version, keyId: string, sinceMs: number): string | undefined => {
  const { key } = version;
  const flaw = reasonAgainst(version, keyId);
  const adoption = adoptionOf(key);
  if (flaw !== undefined || adoption.adopted) return flaw;
  const mayBePastDeadline = key.declaration.onDeadline === "revoke" && !isNewerCurrent(version, sinceMs);
  return mayBePastDeadline ? undefined : adoption.reason;
};

/** Its revocation was decided: last use counts no more, it is asked for until it is confirmed. */
export const decideRevoking = (version: Version): Finding => {
  const sinceMs = marks("revoking", version.labels)[0]?.atMs ?? 0;
  const where = whereabouts(version);
  if (where.kind === "lost") return reportLostVendor(version, where.vendor);
  if (where.kind === "empty") return doing(unlabelled(version, ownMarks(version.labels)));
  if (where.kind === "unknown") return NOTHING;
  const decided = `its revocation was decided at ${timeText(sinceMs)}`;
  // That no list shows it proves nothing: it may be all that works.
  const unlisted = where.kind === "unlisted" && where.standing !== "refused";
  const held = unlisted ? reasonAgainst(version, where.key.id) : undefined;
  const flaw = where.kind === "live" ? whatItWaitsFor(version, where.key.id, sinceMs) : held;
  if (flaw !== undefined) return keeps(version, where, { state: "waiting", reason: `${decided}, but ${flaw}` });
  return askUntilConfirmed(version, where, { ground: "retired", reason: decided, sinceMs });
};

/**
 * A version that is not current and that nobody marked, such as after somebody moved AWSCURRENT or put a value by hand. If
 * its key lives, it was replaced, so its overlap begins now. One that no listing shows as active was revoked before, or is seen when it is
 * listed again.
 */
export const decideSuperseded = (version: Version): Finding => {
  const { key, versionId, labels } = version;
  const where = whereabouts(version);
  if (where.kind === "empty") return doing(unlabelled(version, ownMarks(labels)));
  if (where.kind !== "live") return NOTHING;
  if (versionWith(key.secret.stages, CURRENT) === undefined)
    return keeps(version, where, { state: "held", reason: "no version of its secret is current" });
  const reason = "it was replaced by hand, and its overlap begins in this pass";
  return {
    ...keeps(version, where, { state: "overlap", reason }),
    actions: [{ kind: "retire", secretId: key.secret.arn, versionId }],
  };
};
