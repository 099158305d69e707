import type { Grants } from "../contracts/grants.ts";
import { generationOf, ownedName } from "../contracts/key-name.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { ReconcileRequest } from "../contracts/reconcile.ts";
import { secretNameOf } from "../contracts/secret-name.ts";
import type { VendorKey } from "../vendors/vendor.ts";
import type { Action } from "./action.ts";
import { match } from "./matching.ts";
import type { Observation, ObservedKey, ObservedVendor } from "./observation.ts";

/** A key may have been used while it was minted and verified; that is no sign of a workload. */
const MINTING_MS = 10 * 60_000;

/** True when a labelled version of one of the service's secrets accounts for the key. */
const isAccountedFor = (observation: Observation, keys: readonly ObservedKey[], candidate: VendorKey): boolean => {
  const owned = ownedName(candidate.name);
  return keys.some((key) =>
    Object.entries(key.secret.stages).some(
      ([versionId, labels]) =>
        labels.length > 0 &&
        key.declaration.name === owned?.name &&
        generationOf(versionId) === owned.generation &&
        !match(observation, key, versionId).others.some((other) => other.id === candidate.id),
    ),
  );
};

type Verdict = "revoke" | "wait" | { readonly hold: string };

const verdictOn = (key: VendorKey, vendor: ObservedVendor, grants: Grants, nowMs: number, told: boolean): Verdict => {
  const vendorNowMs = vendor.listing.vendorNowMs ?? nowMs;
  const inUse = typeof key.lastUse === "number" && key.lastUse > (key.createdAtMs ?? 0) + MINTING_MS;
  if (inUse) return { hold: `it is in use, last at ${new Date(Number(key.lastUse)).toISOString()}` };
  if (key.createdAtMs === undefined) return told ? "revoke" : { hold: "the vendor does not tell its age" };
  const ageMs = vendorNowMs - key.createdAtMs;
  const youngMs = Math.max(grants.strayAge, grants.mintTimeout + vendor.connection.skew);
  if (ageMs < youngMs + vendor.connection.reportingDelay) return told ? { hold: "too young" } : "wait";
  if (key.lastUse === "unknown")
    return told || grants.strays === "revoke" ? "revoke" : { hold: "the vendor gives no last use" };
  return "revoke";
};

interface Judged {
  readonly connection: string;
  readonly key: VendorKey;
  readonly verdict: Verdict;
}

const judge = (observation: Observation, grants: Grants, told: ReadonlySet<string>): readonly Judged[] =>
  [...observation.vendors].flatMap(([connection, vendor]) =>
    vendor.listing.keys
      .filter((key) => key.active && ownedName(key.name)?.serviceId === observation.serviceId)
      .filter((key) => {
        const keys = observation.keys.filter((other) => other.declaration.connection === connection);
        return !isAccountedFor(observation, keys, key);
      })
      .map((key) => ({
        connection,
        key,
        verdict: verdictOn(key, vendor, grants, observation.nowMs, told.has(key.id)),
      })),
  );

const held = ({ key, connection }: Judged, reason: string): Action => ({
  kind: "report",
  action: "stray.held",
  facts: { keyId: key.id, keyName: key.name, connection, reason },
  metric: METRICS.straysHeld,
});

const revoke = ({ key, connection }: Judged, service: string): Action => ({
  kind: "revoke",
  connection,
  keyId: key.id,
  keyName: key.name,
  ground: "stray",
  secretId: secretNameOf(service, ownedName(key.name)?.name ?? ""),
});

/**
 * What is to be done about keys of this service that no version accounts for. One in use is somebody's: it is reported,
 * never revoked. When more than the brake allows were to go, none goes until a person has named them.
 */
export const decideStrays = (
  observation: Observation,
  grants: Grants,
  request: ReconcileRequest,
): readonly Action[] => {
  const told = new Set(request.revokeStrays ?? []);
  const judged = judge(observation, grants, told);
  const toRevoke = judged.filter(({ verdict }) => verdict === "revoke");
  const unasked = toRevoke.filter(({ key }) => !told.has(key.id));
  const braked = unasked.length > grants.maxStrayRevocations;
  const brake = `${unasked.length} strays were to be revoked at once, ${grants.maxStrayRevocations} are allowed; invoke reconcile with {"revokeStrays": [key ids]} for those that shall go`;
  return judged.flatMap((one) => {
    if (typeof one.verdict === "object") return [held(one, one.verdict.hold)];
    if (one.verdict === "wait") return [];
    return [braked && !told.has(one.key.id) ? held(one, brake) : revoke(one, grants.service)];
  });
};
