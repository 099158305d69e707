import { timeText } from "../../clock.ts";
import { CURRENT, marks, ownMarks, trialMarks, versionWith } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { type Trial, trialsOf } from "../../evidence/trial.ts";
import { lastUseToGoBy, reportedUntilMs } from "../../evidence/use.ts";
import { type RetirementVerdict, retirementVerdict } from "../../rotation/retirement.ts";
import { adoptionOf } from "../observe/observation.ts";
import type { Version } from "../observe/version.ts";
import { type Whereabouts, whereabouts } from "../observe/whereabouts.ts";
import type { Action, Revoke } from "./action.ts";
import { askUntilConfirmed } from "./asking.ts";
import {
  type Because,
  doing,
  type Finding,
  keeps,
  type Live,
  NOTHING,
  reportLostVendor,
  revocationOf,
  revokes,
  unlabelled,
  until,
} from "./finding.ts";
import { otherKeeper } from "./holders.ts";
import { currentOf, successorsFlaw } from "./successor.ts";

const verdictOn = (version: Version, live: Live, retiringSinceMs: number): RetirementVerdict | undefined => {
  const { pass, key } = version;
  const { observation } = pass;
  const vendor = observation.vendors.get(live.connection);
  return (
    vendor &&
    retirementVerdict({
      retiringSinceMs,
      lastUse: lastUseToGoBy(live.key),
      reportedUntilMs: reportedUntilMs(vendor.listing.keys),
      trials: trialsOf(version.labels, retiringSinceMs, live.key, vendor.isVerifyOpen),
      declaration: key.declaration,
      connection: vendor.connection,
      adoption: adoptionOf(key),
      nowMs: observation.nowMs,
    })
  );
};

/** The step that is due, if one is. */
const tryWith = (
  { key, versionId }: Version,
  { connection, key: { id: keyId } }: Live,
  trial: Trial | undefined,
  onRefused?: Revoke,
): readonly Action[] => {
  const step = trial && "step" in trial ? trial.step : undefined;
  return step ? [{ kind: "try", secretId: key.secret.arn, versionId, connection, keyId, step, onRefused }] : [];
};

type Stays = Pick<RetirementVerdict, "pastDeadline" | "untilMs"> & Partial<RetirementVerdict>;

const stays = (version: Version, live: Live, reason: string, verdict: Stays): Finding => {
  const { pastDeadline, untilMs, notUnderstood = false, trial } = verdict;
  const state = pastDeadline || notUnderstood ? "blocked" : "waiting";
  const found = keeps(version, live, {
    state,
    reason,
    ...(state === "waiting" ? { untilMs } : {}),
    // Of a use that is not understood a person is told once, for the whole connection, and not of each key that waits for it.
    ...(pastDeadline && !notUnderstood ? { metric: METRICS.retirementBlocked } : {}),
    ...(notUnderstood ? { isUseNotUnderstood: true } : {}),
  });
  // One that is listed as just used is not refused, whatever is answered.
  const isQuiet = version.pass.observation.nowMs >= untilMs;
  const onRefused = isQuiet ? revocationOf(version, live, "retired", { endsOverlap: true }) : undefined;
  return { ...found, actions: tryWith(version, live, trial, onRefused) };
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

/** The first call is made so early that it has been the last one for a quiet period when the overlap ends. */
const inOverlap = (version: Version, live: Live, because: Because, sinceMs: number): Finding => ({
  ...keeps(version, live, because),
  actions: tryWith(version, live, verdictOn(version, live, sinceMs)?.trial),
});

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
    return where.kind === "live" ? inOverlap(version, where, because, sinceMs) : NOTHING;
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

/** Marks of a retirement that somebody took the mark off. */
const leftOver = (labels: readonly string[]): readonly string[] => trialMarks(labels).map(({ label }) => label);

/**
 * A version that is not current and that nobody marked, such as after somebody moved AWSCURRENT or put a value by hand. If
 * its key lives, it was replaced, so its overlap begins now. One that no listing shows as active was revoked before, or is seen when it is
 * listed again.
 */
export const decideSuperseded = (version: Version): Finding => {
  const { key, versionId, labels } = version;
  const where = whereabouts(version);
  if (where.kind === "empty") return doing(unlabelled(version, ownMarks(labels)));
  if (where.kind !== "live") return doing(unlabelled(version, leftOver(labels)));
  if (versionWith(key.secret.stages, CURRENT) === undefined)
    return keeps(version, where, { state: "held", reason: "no version of its secret is current" });
  const reason = "it was replaced by hand, and its overlap begins in this pass";
  return {
    ...keeps(version, where, { state: "overlap", reason }),
    actions: [{ kind: "retire", secretId: key.secret.arn, versionId }],
  };
};
