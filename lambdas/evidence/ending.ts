import type { Connection } from "../contracts/grants.ts";
import type { Invocation } from "../invocation.ts";
import { inParallel } from "../pool.ts";
import type { Redacted } from "../redacted.ts";
import type { VendorSession } from "../vendor-session.ts";
import type { Listing, VendorKey } from "../vendors/vendor.ts";
import { VendorError } from "../vendors/vendor-error.ts";
import { works } from "../vendors/verify.ts";
import { activeIn, type LookedUp, listedAs } from "./listing.ts";
import { type Control, controlBy, standingInOneLook } from "./refusal.ts";

/*
 * When a key counts as revoked: it was asked for or left to a person, a listing that was begun afterwards does not show it as active, and
 * its value is refused twice, while the same endpoint takes a key known to work. Without a value that can be read, two whole
 * listings have to show it no more.
 */

/** The key and value of a generation that is taken for working. */
export interface KnownKey {
  readonly keyId: string;
  readonly value: Redacted;
}

/** A key whose revocation was decided, and asked for as far as it was to be. */
export interface Ending {
  readonly keyId: string;
  readonly keyName: string;
  /** Which listed keys it may be. @default the one of its id */
  readonly isIt?: (key: VendorKey) => boolean;
  readonly connection: Connection;
  /** Not there: its value cannot be read. */
  readonly value?: Redacted | undefined;
  /** Needed where there is no value: a key of ours that is known to work at the connection, and is not the one in doubt. */
  readonly known?: KnownKey | undefined;
}

export type Ended = { readonly kind: "confirmed" } | ({ readonly kind: "unconfirmed" } & Doubt);

/** What speaks against a revocation. */
interface Doubt {
  readonly reason: string;
  /** Whether the key is seen to live, other than that it cannot be told. */
  readonly lives: boolean;
}

type MayBeDoubt = Doubt | undefined;

const lives = (reason: string): Doubt => ({ reason, lives: true });
const cannotTell = (reason: string): Doubt => ({ reason, lives: false });

const NO_TIME = cannotTell("there was no time left to look");

const ROUNDS = [1, 2] as const;
const AT_ONCE = 5;
/** What is kept of the function's time. */
const RESERVE_MS = 20_000;

/** What one round of looks learns at one connection. */
interface Round {
  readonly session: VendorSession;
  /** One control call holds for all that is doubted in this round. It is the admin key's: one with a current key would count as its use. */
  readonly control: Control;
  listing(): Promise<Listing | string>;
}

const listingOrDoubt = async (session: VendorSession): Promise<Listing | string> => {
  try {
    return await session.list();
  } catch (error) {
    if (error instanceof VendorError) return `its vendor could not be listed (${error.message})`;
    throw error;
  }
};

const openRound = (session: VendorSession): Round => {
  let listing: Promise<Listing | string> | undefined;
  return {
    session,
    control: controlBy(session),
    listing: () => {
      listing ??= listingOrDoubt(session);
      return listing;
    },
  };
};

type Shown = { readonly as: LookedUp["listed"]; readonly listing: Listing } | { readonly doubt: Doubt };

const shown = async ({ keyId, isIt = ({ id }) => id === keyId }: Ending, round: Round): Promise<Shown> => {
  const listing = await round.listing();
  if (typeof listing === "string") return { doubt: cannotTell(listing) };
  const found = listing.keys.filter(isIt);
  return { as: listedAs(found.find(({ active }) => active) ?? found[0]), listing };
};

const LISTED = lives("its vendor lists it as active");

const byListing = async (ending: Ending, round: Round): Promise<MayBeDoubt> => {
  const found = await shown(ending, round);
  if ("doubt" in found) return found.doubt;
  return found.as === "active" ? LISTED : undefined;
};

const byValue = async (value: Redacted, round: Round): Promise<MayBeDoubt> => {
  const standing = await standingInOneLook(round.session, value, round.control);
  if (standing === "refused") return undefined;
  return standing === "works"
    ? lives("its vendor still takes it")
    : cannotTell("it cannot be told whether its vendor takes it");
};

/** Listed as revoked is said; an absence counts in a listing alone that shows a key of ours which works. */
const withoutValue = async (ending: Ending, round: Round): Promise<MayBeDoubt> => {
  const found = await shown(ending, round);
  if ("doubt" in found) return found.doubt;
  if (found.as !== "absent") return found.as === "active" ? LISTED : undefined;
  const { known } = ending;
  if (!known || !activeIn(found.listing, known.keyId))
    return cannotTell("its value cannot be read, and no key of ours that is known to work is listed there");
  return works(await round.session.verify(known.value))
    ? undefined
    : cannotTell("the listing cannot be shown to be whole");
};

const doubtIn = async (ending: Ending, round: Round, isLast: boolean): Promise<MayBeDoubt> => {
  if (!ending.value) return withoutValue(ending, round);
  return (await byValue(ending.value, round)) ?? (isLast ? byListing(ending, round) : undefined);
};

const orDoubt = async (look: Promise<MayBeDoubt>): Promise<MayBeDoubt> => {
  try {
    return await look;
  } catch (error) {
    if (error instanceof VendorError) return cannotTell(`it cannot be told what became of it (${error.message})`);
    throw error;
  }
};

/** Looks at each of them once. What the function's time does not suffice for is left in doubt, not looked at in haste. */
const lookAtAll = async (
  { vendors, remainingMs }: Pick<Invocation, "vendors" | "remainingMs">,
  endings: readonly Ending[],
  isLast: boolean,
): Promise<ReadonlyMap<Ending, Doubt>> => {
  const doubts = new Map<Ending, Doubt>();
  const rounds = new Map<Connection, Round>();
  await inParallel(endings, AT_ONCE, async (ending) => {
    const round = rounds.get(ending.connection) ?? openRound(vendors(ending.connection));
    rounds.set(ending.connection, round);
    const doubt = remainingMs() < RESERVE_MS ? NO_TIME : await orDoubt(doubtIn(ending, round, isLast));
    if (doubt !== undefined) doubts.set(ending, doubt);
  });
  return doubts;
};

/**
 * Looks twice, at least a propagation apart, whether keys are revoked. The first look waits for a propagation, too.
 * @returns for each what became of it, in their order
 */
export const confirmAll = async (
  invocation: Pick<Invocation, "clock" | "vendors" | "remainingMs">,
  endings: readonly Ending[],
): Promise<readonly Ended[]> => {
  const doubts = new Map<Ending, Doubt>();
  const pauseMs = Math.max(0, ...endings.map(({ connection }) => connection.propagation));
  for (const number of ROUNDS) {
    const left = endings.filter((ending) => !doubts.has(ending));
    if (left.length === 0) break;
    const hasTime = pauseMs <= invocation.remainingMs() - RESERVE_MS;
    if (hasTime) await invocation.clock.sleep(pauseMs);
    const isLast = number === ROUNDS.length;
    const found = hasTime ? await lookAtAll(invocation, left, isLast) : new Map(left.map((one) => [one, NO_TIME]));
    for (const [ending, doubt] of found) doubts.set(ending, doubt);
  }
  return endings.map((ending) => {
    const doubt = doubts.get(ending);
    return doubt ? { kind: "unconfirmed", ...doubt } : { kind: "confirmed" };
  });
};
