import { type InspectRequest, inspectEvent, type VendorKeyFacts } from "../contracts/inspect.ts";
import { answerProtocol, KEY_PROTOCOL, type KeyFacts, UNSUPPORTED_PROTOCOL } from "../contracts/key-facts.ts";
import { ownedName, serviceId } from "../contracts/key-name.ts";
import { CURRENT, versionWith } from "../contracts/labels.ts";
import { read } from "../contracts/read.ts";
import { KeyturnError } from "../errors.ts";
import { createHandler, type Invocation } from "../invocation.ts";
import { match, namedAs } from "../reconciliation/matching.ts";
import type { Observation, ObservedKey, ObservedVendor } from "../reconciliation/observation.ts";
import { observeKeys, observeVendors } from "../reconciliation/observe.ts";
import { slotLimit, slotsTaken } from "../rotation/slots.ts";
import { readStored, type Stored } from "../stored.ts";
import type { VendorKey } from "../vendors/vendor.ts";
import type { Handler, World } from "../world.ts";
import { keyFactsOf } from "./key-facts.ts";

/** What `inspect` answers: facts alone, in the protocol that both sides know. */
export type InspectAnswer =
  | { readonly protocol: number; readonly keys: readonly KeyFacts[] }
  | { readonly protocol: number; readonly keys: readonly VendorKeyFacts[]; readonly slotsLeft?: number };

/** A current version whose key has no name of ours was adopted: only its value tells the key's id. */
const withAdopted = async (invocation: Invocation, observation: Observation): Promise<Observation> => {
  const keys: ObservedKey[] = [];
  for (const key of observation.keys) {
    const current = versionWith(key.secret.stages, CURRENT);
    const isNamed = current !== undefined && namedAs(observation, key, current).length > 0;
    const stored = new Map<string, Stored>();
    if (current !== undefined && !isNamed && key.secret.deletedAtMs === undefined)
      stored.set(current, await readStored(invocation, key.secret, current));
    keys.push({ ...key, stored });
  }
  return { ...observation, keys };
};

/** Observes these keys with one listing for each of their vendor organizations. @throws what a vendor answered */
const observeFor = async (
  invocation: Invocation,
  keys: readonly ObservedKey[],
  connections: ReadonlySet<string>,
): Promise<Observation> => {
  const { vendors, errors } = await observeVendors(invocation, connections);
  if (errors.length > 0) throw errors[0];
  const id = serviceId(invocation.grants.service, invocation.functionArn);
  return withAdopted(invocation, { nowMs: invocation.clock.now(), serviceId: id, keys, vendors });
};

const keysAsked = async (
  invocation: Invocation,
  request: Extract<InspectRequest, { action: "list" | "describe" }>,
): Promise<readonly KeyFacts[]> => {
  const all = await observeKeys(invocation);
  const wanted =
    request.action === "list"
      ? all
      : all.filter(({ secret }) => secret.arn === request.secretId || secret.name === request.secretId);
  const connections = new Set(wanted.map((key) => key.declaration.connection));
  const observation = await observeFor(invocation, wanted, connections);
  return observation.keys.flatMap((key) => {
    const vendor = observation.vendors.get(key.declaration.connection);
    return vendor ? [keyFactsOf(observation, key, vendor)] : [];
  });
};

const ownerOf = (observation: Observation, key: VendorKey): Pick<VendorKeyFacts, "owner" | "secretName"> => {
  const holder = observation.keys.find((one) =>
    Object.keys(one.secret.stages).some((id) => match(observation, one, id).generation?.id === key.id),
  );
  if (holder) return { owner: "managed", secretName: holder.secret.name };
  return { owner: ownedName(key.name)?.serviceId === observation.serviceId ? "stray" : "unmanaged" };
};

const slotsLeft = ({ connection, listing }: ObservedVendor, { vendors }: Invocation): number | undefined => {
  const { vendor } = vendors(connection);
  const accesses = vendor.accessValues.map((value) => ({ kind: vendor.accessKind, value }));
  const left = accesses.flatMap((access) => {
    const limit = slotLimit(vendor, connection, access);
    return limit === undefined ? [] : [Math.max(0, limit - slotsTaken(listing.keys, connection, access))];
  });
  return left.length > 0 ? Math.min(...left) : undefined;
};

const vendorKeys = async (invocation: Invocation, connection: string) => {
  if (!(connection in invocation.grants.connections))
    throw new KeyturnError(
      "BAD_INPUT",
      `the service ${invocation.grants.service} has no vendor connection ${connection}; it has ${Object.keys(invocation.grants.connections).join(", ")}`,
    );
  const keys = (await observeKeys(invocation)).filter((key) => key.declaration.connection === connection);
  const observation = await observeFor(invocation, keys, new Set([connection]));
  const vendor = observation.vendors.get(connection);
  if (!vendor) return { keys: [] };
  const facts = vendor.listing.keys
    .filter((key) => key.active)
    .map((key) => ({
      keyId: key.id,
      name: key.name,
      ...ownerOf(observation, key),
      ...(key.createdAtMs === undefined ? {} : { createdAt: new Date(key.createdAtMs).toISOString() }),
      ...(typeof key.lastUse === "number" ? { lastUsedAt: new Date(key.lastUse).toISOString() } : {}),
    }));
  const left = slotsLeft(vendor, invocation);
  return { keys: facts, ...(left === undefined ? {} : { slotsLeft: left }) };
};

const protocolFor = (asked: number): number => {
  const protocol = answerProtocol(asked);
  if (protocol !== undefined) return protocol;
  throw new KeyturnError(
    UNSUPPORTED_PROTOCOL,
    `the caller speaks version ${asked} of the protocol, this service ${KEY_PROTOCOL.oldest} to ${KEY_PROTOCOL.newest}; upgrade the caller`,
  );
};

/** The door by which a plan looks: it changes nothing, and its answers hold facts, never a value. */
export const inspectHandler = (world: World): Handler<InspectAnswer> =>
  createHandler(world, "inspect", async (event, invocation) => {
    const request = read(inspectEvent, event, "the request to inspect");
    const protocol = protocolFor(request.protocol);
    if (request.action === "vendorKeys") return { protocol, ...(await vendorKeys(invocation, request.connection)) };
    return { protocol, keys: await keysAsked(invocation, request) };
  });
