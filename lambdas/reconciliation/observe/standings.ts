import { CURRENT, isDestroyed, marks } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { isMintedAt, judgeFor, type LookedUp, listedAs, mintedAt, type Wholeness } from "../../evidence/listing.ts";
import { type Control, controlBy, type Standing, standingOf, standingOfRevoked } from "../../evidence/refusal.ts";
import type { Invocation } from "../../invocation.ts";
import { inParallel } from "../../pool.ts";
import { readGeneration } from "../../stored.ts";
import type { VendorSession } from "../../vendor-session.ts";
import { crossed } from "./backoff.ts";
import { UNWAITED } from "./budget.ts";
import type { ContainerMemory } from "./memory.ts";
import type { Observation, ObservedKey, ObservedVendor } from "./observation.ts";
import { isInScope, type Pass, type Version, versionsOf } from "./version.ts";
import { type Whereabouts, whereabouts } from "./whereabouts.ts";

/*
 * Keys that no listing shows as active are asked about with their own values, and the listings judged by what they lack. It is the one
 * place where reconcile learns whether a vendor's list may be believed.
 */

const HOUR_MS = 3_600_000;
/** How many values of a connection are tried in one pass; in a large fleet whose list is empty they take turns. */
const MOST = 20;
const AT_ONCE = 5;
/** Knuth, "The Art of Computer Programming", 6.4: multiplicative hashing with the golden ratio. */
const SCRAMBLE = 0x9e3779b1;

type NotActive = Extract<Whereabouts, { kind: "revoked" | "unlisted" }>;

interface Candidate {
  readonly version: Version;
  readonly where: NotActive;
}

/** A replaced key that no listing shows, whose overlap is over: its value is looked at once an hour, as a look may count as use. */
const isRetirementDue = ({ pass, key, labels }: Version, where: NotActive): boolean => {
  const { observation, grants, request } = pass;
  const isOver = marks("retiring", labels).some(({ atMs }) => observation.nowMs >= atMs + key.declaration.overlapMs);
  if (!isOver) return false;
  if (where.kind === "revoked") return true;
  return request.only !== undefined || crossed(observation.nowMs, HOUR_MS, grants.reconcileInterval);
};

const candidateOf = (version: Version): readonly Candidate[] => {
  const where = whereabouts(version);
  if (where.kind !== "revoked" && where.kind !== "unlisted") return [];
  return version.labels.includes(CURRENT) || isRetirementDue(version, where) ? [{ version, where }] : [];
};

const candidatesOf = (pass: Pass): readonly Candidate[] =>
  pass.observation.keys
    .filter(({ secret }) => isInScope(pass, secret.arn))
    .filter(({ secret }) => secret.deletedAtMs === undefined && !isDestroyed(secret.stages))
    .flatMap((key) => versionsOf(pass, key))
    .flatMap(candidateOf);

/** A part of so many, another one in each pass: drawn by the pass's number, as looks that are so many passes apart would else see the same. */
const partOf = (all: readonly Candidate[], most: number, pass: number): readonly Candidate[] => {
  if (all.length <= most) return all;
  const parts = Math.ceil(all.length / most);
  const from = (Math.imul(pass, SCRAMBLE) >>> 16) % parts;
  return all.slice(from * most, (from + 1) * most);
};

/** Current keys first; of more than are asked in one pass, another part in each. */
const inTurns = (candidates: readonly Candidate[], { observation, grants }: Pass): readonly Candidate[] => {
  const pass = Math.floor(observation.nowMs / grants.reconcileInterval);
  const isCurrent = ({ version }: Candidate): boolean => version.labels.includes(CURRENT);
  const currents = partOf(candidates.filter(isCurrent), MOST, pass);
  const others = candidates.filter((one) => !isCurrent(one));
  return [...currents, ...(currents.length < MOST ? partOf(others, MOST - currents.length, pass) : [])];
};

const ask = async (
  invocation: Invocation,
  { version, where }: Candidate,
  session: VendorSession,
  control: Control,
): Promise<Standing> => {
  const held = await readGeneration(invocation, version.key.secret, version.versionId);
  if (typeof held !== "object") return "cannot tell";
  return where.kind === "revoked"
    ? standingOfRevoked(session, held.apiKey, control)
    : standingOf(session, held.apiKey, control);
};

interface Asked {
  readonly candidate: Candidate;
  readonly standing: Standing;
}

/** Those of one connection, one after the other of a few at once; each connection for itself. */
const askAll = async (invocation: Invocation, pass: Pass, errors: unknown[]): Promise<readonly Asked[]> => {
  const all = candidatesOf(pass);
  const asked: Asked[] = [];
  const askHere = async (candidate: Candidate, session: VendorSession, control: Control): Promise<void> => {
    try {
      asked.push({ candidate, standing: await ask(invocation, candidate, session, control) });
    } catch (error) {
      const { secret } = candidate.version.key;
      invocation.log.failure("value.not-read", error, { secretName: secret.name });
      errors.push(error);
    }
  };
  const connections = Object.entries(invocation.grants.connections);
  await Promise.all(
    connections.map(async ([name, connection]) => {
      const here = inTurns(
        all.filter(({ where }) => where.connection === name),
        pass,
      );
      if (here.length === 0) return;
      const session = invocation.vendors(connection, UNWAITED);
      const control = controlBy(session);
      await inParallel(here, AT_ONCE, (candidate) => askHere(candidate, session, control));
    }),
  );
  return asked;
};

const withAnswers = (observation: Observation, asked: readonly Asked[]): Observation => {
  const byKey = new Map<string, Map<string, Standing>>();
  for (const { candidate, standing } of asked) {
    const { key, versionId } = candidate.version;
    const found = byKey.get(key.secret.arn) ?? new Map<string, Standing>();
    byKey.set(key.secret.arn, found.set(versionId, standing));
  }
  const keys = observation.keys.map((key): ObservedKey => {
    const standings = byKey.get(key.secret.arn);
    return standings ? { ...key, standings } : key;
  });
  return { ...observation, keys };
};

/** A current key, as it counts for the listing of a connection; `undefined`: it is not known to have been minted there. */
const lookedUp = (pass: Pass, key: ObservedKey, name: string): LookedUp | undefined => {
  const { connections } = pass.grants;
  const current = versionsOf(pass, key).find(({ labels }) => labels.includes(CURRENT));
  const where = current && whereabouts(current);
  if (!current || !where || !("key" in where) || where.connection !== name) return undefined;
  if (where.kind === "live") return { keyId: where.key.id, listed: "active" };
  const stored = key.stored.get(current.versionId);
  if (typeof stored !== "object" || !isMintedAt(stored, name, connections)) return undefined;
  const isMoving = mintedAt(stored, connections) === undefined && key.declaration.connection !== name;
  const listed = where.kind === "revoked" ? listedAs({ active: false }) : "absent";
  return isMoving
    ? undefined
    : {
        keyId: stored.keyId,
        issuedAtMs: stored.issuedAtMs,
        listed,
        works: where.standing === "works",
        isUnclear: where.standing === "cannot tell",
      };
};

const judge = async (invocation: Invocation, pass: Pass, name: string, vendor: ObservedVendor): Promise<Wholeness> => {
  const keys = pass.observation.keys.flatMap((key) => lookedUp(pass, key, name) ?? []);
  return judgeFor(invocation.vendors(vendor.connection), keys);
};

const TOLD_AT_COUNT = 3;

const LACKS_WORKING = "its list lacks keys of ours that work, so that nothing it lacks counts as gone";
const LACKS_UNCLEAR =
  "its list does not show keys of ours as active, and whether it takes them cannot be told, so that they are neither replaced nor gone";

/** One that lacks a key may be behind; three in a row, or an hour of them, are not. */
const noteNotWhole = (
  { log, clock }: Invocation,
  { notWhole }: ContainerMemory,
  connection: string,
  missing: readonly string[],
  reason: string,
): void => {
  const known = notWhole.get(connection);
  const now = { sinceMs: known?.sinceMs ?? clock.now(), count: (known?.count ?? 0) + 1 };
  notWhole.set(connection, now);
  log.event("listing.not-whole", { connection, missing, count: now.count, reason });
  if (now.count >= TOLD_AT_COUNT || clock.now() >= now.sinceMs + HOUR_MS) log.metric(METRICS.listingNotWhole, 1);
};

const noteWrong = ({ log }: Invocation, connection: string, missing: readonly string[]): void => {
  const reason =
    "its list shows none of our keys, although they work: the admin key is of another organization, so that nothing is done there";
  log.event("organization.wrong", { connection, missing, reason });
  log.metric(METRICS.wrongOrganization, 1);
};

/** Each listing is told of once a pass, by the lane of its connection. */
const note = (invocation: Invocation, memory: ContainerMemory, name: string, judged: Wholeness): void => {
  if (judged.kind === "wrong organization") noteWrong(invocation, name, judged.missing);
  const unclear = judged.kind === "whole" ? judged.unclear : [];
  if (judged.kind === "not whole") noteNotWhole(invocation, memory, name, judged.missing, LACKS_WORKING);
  else if (unclear.length > 0) noteNotWhole(invocation, memory, name, unclear, LACKS_UNCLEAR);
  else memory.notWhole.delete(name);
};

/** The connections whose listings may be decided from. One of another organization is left out, as if it had not been listed. */
const judgeAll = async (
  invocation: Invocation,
  pass: Pass,
  memory: ContainerMemory,
): Promise<ReadonlyMap<string, ObservedVendor>> => {
  const vendors = new Map<string, ObservedVendor>();
  for (const [name, vendor] of pass.observation.vendors) {
    const judged = await judge(invocation, pass, name, vendor);
    if (pass.scope === undefined || pass.scope.speaksFor === name) note(invocation, memory, name, judged);
    if (judged.kind !== "wrong organization") vendors.set(name, { ...vendor, probe: memory.probes.get(name) });
  }
  return vendors;
};

/**
 * Asks about the keys in scope that no listing shows as active, and judges the listings.
 * @param errors gets what could not be read
 */
export const withStandings = async (
  invocation: Invocation,
  pass: Pass,
  memory: ContainerMemory,
  errors: unknown[],
): Promise<Observation> => {
  const answered = withAnswers(pass.observation, await askAll(invocation, pass, errors));
  const vendors = await judgeAll(invocation, { ...pass, observation: answered }, memory);
  return { ...answered, vendors };
};
