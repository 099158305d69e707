import { marks, ownMarks } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import { type RetirementVerdict, retirementVerdict } from "../rotation/retirement.ts";
import { doing, type Finding, keeps, type Live, NOTHING, revokes, until } from "./finding.ts";
import { otherKeeper } from "./holders.ts";
import { reportLostVendor } from "./lost-vendor.ts";
import { adoptionOf } from "./observation.ts";
import { successorsFlaw } from "./successor.ts";
import { unlabelled, type Version } from "./version.ts";
import { whereabouts } from "./whereabouts.ts";

const verdictOn = ({ pass, key }: Version, live: Live, retiringSinceMs: number): RetirementVerdict | undefined => {
  const { observation } = pass;
  const connection = observation.vendors.get(live.connection)?.connection;
  return (
    connection &&
    retirementVerdict({
      retiringSinceMs,
      lastUse: live.key.lastUse,
      declaration: key.declaration,
      connection,
      adoption: adoptionOf(key),
      nowMs: observation.nowMs,
    })
  );
};

const stays = (version: Version, live: Live, reason: string, { pastDeadline, untilMs }: RetirementVerdict): Finding =>
  pastDeadline
    ? keeps(version, live, { state: "blocked", reason, metric: METRICS.retirementBlocked })
    : keeps(version, live, { state: "waiting", reason, untilMs });

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
  if (where.kind === "gone" || where.kind === "empty") return doing(unlabelled(version, ownMarks(labels)));
  const verdict = where.kind === "live" ? verdictOn(version, where, sinceMs) : undefined;
  if (where.kind !== "live" || !verdict) return NOTHING;
  const other = otherKeeper(pass.observation, key, where.key.id);
  const flaw = other ? `${other.secret.name} holds the same key` : successorsFlaw(version);
  if (flaw !== undefined) return stays(version, where, flaw, verdict);
  if (!verdict.retire) return stays(version, where, verdict.reason, verdict);
  return revokes(version, where, "retired", verdict.reason);
};
