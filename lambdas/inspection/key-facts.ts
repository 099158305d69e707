import { timeText } from "../clock.ts";
import { accessFields } from "../contracts/access.ts";
import { toldClaims } from "../contracts/claims.ts";
import type { KeyFacts, KeyStatus } from "../contracts/key-facts.ts";
import { ownedName } from "../contracts/key-name.ts";
import {
  CURRENT,
  isCompromised,
  isDestroyed,
  isOnlyAbandoned,
  isRevoking,
  marks,
  PENDING,
  versionWith,
} from "../contracts/labels.ts";
import { trialsOf } from "../evidence/trial.ts";
import { lastUseToGoBy, reportedUntilMs } from "../evidence/use.ts";
import { listedById, match, type Observation, type ObservedKey, type ObservedVendor } from "../reconciliation/index.ts";
import { driftOf } from "../rotation/drift.ts";
import { withoutWording } from "../rotation/listed-otherwise.ts";
import { retirementVerdict } from "../rotation/retirement.ts";
import type { VendorKey } from "../vendors/vendor.ts";

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : timeText(ms));

/** Leaves out what is not known, as the contract has it. */
const known = <Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

/** A compromised generation is replaced at once, also where its rotation does not show yet. */
const isRotating = ({ secret: { stages } }: ObservedKey, current: string): boolean => {
  if (isCompromised(stages[current] ?? [])) return true;
  const pending = versionWith(stages, PENDING);
  return pending !== undefined && pending !== current && marks("abandoned", stages[pending] ?? []).length === 0;
};

/** What a version's value says of access: where the vendor's list does not tell it. */
const storedAccess = ({ stored }: ObservedKey, versionId: string | undefined): string | undefined => {
  const found = versionId === undefined ? undefined : stored.get(versionId);
  return typeof found === "object" ? found.access?.value : undefined;
};

const statusOf = (key: ObservedKey, current: string | undefined, generation: VendorKey | undefined): KeyStatus => {
  if (isDestroyed(key.secret.stages) || key.secret.deletedAtMs !== undefined) return "destroyed";
  if (current === undefined) return "missing";
  if (generation === undefined) return "revoked";
  return isRotating(key, current) ? "rotating" : "current";
};

/** What a current generation is called and may do, by its vendor; by its value, where the vendor has words of its own for that. */
const toldOf = (key: ObservedKey, current: string | undefined, generation: VendorKey | undefined) => {
  const { declaration, secret, stored } = key;
  const listed = generation && ownedName(generation.name)?.name;
  const told = {
    name: listed ?? declaration.name,
    access: generation?.access ?? storedAccess(key, current) ?? declaration.access.value,
  };
  const held = stored.get(current ?? "");
  const isReplacement = marks("listed-otherwise", secret.stages[current ?? ""] ?? []).length > 0;
  if (!isReplacement || !generation || typeof held !== "object") return told;
  const drift = driftOf(declaration, generation, held.access);
  const left = drift && withoutWording(drift, declaration, held);
  return {
    name: left?.name === undefined && drift?.name !== undefined ? declaration.name : told.name,
    access: left?.access === undefined && drift?.access ? declaration.access.value : told.access,
  };
};

/** A connection whose vendor could not be listed, or whose listing is another organization's. */
export interface Unlisted {
  readonly vendorName: string;
  readonly notListed: string;
}

interface Live {
  readonly labels: readonly string[];
  readonly generation: VendorKey;
}

/** The generations that the vendor takes now; of two versions with the same key, the current one speaks for it. */
const liveGenerations = (observation: Observation, key: ObservedKey): readonly Live[] => {
  const live = new Map<string, Live>();
  for (const [versionId, labels] of Object.entries(key.secret.stages)) {
    const { generation } = match(observation, key, versionId);
    if (generation && (labels.includes(CURRENT) || !live.has(generation.id)))
      live.set(generation.id, { labels, generation });
  }
  return [...live.values()];
};

const isDebt = ({ labels, generation }: Live, key: ObservedKey, vendor: ObservedVendor, nowMs: number): boolean => {
  if (labels.includes(CURRENT)) return isDestroyed(key.secret.stages);
  if (isOnlyAbandoned(labels) || isCompromised(labels) || isRevoking(labels)) return true;
  const since = marks("retiring", labels)[0];
  if (!since) return false;
  const { declaration } = key;
  const { connection } = vendor;
  return retirementVerdict({
    retiringSinceMs: since.atMs,
    lastUse: lastUseToGoBy(generation),
    reportedUntilMs: reportedUntilMs(vendor.listing.keys),
    trials: trialsOf(labels, since.atMs, generation, vendor.isVerifyOpen),
    declaration,
    connection,
    nowMs,
  }).retire;
};

/** What a version's value says of its key, where no listing does. */
const storedFacts = (key: ObservedKey, current: string | undefined) => {
  const stored = current === undefined ? undefined : key.stored.get(current);
  if (typeof stored !== "object") return {};
  return known({ keyId: stored.keyId, createdAt: iso(stored.issuedAtMs) });
};

/** Facts of a key of which no listing can be believed, or none was to be had: what its secret says. */
const factsWithout = (key: ObservedKey, vendorName: string, notTold: string): KeyFacts => {
  const { secret, declaration } = key;
  const current = versionWith(secret.stages, CURRENT);
  const isEnded = isDestroyed(secret.stages) || secret.deletedAtMs !== undefined;
  const status = isEnded ? "destroyed" : current === undefined ? "missing" : "current";
  const value = storedAccess(key, current) ?? declaration.access.value;
  return {
    secretArn: secret.arn,
    secretName: secret.name,
    name: declaration.name,
    connection: declaration.connection,
    vendor: vendorName,
    ...accessFields({ kind: declaration.access.kind, value }),
    status: status === "current" && isRotating(key, current ?? "") ? "rotating" : status,
    liveGenerations: 0,
    debt: [],
    claims: [...toldClaims(secret.held.claims)],
    ...storedFacts(key, current),
    ...known({ versionId: current, nextRotationAt: iso(secret.nextRotationAtMs) }),
    ...(status === "current" ? { notTold } : {}),
  };
};

/** Why a current key that is not listed as active is not simply revoked; `undefined`: it is. */
const whyNotTold = (key: ObservedKey, current: string | undefined, isListed: boolean): string | undefined => {
  if (current === undefined) return undefined;
  const standing = key.standings?.get(current);
  if (standing === "refused" || (isListed && standing === undefined)) return undefined;
  return standing === "works"
    ? "its vendor takes the current key, and does not list it as active"
    : "its vendor does not list the current key, and it could not be told whether it takes it";
};

/**
 * What is known of a managed key, from the same observation that reconcile decides from; never its value.
 * @param vendor the listing of the key's connection, or why there is none
 */
export const keyFactsOf = (observation: Observation, key: ObservedKey, vendor: ObservedVendor | Unlisted): KeyFacts => {
  const { secret, declaration } = key;
  if ("notListed" in vendor) return factsWithout(key, vendor.vendorName, vendor.notListed);
  const current = versionWith(secret.stages, CURRENT);
  const found = current === undefined ? undefined : match(observation, key, current);
  const generation = found?.connection === declaration.connection ? found.generation : undefined;
  const stored = key.stored.get(current ?? "");
  const isListed = typeof stored === "object" && listedById(observation, stored) !== undefined;
  const notTold = generation ? undefined : whyNotTold(key, current, isListed);
  if (current !== undefined && !generation && stored === undefined)
    return factsWithout(key, vendor.connection.vendor, "its value could not be read; the log of inspect says why");
  if (notTold !== undefined && typeof stored === "object") return factsWithout(key, vendor.connection.vendor, notTold);
  const live = liveGenerations(observation, key);
  const { name, access } = toldOf(key, current, generation);
  return {
    secretArn: secret.arn,
    secretName: secret.name,
    name,
    connection: declaration.connection,
    vendor: vendor.connection.vendor,
    ...accessFields({ kind: declaration.access.kind, value: access }),
    status: statusOf(key, current, generation),
    liveGenerations: live.length,
    debt: live.filter((one) => isDebt(one, key, vendor, observation.nowMs)).map((one) => one.generation.id),
    claims: [...toldClaims(secret.held.claims)],
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
