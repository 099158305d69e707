import { worksByMs } from "../contracts/grants.ts";
import { isPendingElsewhere, marks } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { Action, Report } from "./action.ts";
import { type Difference, differencesOf, isReplacementForThat, isSettled } from "./drift.ts";
import { decideExpiry } from "./expiry.ts";
import { doing, type Finding, keeps, type Live, NOTHING } from "./finding.ts";
import { reportLostVendor } from "./lost-vendor.ts";
import { twinsAreDead, unlabelled, type Version } from "./version.ts";
import { type Whereabouts, whereabouts } from "./whereabouts.ts";

/**
 * A current version that was moved back to may have marks of when it was replaced: they would end an overlap that has not
 * begun. A young one may be of a finishSecret that is about to move AWSCURRENT.
 */
const staleMarks = (version: Version): readonly Action[] =>
  (["retiring", "revoking", "abandoned", "adopting"] as const)
    .flatMap((mark) => marks(mark, version.labels))
    .filter(({ atMs }) => twinsAreDead(version, atMs))
    .flatMap(({ label }) => unlabelled(version, [label]));

const report = (
  { key: { secret }, versionId }: Version,
  facts: Report["facts"],
  metric?: Report["metric"],
): Report => ({
  kind: "report",
  secretId: secret.arn,
  action: "drift.found",
  facts: { secretName: secret.name, versionId, ...facts },
  ...(metric ? { metric } : {}),
});

/** A person is told what nothing repairs; the name that somebody gave a key waits for its next rotation. */
const tell = (version: Version, { key }: Live, { what, reason, isRepairable }: Difference): Report => {
  const isForPeople = !isRepairable && what !== "renamed";
  return report(version, { what, keyId: key.id, reason }, isForPeople ? METRICS.driftFound : undefined);
};

/** It is listed as it was minted: so the replacement helped, and would again. */
const wordedAsMinted = (version: Version): readonly Action[] =>
  isReplacementForThat(version)
    ? unlabelled(
        version,
        marks("listed-otherwise", version.labels).map(({ label }) => label),
      )
    : [];

const decideLive = (version: Version, live: Live): Finding => {
  const { key } = version;
  const differences = differencesOf(version, live);
  const repairable = differences.filter(({ isRepairable }) => isRepairable);
  const isRepairTime = isSettled(version) && !isPendingElsewhere(key.secret.stages);
  const reason = repairable.map((one) => one.reason).join("; ");
  const repair: readonly Action[] =
    isRepairTime && repairable.length > 0 ? [{ kind: "update", secretId: key.secret.arn, reason }] : [];
  const expiry = decideExpiry(version, live);
  return {
    ...keeps(version, live, { state: "current", reason: "it is current" }),
    ...(expiry.rotate ? { rotate: expiry.rotate } : {}),
    actions: [
      ...differences.map((one) => tell(version, live, one)),
      ...(differences.length === 0 ? wordedAsMinted(version) : []),
      ...expiry.actions,
      ...repair,
    ],
  };
};

/** A vendor may list a new key late. */
const isYoung = ({ pass, key, versionId }: Version, connection: string): boolean => {
  const stored = key.stored.get(versionId);
  const delays = pass.grants.connections[connection];
  if (typeof stored !== "object" || stored.issuedAtMs === undefined || !delays) return false;
  return pass.observation.nowMs < worksByMs(delays, stored.issuedAtMs) + delays.reportingDelay;
};

type Placed = Extract<Whereabouts, { kind: "live" | "revoked" | "unlisted" }>;
type NotActive = Exclude<Placed, { kind: "live" }>;

/** It is refused, or not taken and listed as revoked: whoever uses it, fails. */
const replaceDead = ({ key, versionId }: Version, where: Placed): Finding => {
  const { connection, standing } = where;
  const { id: keyId, name: keyName } = where.key;
  const of = { secretId: key.secret.arn, versionId, connection, keyId, keyName };
  return doing([{ kind: "revive", ...of, isListedRevoked: where.kind === "revoked" && standing !== "doubted" }]);
};

/** No listing shows it as active: what its value showed decides. While that is not known, it counts as working. */
const decideNotActive = (version: Version, where: NotActive): Finding => {
  const { key } = version;
  const { connection, standing } = where;
  const { id: keyId } = where.key;
  if (isYoung(version, connection) || key.secret.deletedAtMs !== undefined) return NOTHING;
  if (standing === "refused" || standing === "doubted") return replaceDead(version, where);
  const how = where.kind === "revoked" ? "lists it as revoked" : "does not list it";
  const reason =
    standing === "works"
      ? `its vendor takes it, although it ${how}`
      : `its vendor ${how}, and whether it takes it could not be told`;
  return {
    ...keeps(version, where, { state: "current", reason }),
    actions: [{ ...report(version, { keyId, connection, reason }), action: "key.not-listed" }],
  };
};

const decideEmpty = (version: Version, why: "no value" | "not ours"): Finding => {
  if (version.key.secret.deletedAtMs !== undefined) return NOTHING;
  if (why === "no value")
    return {
      ...NOTHING,
      actions: [{ kind: "ensure", secretId: version.key.secret.arn, reason: "AWSCURRENT is empty" }],
    };
  const reason =
    "the current value is none of Keyturn's: somebody put it; put AWSCURRENT back on a version of Keyturn's, or rotate";
  return { ...NOTHING, actions: [report(version, { what: "value", reason }, METRICS.driftFound)] };
};

const byWhereabouts = (version: Version, where: Whereabouts): Finding => {
  switch (where.kind) {
    case "live":
      return where.standing === "refused" ? replaceDead(version, where) : decideLive(version, where);
    case "revoked":
    case "unlisted":
      return decideNotActive(version, where);
    case "empty":
      return decideEmpty(version, where.why);
    case "lost":
      return reportLostVendor(version, where.vendor);
    case "unknown":
      return NOTHING;
  }
};

/** The current version: its key is never revoked here; what it is not, as it should be, is reported and repaired. */
export const decideCurrent = (version: Version): Finding => {
  const found = byWhereabouts(version, whereabouts(version));
  return { ...found, actions: [...staleMarks(version), ...found.actions] };
};
