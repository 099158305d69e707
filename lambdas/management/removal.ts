import type { Connection } from "../contracts/grants.ts";
import { isGenerationOf, ownedName } from "../contracts/key-name.ts";
import { isSecondCall, type Trials } from "../evidence/trial.ts";
import { lastUseToGoBy, lateMsOf } from "../evidence/use.ts";
import type { VendorKey } from "../vendors/vendor.ts";

/** What tells which of a vendor's keys are a secret's. */
export interface Ownership {
  readonly serviceId: string;
  /** Names that the managed key has, as the tags and the caller say. */
  readonly names: ReadonlySet<string>;
  /** Key ids that the values of labelled versions say: adopted keys have no name of ours. */
  readonly storedIds: ReadonlySet<string>;
  /** Generations of all its versions, and of the next that a run may have minted for. */
  readonly generations: ReadonlySet<string>;
  /** Those of them whose version holds a key that is known by its id. */
  readonly knownGenerations: ReadonlySet<string>;
}

/**
 * Whether an active key is a generation of the secret. Its value says so by id; else the service id and the generation in its
 * name do, which no rename changes. Where the value is known and says another id, the name must be this managed key's too: a
 * version id is its caller's choice, and another secret may have the same.
 */
export const isOwn = (key: VendorKey, ownership: Ownership): boolean => {
  const { serviceId, names, storedIds, generations, knownGenerations } = ownership;
  if (!key.active) return false;
  if (storedIds.has(key.id)) return true;
  if (!isGenerationOf(key.name, serviceId, generations)) return false;
  const owned = ownedName(key.name);
  return owned !== undefined && (!knownGenerations.has(owned.generation) || names.has(owned.name));
};

/** A key of the secret, where it was found. */
export interface OwnKey {
  readonly key: VendorKey;
  readonly connection: Pick<Connection, "reportingDelay" | "skew" | "lastUseResolution" | "propagation">;
  /** Our own calls with a key that was replaced. */
  readonly trials?: Trials | undefined;
  /** Whether a labelled version of the secret holds it. */
  readonly held: boolean;
  /**
   * The newest call of anybody's that its listing shows. Not there: nothing can be known of how far the listing's uses reach, as where no call
   * of ours is sure to count.
   */
  readonly reported?: { readonly untilMs: number | undefined };
}

export interface RemovalFacts<Own extends OwnKey> {
  readonly keys: readonly Own[];
  readonly quietMs: number;
  readonly nowMs: number;
  readonly force: boolean;
  /** True when the tags declare another vendor connection than the one whose keys are to go. */
  readonly hasMoved: boolean;
}

export type RemovalPlan<Own extends OwnKey> =
  /** `untilMs`: when it may be tried again; not there, where what its vendor says of its use is not understood. */
  | { readonly kind: "refuse"; readonly key: VendorKey; readonly untilMs?: number }
  /** Nobody's calls are shown since `sinceMs`: whether this key is in use cannot be known. */
  | { readonly kind: "refuse without reports"; readonly key: VendorKey; readonly sinceMs: number }
  | { readonly kind: "revoke"; readonly revoke: readonly Own[]; readonly left: readonly Own[] };

/**
 * Whether the last call that is shown is ours. A key that was minted here is called until it works, which it does when the vendor has spread it,
 * and nobody else has it before; both times are by the vendor's clock. Of one that was replaced it is the second call of two.
 */
const isOurs = ({ key, connection, trials }: OwnKey, lastUse: number): boolean => {
  const isMinted = key.createdAtMs !== undefined && ownedName(key.name) !== undefined;
  const isTried = isMinted && lastUse <= (key.createdAtMs ?? 0) + connection.propagation + connection.skew;
  return isTried || (trials !== undefined && isSecondCall({ ...trials, lastUse, connection }));
};

/** Until when a key counts as in use, by the vendor's report: for ever, where that is not understood. */
const usedUntilMs = (own: OwnKey, quietMs: number): number => {
  const lastUse = lastUseToGoBy(own.key);
  if (lastUse === "not understood") return Number.POSITIVE_INFINITY;
  return typeof lastUse === "number" && !isOurs(own, lastUse) ? lastUse + quietMs + lateMsOf(own.connection) : 0;
};

/** Reconcile lists every connection within this time, which is a call that its vendor has to show, as one of the workloads' is. */
const LISTED_MS = 3_600_000;

/**
 * Since when somebody's call has to be shown, so that no use proves something; `undefined`: the reports reach so far, or it cannot be known.
 */
const unreportedSinceMs = (own: OwnKey, quietMs: number, nowMs: number): number | undefined => {
  const { key, reported } = own;
  const sinceMs = nowMs - quietMs - lateMsOf(own.connection) - LISTED_MS;
  const isYoung = key.createdAtMs !== undefined && key.createdAtMs >= sinceMs;
  if (!reported || isYoung || key.lastUse === "not told") return undefined;
  return reported.untilMs !== undefined && reported.untilMs >= sinceMs ? undefined : sinceMs;
};

/**
 * What the end of a managed key means for its keys. All go, and none while one is in use and nobody said force. When the key lives
 * on at another connection, those that a version holds are left: workloads run them until they have the new one, and reconcile
 * retires them on evidence. Pure.
 */
export const planRemoval = <Own extends OwnKey>(facts: RemovalFacts<Own>): RemovalPlan<Own> => {
  const { keys, quietMs, nowMs, force, hasMoved } = facts;
  const left = hasMoved ? keys.filter(({ held }) => held) : [];
  const revoke = keys.filter((own) => !left.includes(own));
  const inUse = force ? undefined : revoke.find((own) => usedUntilMs(own, quietMs) > nowMs);
  if (inUse) {
    const untilMs = usedUntilMs(inUse, quietMs);
    return { kind: "refuse", key: inUse.key, ...(Number.isFinite(untilMs) ? { untilMs } : {}) };
  }
  for (const own of force ? [] : revoke) {
    const sinceMs = unreportedSinceMs(own, quietMs, nowMs);
    if (sinceMs !== undefined) return { kind: "refuse without reports", key: own.key, sinceMs };
  }
  return { kind: "revoke", revoke, left };
};
