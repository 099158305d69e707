import type { Grants } from "../contracts/grants.ts";
import { CURRENT, isDestroyed, isOnlyAbandoned, marks, PENDING, versionWith } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { ReconcileRequest } from "../contracts/reconcile.ts";
import type { VendorKey } from "../vendors/vendor.ts";
import type { Action, Ground } from "./action.ts";
import { match, namedAs } from "./matching.ts";
import type { Observation, ObservedKey, ObservedVendor } from "./observation.ts";
import { retirementVerdict } from "./retirement.ts";
import { decideStrays } from "./strays.ts";

interface Version {
  readonly key: ObservedKey;
  readonly versionId: string;
  readonly labels: readonly string[];
}

const revoke = ({ key, versionId }: Version, generation: VendorKey, ground: Ground): Action => ({
  kind: "revoke",
  connection: key.declaration.connection,
  keyId: generation.id,
  keyName: generation.name,
  ground,
  secretId: key.secret.arn,
  versionId,
});

/** Labels of a secret that is marked for deletion cannot be changed any more. */
const unlabel = ({ key, versionId, labels }: Version, mark: "retiring" | "abandoned"): readonly Action[] =>
  key.secret.deletedAtMs !== undefined
    ? []
    : marks(mark, labels).map(({ label }) => ({ kind: "unlabel", secretId: key.secret.arn, versionId, label }));

const decideRetiring = (version: Version, observation: Observation, vendor: ObservedVendor): readonly Action[] => {
  const { key, versionId, labels } = version;
  const since = marks("retiring", labels)[0];
  if (!since || observation.nowMs < since.atMs + key.declaration.overlapMs) return [];
  const { generation } = match(observation, key, versionId);
  if (!generation) return [...unlabel(version, "retiring"), ...unlabel(version, "abandoned")];
  const verdict = retirementVerdict({
    retiringSinceMs: since.atMs,
    lastUse: generation.lastUse,
    declaration: key.declaration,
    connection: vendor.connection,
    nowMs: observation.nowMs,
  });
  if (verdict.retire) return [revoke(version, generation, "retired")];
  const facts = { secretName: key.secret.name, versionId, keyId: generation.id, reason: verdict.reason };
  const waiting = { kind: "report", action: "retirement.waiting", secretId: key.secret.arn, facts } as const;
  return [
    verdict.pastDeadline ? { ...waiting, action: "retirement.blocked", metric: METRICS.retirementBlocked } : waiting,
  ];
};

/** After a generation was given up, its key goes first, which may free the slot that the next rotation needs. */
const decideAbandoned = (version: Version, observation: Observation): readonly Action[] => {
  const { key, versionId, labels } = version;
  const { secret } = key;
  if (labels.includes(PENDING) && marks("abandoned", labels).length > 0)
    return [{ kind: "unlabel", secretId: secret.arn, versionId, label: PENDING }];
  if (!isOnlyAbandoned(labels)) return [];
  const { generation } = match(observation, key, versionId);
  if (generation) return [revoke(version, generation, "abandoned")];
  const hasCurrent = versionWith(secret.stages, CURRENT) !== undefined;
  const isWanted = secret.rotationEnabled && secret.deletedAtMs === undefined && hasCurrent;
  if (!isWanted) return unlabel(version, "abandoned");
  return [{ kind: "rotate", secretId: secret.arn, reason: "the last rotation was given up", versionId, labels }];
};

const decideDestroyed = (version: Version, observation: Observation): readonly Action[] => {
  const { generation } = match(observation, version.key, version.versionId);
  return generation ? [revoke(version, generation, "destroyed")] : [];
};

const decideVersion = (version: Version, observation: Observation): readonly Action[] => {
  const vendor = observation.vendors.get(version.key.declaration.connection);
  if (!vendor) return [];
  if (isDestroyed(version.key.secret.stages)) return decideDestroyed(version, observation);
  if (version.labels.includes(CURRENT)) return [];
  return [...decideRetiring(version, observation, vendor), ...decideAbandoned(version, observation)];
};

/** A deployment makes the first generation itself, within the time of `manage`; past twice that, it is missing. */
const decideFirstGeneration = ({ secret }: ObservedKey, grants: Grants, nowMs: number): readonly Action[] => {
  const { stages, deletedAtMs, createdAtMs } = secret;
  if (deletedAtMs !== undefined || isDestroyed(stages) || versionWith(stages, CURRENT) !== undefined) return [];
  if (createdAtMs === undefined || nowMs < createdAtMs + 2 * grants.mintTimeout) return [];
  return [{ kind: "ensure", secretId: secret.arn }];
};

/**
 * From what is to what is to be done: the whole decision of a pass. Pure; the order of the actions is the order in which
 * they are done.
 */
export const decide = (observation: Observation, grants: Grants, request: ReconcileRequest): readonly Action[] => {
  const ofKeys = observation.keys.flatMap((key) => [
    ...Object.entries(key.secret.stages)
      .filter(([, labels]) => labels.length > 0)
      .flatMap(([versionId, labels]) => decideVersion({ key, versionId, labels }, observation)),
    ...decideFirstGeneration(key, grants, observation.nowMs),
  ]);
  return [...ofKeys, ...decideStrays(observation, grants, request)];
};

/** The versions whose value has to be read before a decision: a key is never revoked by its name alone where its value can be read. */
export const versionsToRead = (observation: Observation, key: ObservedKey, grants: Grants): readonly string[] => {
  const vendor = observation.vendors.get(key.declaration.connection);
  if (!vendor || key.secret.deletedAtMs !== undefined) return [];
  return Object.entries(key.secret.stages)
    .filter(([versionId, labels]) => {
      const retiring = marks("retiring", labels)[0];
      if (retiring && observation.nowMs >= retiring.atMs + key.declaration.overlapMs) return true;
      if (marks("abandoned", labels).length > 0 || isDestroyed(key.secret.stages)) return true;
      const named = namedAs(observation, key, versionId);
      const onlyPending = labels.every((label) => label === PENDING);
      return named.length > 1 || (onlyPending && named.some((one) => isOld(one, vendor, grants, observation.nowMs)));
    })
    .map(([versionId]) => versionId);
};

const isOld = (key: VendorKey, vendor: ObservedVendor, grants: Grants, nowMs: number): boolean =>
  key.createdAtMs !== undefined && (vendor.listing.vendorNowMs ?? nowMs) - key.createdAtMs >= grants.strayAge;
