import { accessFields } from "../contracts/access.ts";
import type { KeyFacts, KeyStatus } from "../contracts/key-facts.ts";
import { ownedName } from "../contracts/key-name.ts";
import { CURRENT, isDestroyed, isOnlyAbandoned, marks, PENDING, versionWith } from "../contracts/labels.ts";
import { match } from "../reconciliation/matching.ts";
import type { Observation, ObservedKey, ObservedVendor } from "../reconciliation/observation.ts";
import { retirementVerdict } from "../reconciliation/retirement.ts";
import type { VendorKey } from "../vendors/vendor.ts";

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

/** Leaves out what is not known, as the contract has it. */
const known = <Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

const isRotating = ({ secret: { stages } }: ObservedKey, current: string): boolean => {
  const pending = versionWith(stages, PENDING);
  return pending !== undefined && pending !== current && marks("abandoned", stages[pending] ?? []).length === 0;
};

const statusOf = (key: ObservedKey, current: string | undefined, generation: VendorKey | undefined): KeyStatus => {
  if (isDestroyed(key.secret.stages) || key.secret.deletedAtMs !== undefined) return "destroyed";
  if (current === undefined) return "missing";
  if (generation === undefined) return "revoked";
  return isRotating(key, current) ? "rotating" : "current";
};

interface Live {
  readonly labels: readonly string[];
  readonly generation: VendorKey;
}

/** The generations that the vendor takes now. */
const liveGenerations = (observation: Observation, key: ObservedKey): readonly Live[] =>
  Object.entries(key.secret.stages).flatMap(([versionId, labels]) => {
    const { generation } = match(observation, key, versionId);
    return generation ? [{ labels, generation }] : [];
  });

const isDebt = ({ labels, generation }: Live, key: ObservedKey, vendor: ObservedVendor, nowMs: number): boolean => {
  if (labels.includes(CURRENT)) return isDestroyed(key.secret.stages);
  if (isOnlyAbandoned(labels)) return true;
  const since = marks("retiring", labels)[0];
  if (!since) return false;
  const { declaration } = key;
  const { connection } = vendor;
  return retirementVerdict({ retiringSinceMs: since.atMs, lastUse: generation.lastUse, declaration, connection, nowMs })
    .retire;
};

/**
 * What is known of a managed key, from the same observation that reconcile decides from; never its value.
 * @param vendor the listing of the key's connection
 */
export const keyFactsOf = (observation: Observation, key: ObservedKey, vendor: ObservedVendor): KeyFacts => {
  const { secret, declaration } = key;
  const current = versionWith(secret.stages, CURRENT);
  const generation = current === undefined ? undefined : match(observation, key, current).generation;
  const live = liveGenerations(observation, key);
  const access = { kind: declaration.access.kind, value: generation?.access ?? declaration.access.value };
  return {
    secretArn: secret.arn,
    secretName: secret.name,
    name: (generation && ownedName(generation.name)?.name) ?? declaration.name,
    connection: declaration.connection,
    vendor: vendor.connection.vendor,
    ...accessFields(access),
    status: statusOf(key, current, generation),
    liveGenerations: live.length,
    debt: live.filter((one) => isDebt(one, key, vendor, observation.nowMs)).map((one) => one.generation.id),
    ...known({
      keyId: generation?.id,
      keyPrefix: generation?.prefix,
      versionId: current,
      createdAt: iso(generation?.createdAtMs),
      lastUsedAt: typeof generation?.lastUse === "number" ? iso(generation.lastUse) : undefined,
      nextRotationAt: iso(secret.nextRotationAtMs),
    }),
  };
};
