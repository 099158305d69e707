import { timeText } from "../clock.ts";
import type { Access } from "../contracts/access.ts";
import type { Connection } from "../contracts/grants.ts";
import { generationOf, ownedName } from "../contracts/key-name.ts";
import { CURRENT, isRevoking, marks } from "../contracts/labels.ts";
import { KeyturnError } from "../errors.ts";
import { trialsOf } from "../evidence/trial.ts";
import { lastUseToGoBy, reportedUntilMs } from "../evidence/use.ts";
import type { Vendor, VendorKey } from "../vendors/vendor.ts";
import { retirementVerdict } from "./retirement.ts";
import type { Rotation } from "./rotation.ts";

type Limits = Pick<Connection, "plan" | "maxKeys">;

/** How many keys of an access the plan allows at once; `undefined` where no limit is known. */
export const slotLimit = (vendor: Vendor, connection: Limits, access: Access) =>
  connection.maxKeys ?? vendor.plans[connection.plan]?.[access.value];

const inSlots = (keys: readonly VendorKey[], { maxKeys }: Pick<Connection, "maxKeys">, access: Access) =>
  keys.filter((key) => key.active && (maxKeys !== undefined || (key.access ?? access.value) === access.value));

/** How many of the listed keys take a slot of that access. A key whose access is not listed counts for every one. */
export const slotsTaken = (
  keys: readonly VendorKey[],
  connection: Pick<Connection, "maxKeys">,
  access: Access,
): number => inSlots(keys, connection, access).length;

/** How many more keys the plan allows, for the role or type with the fewest left; `undefined` where no limit is known. */
export const slotsLeft = (vendor: Vendor, connection: Limits, keys: readonly VendorKey[]): number | undefined => {
  const left = vendor.accessValues.flatMap((value) => {
    const access = { kind: vendor.accessKind, value };
    const limit = slotLimit(vendor, connection, access);
    return limit === undefined ? [] : [Math.max(0, limit - slotsTaken(keys, connection, access))];
  });
  return left.length > 0 ? Math.min(...left) : undefined;
};

const lastUsed = ({ lastUse }: VendorKey): string => {
  if (typeof lastUse === "number") return `last used at ${timeText(lastUse)}`;
  return lastUse === "never" ? "never used" : `use ${lastUse}`;
};

/** Why a generation of the very secret holds its slot. */
const whyOwn = (
  { invocation, secret, declaration, connection, vendor }: Rotation,
  key: VendorKey,
  keys: readonly VendorKey[],
): string => {
  const generation = ownedName(key.name)?.generation;
  const versionId = Object.keys(secret.stages).find((id) => generationOf(id) === generation);
  const labels = secret.stages[versionId ?? ""] ?? [];
  if (labels.includes(CURRENT)) return "current";
  const since = marks("retiring", labels)[0];
  if (isRevoking(labels)) return "its revocation is not confirmed yet";
  if (!since) return labels.length > 0 ? "given up or compromised, goes with the next look of reconcile" : "a stray";
  const nowMs = invocation.clock.now();
  const { retire, reason } = retirementVerdict({
    retiringSinceMs: since.atMs,
    lastUse: lastUseToGoBy(key),
    reportedUntilMs: reportedUntilMs(keys),
    trials: trialsOf(labels, since.atMs, key, vendor.vendor.isVerifyOpen),
    declaration,
    connection,
    nowMs,
  });
  return retire ? "replaced, goes with the next look of reconcile" : `replaced; ${reason}`;
};

/** What holds the slots: this secret's generations with what each waits for, the service's others, and other people's. */
const whoHolds = (rotation: Rotation, keys: readonly VendorKey[]): string => {
  const isOurs = (key: VendorKey) => ownedName(key.name)?.serviceId === rotation.serviceId;
  const ours = keys.filter(isOurs).map((key) => {
    const generation = ownedName(key.name)?.generation;
    const isOwn = Object.keys(rotation.secret.stages).some((id) => generationOf(id) === generation);
    return `${key.name} (${key.id}: ${isOwn ? whyOwn(rotation, key, keys) : lastUsed(key)})`;
  });
  const others = keys.length - ours.length;
  return [...ours, ...(others > 0 ? [`${others} not of this service`] : [])].join(", ");
};

/** Whether the plan has a slot for one more key. @param keys all keys that the vendor lists */
export const hasFreeSlot = ({ vendor, connection, declaration }: Rotation, keys: readonly VendorKey[]): boolean =>
  slotsTaken(keys, connection, declaration.access) <
  (slotLimit(vendor.vendor, connection, declaration.access) ?? Number.POSITIVE_INFINITY);

/**
 * @param keys all keys that the vendor lists
 * @throws KeyturnError KEY_LIMIT (retryable: what may be retired, reconcile retires while a rotation waits) when the plan has
 * no slot for one more key, so that nothing is minted
 */
export const checkFreeSlot = (rotation: Rotation, keys: readonly VendorKey[]): void => {
  const { vendor, connection, declaration } = rotation;
  if (hasFreeSlot(rotation, keys)) return;
  const limit = slotLimit(vendor.vendor, connection, declaration.access);
  const holding = inSlots(keys, connection, declaration.access);
  throw new KeyturnError(
    "KEY_LIMIT",
    `${vendor.vendor.name}'s plan ${connection.plan} allows ${limit} ${declaration.access.value} keys and ${holding.length} are there, so none was minted: ${whoHolds(rotation, holding)}. Revoke one that is not needed, or take a larger plan`,
    { retryable: true },
  );
};
