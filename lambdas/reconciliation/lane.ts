import type { ReconcileRequest } from "../contracts/reconcile.ts";
import { slotsLeft } from "../rotation/slots.ts";
import { actAll, isUrgentStart } from "./act/steps.ts";
import type { Action } from "./decide/action.ts";
import { type Decision, decide } from "./decide/decide.ts";
import type { Lanes } from "./lanes.ts";
import { namedAs } from "./observe/matching.ts";
import type { Observation, ObservedVendor } from "./observe/observation.ts";
import { withStandings } from "./observe/standings.ts";
import { withSuccessorsAsked } from "./observe/successors.ts";
import { connectionsMissing, withStored } from "./observe/values.ts";
import type { Pass, Scope } from "./observe/version.ts";
import { measure } from "./tell/measurements.ts";
import { countAlarming, tellLives } from "./tell/records.ts";

/*
 * A lane is what a pass does about the keys of one vendor connection: it looks, decides, tells and acts, beside the lanes of other
 * connections, in its own time and with its own errors. A key that has moved between connections waits for the listings of all of
 * them, apart from the others.
 */

interface About {
  readonly secretId?: string;
  readonly keyId?: string;
}

/** A part of the service is asked for by secrets, and strays, which have none, by their key ids. */
const isWanted = (
  { secretId, keyId = "" }: About,
  { only, revokeStrays = [], replaceDead = [] }: ReconcileRequest,
): boolean => {
  if (only === undefined) return true;
  return secretId === undefined ? revokeStrays.includes(keyId) : [...only, ...replaceDead].includes(secretId);
};

/** Whether an action asks a vendor for what may wait until its budget has something left: not the end of a compromised key. */
const mayWait = (action: Action): boolean => {
  if (action.kind === "probe" || action.kind === "try" || action.kind === "confirm") return true;
  return action.kind === "revoke" && !action.ground.startsWith("compromised");
};

/** What was asked for of a decision, and is paid for. */
const wanted = ({ request, spent }: Lanes, { actions, lives }: Decision): Decision => ({
  actions: actions
    .filter((action) => isWanted(action, request))
    .filter((action) => !(mayWait(action) && "connection" in action && spent.has(action.connection))),
  lives: lives.filter((life) => isWanted(life, request)),
});

/** What is left to a later pass for want of a budget is said. */
const tellSpent = ({ invocation, spent }: Lanes, { actions }: Decision): void => {
  for (const connection of spent) {
    const left = actions.filter((one) => mayWait(one) && "connection" in one && one.connection === connection).length;
    if (left > 0) invocation.log.event("lane.budget-spent", { connection, left });
  }
};

type LanePass = Pass & { readonly scope: Scope };

const passOf = ({ invocation, request }: Lanes, observation: Observation, scope: Scope): LanePass => ({
  observation,
  grants: invocation.grants,
  request,
  scope,
});

/** With what is known of the targets of the keys in scope. */
const withAdoptions = async (lanes: Lanes, { observation, scope }: LanePass): Promise<Observation> => {
  const adoptions = await lanes.looks.adoptionsOf(scope.secretIds);
  const keys = observation.keys.map((key) => {
    const adoption = adoptions.get(key.secret.arn);
    return adoption ? { ...key, adoption } : key;
  });
  return { ...observation, keys };
};

const tellMeasurements = (
  { invocation: { log, vendors } }: Lanes,
  { observation, scope }: LanePass,
  { lives }: Decision,
): void => {
  const left = (name: string): number | undefined => {
    const seen = observation.vendors.get(name);
    return seen && slotsLeft(vendors(seen.connection).vendor, seen.connection, seen.listing.keys);
  };
  for (const [connection, lines] of measure(observation, lives, left, scope))
    for (const values of lines) log.measure(connection, values);
};

/** The versions whose keys are to go as they were replaced, by their secrets: what took their place is asked before. */
const goingIn = (actions: readonly Action[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const going = new Map<string, Set<string>>();
  for (const action of actions) {
    if (action.kind !== "revoke" || action.isGone || !action.secretId || !action.versionId) continue;
    if (action.ground !== "retired" && action.ground !== "compromised") continue;
    going.set(action.secretId, (going.get(action.secretId) ?? new Set()).add(action.versionId));
  }
  return going;
};

const decideOn = ({ observation, grants, request, scope }: LanePass): Decision =>
  decide(observation, grants, request, scope);

/** What is urgent does not wait for what clusters say. */
const actEarly = async (lanes: Lanes, home: string, seen: LanePass): Promise<readonly Action[]> => {
  if (lanes.looks.isDone(seen.scope.secretIds)) return [];
  const urgent = wanted(lanes, decideOn(seen)).actions.filter(isUrgentStart);
  await actAll(lanes, home, urgent);
  return urgent;
};

const isSame = (one: Action, other: Action): boolean =>
  one.kind === other.kind && "secretId" in one && "secretId" in other && one.secretId === other.secretId;

/** Decides on what was observed, tells what calls somebody, and then acts. @returns what it did */
const decideAndAct = async (lanes: Lanes, home: string, seen: LanePass): Promise<readonly Action[]> => {
  const { invocation, request } = lanes;
  const early = await actEarly(lanes, home, seen);
  const pass = { ...seen, observation: await withAdoptions(lanes, seen) };
  // What would go is decided on what the values of its successors show.
  const { actions: first } = wanted(lanes, decideOn(pass));
  const asked = { ...pass, observation: await withSuccessorsAsked(invocation, pass, goingIn(first)) };
  const whole = decideOn(asked);
  const { actions, lives } = wanted(lanes, whole);
  tellSpent(lanes, whole);
  tellLives(invocation.log, lives, request.only !== undefined);
  countAlarming(invocation.log, lives, actions);
  tellMeasurements(lanes, asked, whole);
  const left = actions.filter((action) => !early.some((done) => isSame(done, action)));
  await actAll(lanes, home, left);
  return [...early, ...left];
};

/** The keys of a scope by the connections that have to be listed besides before they can be decided on. */
const byWhatIsMissing = ({ observation, grants, scope }: LanePass): ReadonlyMap<string, ReadonlySet<string>> => {
  const groups = new Map<string, Set<string>>();
  for (const key of observation.keys.filter(({ secret }) => scope.secretIds.has(secret.arn))) {
    const missing = [...connectionsMissing({ ...observation, keys: [key] }, grants)].sort().join(" ");
    groups.set(missing, (groups.get(missing) ?? new Set()).add(key.secret.arn));
  }
  return groups;
};

/** Keys of which a generation lives at other connections, too: once those are listed. A spent budget pays for what is due alone. */
const runApart = async (
  lanes: Lanes,
  home: string,
  { observation }: Pass,
  secretIds: ReadonlySet<string>,
  names: readonly string[],
): Promise<readonly Action[]> => {
  const { invocation, memory, errors, listings, due, spent } = lanes;
  const paid = names.filter((name) => due.has(name) || !spent.has(name));
  const listed = await Promise.all(paid.map(async (name) => [name, await listings.of(name)] as const));
  const more = listed.filter((one): one is readonly [string, ObservedVendor] => one[1] !== undefined);
  const vendors = new Map([...observation.vendors, ...more]);
  const scope = { secretIds };
  const read = await withStored(invocation, { ...observation, vendors }, secretIds, memory, errors);
  const seen = await withStandings(invocation, passOf(lanes, read, scope), memory, errors);
  return decideAndAct(lanes, home, passOf(lanes, seen, scope));
};

/** What goes wrong with a lane as a whole is its own. */
const isolated = async (lanes: Lanes, home: string, work: Promise<readonly Action[]>): Promise<readonly Action[]> => {
  try {
    return await work;
  } catch (error) {
    lanes.invocation.log.failure("lane.failed", error, { connection: home });
    lanes.errors.push(error);
    return [];
  }
};

/**
 * The keys of other lanes of which a generation's name is listed here: their values tell whether a key of that name is what they hold, or a
 * stray of this connection.
 */
const guestsOf = (observation: Observation, secretIds: ReadonlySet<string>): readonly string[] =>
  observation.keys
    .filter(({ secret }) => !secretIds.has(secret.arn))
    .filter((key) => Object.keys(key.secret.stages).some((id) => namedAs(observation, key, id).length > 0))
    .map(({ secret }) => secret.arn);

const run = async (lanes: Lanes, home: string): Promise<readonly Action[]> => {
  const { invocation, memory, errors, listings } = lanes;
  const isDue = lanes.due.has(home);
  const vendor = isDue ? await listings.of(home) : undefined;
  if (vendor) memory.listedAt.set(home, invocation.clock.now());
  const ofLane = lanes.observation.keys.filter(({ declaration }) => declaration.connection === home);
  const all = { secretIds: new Set(ofLane.map(({ secret }) => secret.arn)), speaksFor: home };
  const vendors = new Map(vendor ? [[home, vendor]] : []);
  const isAway = isDue && !vendor;
  const listed = { ...lanes.observation, vendors };
  const toRead = new Set([...all.secretIds, ...guestsOf(listed, all.secretIds)]);
  const read = await withStored(invocation, listed, toRead, memory, errors, isAway);
  const seen = await withStandings(invocation, passOf(lanes, read, all), memory, errors);
  const groups = byWhatIsMissing(passOf(lanes, seen, all));
  const alone = groups.get("") ?? new Set<string>();
  const apart = [...groups].filter(([missing]) => missing !== "");
  const done = await Promise.all([
    decideAndAct(lanes, home, passOf(lanes, seen, { secretIds: alone, speaksFor: home })),
    ...apart.map(([missing, secretIds]) =>
      isolated(lanes, home, runApart(lanes, home, passOf(lanes, seen, all), secretIds, missing.split(" "))),
    ),
  ]);
  return done.flat();
};

/**
 * One lane of a pass. Never throws: what goes wrong is in the errors of all lanes.
 * @param home its connection
 * @returns what was done
 */
export const runLane = (lanes: Lanes, home: string): Promise<readonly Action[]> =>
  isolated(lanes, home, run(lanes, home));
