import { timeText } from "../../clock.ts";
import type { Grants } from "../../contracts/grants.ts";
import { generationOf, isCutOff, ownedName } from "../../contracts/key-name.ts";
import { isDestroyed } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { secretNameOf } from "../../contracts/secret-name.ts";
import { lastUseToGoBy, proofOf, reportingOf } from "../../evidence/use.ts";
import { isInUse } from "../../rotation/in-use.ts";
import type { SecretFacts } from "../../secrets.ts";
import type { VendorKey } from "../../vendors/vendor.ts";
import { match } from "../observe/matching.ts";
import type { Observation, ObservedKey, ObservedVendor } from "../observe/observation.ts";
import type { Pass } from "../observe/version.ts";
import type { Action } from "./action.ts";
import { type Finding, type Life, type Live, lifeOf } from "./finding.ts";
import { probeWithAny } from "./probing.ts";

interface Holders {
  readonly served: ReadonlyMap<string, readonly { readonly key: ObservedKey; readonly versionId: string }[]>;
  readonly unserved: ReadonlyMap<string, SecretFacts>;
}

const labelledIds = ({ stages }: SecretFacts): readonly string[] =>
  Object.keys(stages).filter((versionId) => (stages[versionId] ?? []).length > 0);

/** The labelled versions of all of the service's secrets by their generations. */
const holdersIn = ({ keys, unserved = [] }: Observation): Holders => {
  const served = new Map<string, { key: ObservedKey; versionId: string }[]>();
  for (const key of keys)
    for (const versionId of labelledIds(key.secret)) {
      const generation = generationOf(versionId);
      served.set(generation, [...(served.get(generation) ?? []), { key, versionId }]);
    }
  const others = unserved.flatMap((secret) => labelledIds(secret).map((id) => [generationOf(id), secret] as const));
  return { served, unserved: new Map(others) };
};

/** True when a labelled version accounts for the key, by service id and generation: the name before them may have changed. */
const isAccountedFor = (observation: Observation, { served }: Holders, candidate: VendorKey): boolean =>
  (served.get(ownedName(candidate.name)?.generation ?? "") ?? []).some(
    ({ key, versionId }) => !match(observation, key, versionId).others.some((other) => other.id === candidate.id),
  );

type Verdict =
  | "revoke"
  | { readonly wait: string; readonly untilMs?: number; readonly needsProof?: boolean }
  | { readonly hold: string };

/** For how long nobody is to have used a stray: after its minting, no longer than it takes to be one, and of late. */
const QUIET_MS = 3_600_000;

/** What its use says of a stray that is old enough. A person who names it has looked. */
const byUse = (
  key: VendorKey,
  { listing, connection, probe }: ObservedVendor,
  { strays, strayAge }: Grants,
  nowMs: number,
): Verdict => {
  if (lastUseToGoBy(key) === "not understood")
    return { hold: "what the vendor says of its last use is not understood" };
  if (key.lastUse === "not told") return strays === "revoke" ? "revoke" : { hold: "the vendor gives no last use" };
  const lateMs = connection.reportingDelay + connection.skew + (connection.lastUseResolution ?? 0);
  const quietEndMs = Math.max((key.createdAtMs ?? 0) + Math.min(QUIET_MS, strayAge), nowMs - QUIET_MS - lateMs);
  const reporting = reportingOf(listing.keys, probe);
  switch (proofOf(reporting, quietEndMs, connection, nowMs)) {
    case "proven":
    case "as listed":
      return "revoke";
    case "standing still":
      return {
        hold: "the vendor does not report a call of ours that it answered, so that what it says of use is not understood",
      };
    case "awaited":
      return { wait: "no version holds it, and a call of ours may still be reported" };
    case "not asked":
      return {
        wait: "no version holds it, and whether its vendor reports uses has to be tried first",
        needsProof: true,
      };
  }
};

const verdictOn = (key: VendorKey, vendor: ObservedVendor, grants: Grants, nowMs: number, told: boolean): Verdict => {
  const vendorNowMs = vendor.listing.vendorNowMs ?? nowMs;
  if (isInUse(key)) return { hold: `it is in use, last at ${timeText(Number(key.lastUse))}` };
  if (key.createdAtMs === undefined) return told ? "revoke" : { hold: "the vendor does not tell its age" };
  const ageMs = vendorNowMs - key.createdAtMs;
  const youngMs =
    Math.max(grants.strayAge, grants.mintTimeout + vendor.connection.skew) + vendor.connection.reportingDelay;
  const untilMs = nowMs + youngMs - ageMs;
  if (ageMs < youngMs)
    return told ? { hold: "too young" } : { wait: `no version holds it, and it is too young to be a stray`, untilMs };
  return told ? "revoke" : byUse(key, vendor, grants, nowMs);
};

interface Judged extends Live {
  readonly verdict: Verdict;
}

const notGranted = (secret: SecretFacts): Life["reason"] =>
  `its secret ${secret.name} asks for what the service does not grant`;

const cutOff = (vendor: string): Verdict => ({
  hold: `${vendor} cut its name off, so that nobody can know whose it is; unless somebody uses it, revoke it at the vendor, and give the managed key a shorter name`,
});

/** The service's keys of a listing that no version accounts for; those of secrets that are not served are left alone. */
const judge = (
  { observation, grants, scope }: Pass,
  told: ReadonlySet<string>,
  explained: ReadonlySet<string>,
): { readonly judged: readonly Judged[]; readonly unserved: readonly Life[] } => {
  const holders = holdersIn(observation);
  const judged: Judged[] = [];
  const unserved: Life[] = [];
  for (const [connection, vendor] of observation.vendors) {
    if (scope && scope.speaksFor !== connection) continue;
    for (const key of vendor.listing.keys) {
      if (!key.active || explained.has(key.id)) continue;
      if (isCutOff(key.name, observation.serviceId))
        judged.push({ connection, key, verdict: cutOff(vendor.connection.vendor) });
      const owned = ownedName(key.name);
      if (owned?.serviceId !== observation.serviceId) continue;
      if (isAccountedFor(observation, holders, key)) continue;
      const secret = holders.unserved.get(owned.generation);
      if (secret) {
        const because = { state: "held", reason: notGranted(secret) } as const;
        unserved.push({ ...lifeOf({ connection, key }, because), secretId: secret.arn, secretName: secret.name });
      } else
        judged.push({ connection, key, verdict: verdictOn(key, vendor, grants, observation.nowMs, told.has(key.id)) });
    }
  }
  return { judged, unserved };
};

/** A version of a secret of that name may hold a key in use without a label: then it is no stray, but a generation like any other. */
const reclaiming = ({ keys }: Observation, { key }: Judged): readonly Action[] => {
  const name = ownedName(key.name)?.name;
  const mayHold = ({ secret, declaration }: ObservedKey): boolean =>
    secret.deletedAtMs === undefined &&
    !isDestroyed(secret.stages) &&
    (declaration.name === name || secret.name === secretNameOf(declaration.service, name ?? ""));
  const secretIds = isInUse(key) ? keys.filter(mayHold).map(({ secret }) => secret.arn) : [];
  return secretIds.length > 0 ? [{ kind: "reclaim", keyId: key.id, keyName: key.name, secretIds }] : [];
};

const held = (one: Judged, reason: string, actions: readonly Action[] = []): Finding => ({
  actions,
  lives: [lifeOf(one, { state: "held", reason: `no version holds it: ${reason}`, metric: METRICS.straysHeld })],
});

const revoked = (one: Judged): Finding => {
  const action: Action = {
    kind: "revoke",
    connection: one.connection,
    keyId: one.key.id,
    keyName: one.key.name,
    ground: "stray",
  };
  return { actions: [action], lives: [lifeOf(one, { state: "due", reason: "it is a stray that nobody uses" })] };
};

/**
 * What is to be done about keys of this service that no version accounts for. One in use is somebody's: it is reported,
 * never revoked. When more than the brake allows were to go, none goes until a person has named them.
 * @param explained ids of keys that a version's own duty has decided on
 */
export const decideStrays = (pass: Pass, explained: ReadonlySet<string> = new Set()): Finding => {
  const { observation, grants, request } = pass;
  const told = new Set(request.revokeStrays ?? []);
  const { judged, unserved } = judge(pass, told, explained);
  const unasked = judged.filter(({ verdict, key }) => verdict === "revoke" && !told.has(key.id));
  const braked = unasked.length > grants.maxStrayRevocations;
  const brake = `${unasked.length} strays were to be revoked at once, ${grants.maxStrayRevocations} are allowed; invoke reconcile with {"revokeStrays": [key ids]} for those that shall go`;
  const findings = judged.map((one): Finding => {
    const { verdict, key } = one;
    if (verdict === "revoke") return braked && !told.has(key.id) ? held(one, brake) : revoked(one);
    if ("hold" in verdict) return held(one, verdict.hold, reclaiming(observation, one));
    const { wait: reason, needsProof, ...rest } = verdict;
    const actions = needsProof ? probeWithAny(pass, one.connection) : [];
    return { actions, lives: [lifeOf(one, { state: "young", reason, ...rest })] };
  });
  return {
    actions: findings.flatMap(({ actions }) => actions),
    lives: [...findings.flatMap(({ lives }) => lives), ...unserved],
  };
};
