import { timeText } from "../../clock.ts";
import { accessText } from "../../contracts/access.ts";
import { worksByMs } from "../../contracts/grants.ts";
import { ownedName } from "../../contracts/key-name.ts";
import { isPendingElsewhere, marks, trialMarks } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { driftOf } from "../../rotation/drift.ts";
import { withoutWording } from "../../rotation/listed-otherwise.ts";
import { twinsAreDead, type Version } from "../observe/version.ts";
import { type Whereabouts, whereabouts } from "../observe/whereabouts.ts";
import type { Action, Report } from "./action.ts";
import { doing, type Finding, keeps, type Live, NOTHING, reportLostVendor, unlabelled } from "./finding.ts";

/**
 * A current version that was moved back to may have marks of when it was replaced: they would end an overlap that has not
 * begun. A young one may be of a finishSecret that is about to move AWSCURRENT.
 */
const staleMarks = (version: Version): readonly Action[] =>
  [
    ...(["retiring", "revoking", "abandoned", "adopting"] as const).flatMap((mark) => marks(mark, version.labels)),
    ...trialMarks(version.labels),
  ]
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

/** A replacement of the last day that is doubted as the one before was: another one would not help. */
const isOfToday = ({ pass, key, versionId }: Version): boolean => {
  const stored = key.stored.get(versionId);
  return (
    typeof stored === "object" && stored.issuedAtMs !== undefined && pass.observation.nowMs < stored.issuedAtMs + DAY_MS
  );
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
  const isDoubtedAgain = standing === "doubted" && isOfToday(version);
  if ((standing === "refused" || standing === "doubted") && !isDoubtedAgain) return replaceDead(version, where);
  const how = where.kind === "revoked" ? "lists it as revoked" : "does not list it";
  const reason =
    standing === "works"
      ? `its vendor takes it, although it ${how}`
      : `its vendor ${how}, and whether it takes it could not be told${isDoubtedAgain ? "; it was made within the day, so that it is not replaced again" : ""}`;
  return {
    ...keeps(version, where, { state: "current", reason }),
    actions: [
      {
        ...report(version, { keyId, connection, reason }, isDoubtedAgain ? METRICS.driftFound : undefined),
        action: "key.not-listed",
      },
    ],
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

/** A way in which the current generation is not as declared. */
export interface Difference {
  readonly what: "connection" | "access" | "name" | "renamed";
  readonly reason: string;
  /** Whether `manage` can set it right: in place, or by a new generation. */
  readonly isRepairable: boolean;
}

const ofConnection = ({ key: { declaration } }: Version, { connection }: Live): readonly Difference[] => {
  if (connection === declaration.connection) return [];
  const reason = `its key is at ${connection}, declared is now ${declaration.connection}`;
  return [{ what: "connection", reason, isRepairable: true }];
};

/** It replaced a key that its vendor listed otherwise than it was minted. */
export const isReplacementForThat = ({ labels }: Version): boolean => marks("listed-otherwise", labels).length > 0;

const WORDING =
  "; its vendor listed the one before otherwise than it was minted, too, so that another one would not help";

const ofDeclaration = (version: Version, { key: listed }: Live): readonly Difference[] => {
  const { key, versionId } = version;
  const { declaration } = key;
  const found = key.stored.get(versionId);
  const stored = typeof found === "object" ? found : undefined;
  const drift = driftOf(declaration, listed, stored?.access);
  if (!drift) return [];
  const left = isReplacementForThat(version) && stored ? withoutWording(drift, declaration, stored) : drift;
  const difference = (what: "access" | "name", reason: string): Difference => {
    const isRepairable = left?.[what] !== undefined;
    return { what, reason: isRepairable ? reason : `${reason}${WORDING}`, isRepairable };
  };
  return [
    ...(drift.access ? [difference("access", `its key has not the declared ${accessText(drift.access)}`)] : []),
    ...(drift.name ? [difference("name", `its key is called ${listed.name}, not ${drift.name}`)] : []),
  ];
};

/** A name as the service gives it: nobody changed it, nor put anything behind it. */
const isGiven = (name: string): boolean => ownedName(name)?.addition === "";

/** Somebody gave the key another name at the vendor. It is still known by its id, as long as its value can be read. */
const ofForeignName = ({ key, versionId }: Version, { key: listed }: Live): readonly Difference[] => {
  const stored = key.stored.get(versionId);
  const given = typeof stored === "object" ? stored.name : undefined;
  if (given === undefined || !isGiven(given) || isGiven(listed.name)) return [];
  const reason = `its key was called ${given}, somebody calls it ${listed.name} now; the next rotation sets it right`;
  return [{ what: "renamed", reason, isRepairable: false }];
};

/** How the current generation differs from its declaration. */
export const differencesOf = (version: Version, live: Live): readonly Difference[] => [
  ...ofConnection(version, live),
  ...ofDeclaration(version, live),
  ...ofForeignName(version, live),
];

/** A deployment changes a key itself, within the time of `manage`; past twice that it has not. */
export const isSettled = ({ pass, key }: Version): boolean =>
  pass.observation.nowMs >= (key.secret.lastChangedAtMs ?? 0) + 2 * pass.grants.mintTimeout;

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
