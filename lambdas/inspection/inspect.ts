import { type InspectRequest, inspectEvent, type VendorKeyFacts } from "../contracts/inspect.ts";
import { type KeyFacts, protocolFor } from "../contracts/key-facts.ts";
import { ownedName } from "../contracts/key-name.ts";
import { read } from "../contracts/read.ts";
import { KeyturnError } from "../errors.ts";
import { createHandler, type Invocation } from "../invocation.ts";
import { match, type Observation, type ObservedKey } from "../reconciliation/index.ts";
import { slotsLeft } from "../rotation/slots.ts";
import type { VendorKey } from "../vendors/vendor.ts";
import type { Handler, World } from "../world.ts";
import { allManagedKeys, factsOfKeys, managedKey, observeFor } from "./observe-keys.ts";

/** What `inspect` answers: facts alone, in the protocol that both sides know. */
export type InspectAnswer =
  | { readonly protocol: number; readonly keys: readonly KeyFacts[] }
  | { readonly protocol: number; readonly keys: readonly VendorKeyFacts[]; readonly slotsLeft?: number };

/** One key, described afresh: a list of secrets lags behind. One that is not there, or is not ours, is no key. */
const describedKey = async (invocation: Invocation, secretId: string): Promise<readonly ObservedKey[]> => {
  const secret = await invocation.secrets.describe(secretId);
  if (!secret) return [];
  try {
    return [managedKey(invocation, secret)];
  } catch (error) {
    if (error instanceof KeyturnError && error.code === "NOT_MANAGED") return [];
    throw error;
  }
};

const ownerOf = (observation: Observation, key: VendorKey): Pick<VendorKeyFacts, "owner" | "secretName"> => {
  const holder = observation.keys.find((one) =>
    Object.keys(one.secret.stages).some((id) => match(observation, one, id).generation?.id === key.id),
  );
  if (holder) return { owner: "managed", secretName: holder.secret.name };
  return { owner: ownedName(key.name)?.serviceId === observation.serviceId ? "stray" : "unmanaged" };
};

const vendorKeys = async (invocation: Invocation, connection: string) => {
  if (!(connection in invocation.grants.connections))
    throw new KeyturnError(
      "BAD_INPUT",
      `the service ${invocation.grants.service} has no vendor connection ${connection}; it has ${Object.keys(invocation.grants.connections).join(", ")}`,
    );
  // All keys of the service: a generation stays at the connection that it was minted at when another one is declared.
  const seen = await observeFor(invocation, await allManagedKeys(invocation), new Set([connection]));
  const { observation } = seen;
  const vendor = observation.vendors.get(connection);
  if (!vendor)
    throw new KeyturnError("UNCONFIRMED", seen.notListed.get(connection) ?? "its vendor was not listed", {
      retryable: true,
    });
  const facts = vendor.listing.keys
    .filter((key) => key.active)
    .map((key) => ({
      keyId: key.id,
      name: key.name,
      ...ownerOf(observation, key),
      ...(key.createdAtMs === undefined ? {} : { createdAt: new Date(key.createdAtMs).toISOString() }),
      ...(typeof key.lastUse === "number" ? { lastUsedAt: new Date(key.lastUse).toISOString() } : {}),
    }));
  const left = slotsLeft(invocation.vendors(vendor.connection).vendor, vendor.connection, vendor.listing.keys);
  return { keys: facts, ...(left === undefined ? {} : { slotsLeft: left }) };
};

const keysAsked = (invocation: Invocation, request: Extract<InspectRequest, { action: "list" | "describe" }>) =>
  request.action === "list" ? allManagedKeys(invocation) : describedKey(invocation, request.secretId);

/** The door by which a plan looks: it changes nothing, and its answers hold facts, never a value. */
export const inspectHandler = (world: World): Handler<InspectAnswer> =>
  createHandler(world, "inspect", async (event, invocation) => {
    const request = read(inspectEvent, event, "the request to inspect");
    const protocol = protocolFor(request.protocol);
    if (request.action === "vendorKeys") return { protocol, ...(await vendorKeys(invocation, request.connection)) };
    return { protocol, keys: await factsOfKeys(invocation, await keysAsked(invocation, request)) };
  });
