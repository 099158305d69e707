import { timeText } from "../../clock.ts";
import type { Connection } from "../../contracts/grants.ts";
import type { Invocation } from "../../invocation.ts";
import type { VendorKey } from "../../vendors/vendor.ts";
import { VendorError } from "../../vendors/vendor-error.ts";
import { type ContainerMemory, placeOf } from "./memory.ts";
import type { ObservedVendor } from "./observation.ts";

/** The part of the function's time within which a vendor is to be listed: what it leaves is for what has to be done all the same. */
const LISTING_SHARE = 0.4;

/** Until when a vendor's listing is waited for, as one's own time. */
const timeToList = ({ clock, remainingMs }: Invocation): { readonly remainingMs: () => number } => {
  const endMs = clock.now() + remainingMs() * LISTING_SHARE;
  return { remainingMs: () => Math.min(remainingMs(), endMs - clock.now()) };
};

/**
 * Lists the vendors of some connections for a plan, side by side, and leaves alone what a vendor's limit has left for the urgent. One that cannot be listed is left out, and its error returned by its name: it must not
 * hold up the others.
 */
export const observeVendors = async (
  invocation: Invocation,
  names: ReadonlySet<string>,
): Promise<{ vendors: ReadonlyMap<string, ObservedVendor>; failed: ReadonlyMap<string, unknown> }> => {
  const { grants, vendors: open, log } = invocation;
  const failed = new Map<string, unknown>();
  const limits = { ...timeToList(invocation), sparesReserve: true };
  const seen = await Promise.all(
    Object.entries(grants.connections).map(async ([name, connection]): Promise<readonly [string, ObservedVendor][]> => {
      if (!names.has(name)) return [];
      try {
        const session = open(connection, limits);
        const { isVerifyOpen } = session.vendor;
        return [[name, { connection, listing: await session.list(), isVerifyOpen }]];
      } catch (error) {
        log.failure("vendor.not-listed", error, { connection: name });
        failed.set(name, error);
        return [];
      }
    }),
  );
  return { vendors: new Map(seen.flat()), failed };
};

/**
 * What a list says of a key's use, with what earlier ones said: a use that was shown does not go away. A list that says "never", or
 * nothing, of a key of which another one told a use, is not understood.
 */
const usedAsTold = (key: VendorKey, place: string, { uses }: ContainerMemory): VendorKey => {
  const known = uses.get(place);
  const { lastUse } = key;
  if (typeof lastUse === "number") uses.set(place, Math.max(lastUse, known ?? lastUse));
  if (known === undefined) return key;
  if (typeof lastUse === "number") return lastUse < known ? { ...key, lastUse: known } : key;
  return { ...key, lastUse: "not understood" };
};

/** The vendor listings of one pass: each is begun once, and waited for by whoever needs it. */
export interface Listings {
  /** Lists a connection, unless that has begun. `undefined` where it cannot be listed, which holds up nobody else. */
  of(name: string): Promise<ObservedVendor | undefined>;
  /** What went wrong, of those that were listed. */
  readonly errors: readonly unknown[];
}

/** However long a vendor wants to be left alone: it is asked again at the next hourly listing. */
export const LONGEST_PAUSE_MS = 55 * 60_000;

/** The hourly listing is made whatever it takes, and leaves the budget to the rest. */
const UNCOUNTED = { onRequest: () => {} };

/**
 * Lists vendors for one pass, and keeps in mind what they tell of use, and for how long they want to be left alone.
 * @param isFree whether that is not taken out of their budgets
 */
export const openListings = (invocation: Invocation, memory: ContainerMemory, isFree: boolean): Listings => {
  const { clock, grants, vendors: open, log } = invocation;
  const begun = new Map<string, Promise<ObservedVendor | undefined>>();
  const errors: unknown[] = [];

  const list = async (name: string, connection: Connection): Promise<ObservedVendor | undefined> => {
    const pausedMs = memory.pausedUntil.get(name) ?? 0;
    if (clock.now() < pausedMs) {
      log.event("vendor.paused", { connection: name, until: timeText(pausedMs) });
      errors.push(new VendorError("RATE_LIMITED", `${name} asked to be left alone until ${timeText(pausedMs)}`));
      return undefined;
    }
    try {
      const limits = { ...timeToList(invocation), ...(isFree ? UNCOUNTED : {}) };
      const session = open(connection, limits);
      const listing = await session.list();
      const keys = listing.keys.map((key) => usedAsTold(key, placeOf(name, key.id), memory));
      return { connection, listing: { ...listing, keys }, isVerifyOpen: session.vendor.isVerifyOpen };
    } catch (error) {
      if (error instanceof VendorError && error.retryAfterMs !== undefined)
        memory.pausedUntil.set(name, clock.now() + Math.min(error.retryAfterMs, LONGEST_PAUSE_MS));
      log.failure("vendor.not-listed", error, { connection: name });
      errors.push(error);
      return undefined;
    }
  };

  return {
    errors,
    of(name) {
      const connection = grants.connections[name];
      if (!connection) return Promise.resolve(undefined);
      const known = begun.get(name) ?? list(name, connection);
      begun.set(name, known);
      return known;
    },
  };
};
