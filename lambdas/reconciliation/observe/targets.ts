import { type Connection, type Grants, worksByMs } from "../../contracts/grants.ts";
import { CURRENT, PREVIOUS, versionWith } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { hasTargets, targetsOf } from "../../contracts/target-tags.ts";
import { type Distributor, distributorOf } from "../../distribution/distributor.ts";
import type { Invocation } from "../../invocation.ts";
import { inParallel } from "../../pool.ts";
import type { Adoption } from "../../rotation/retirement.ts";
import { readStored, type Stored } from "../../stored.ts";
import { adoptionFrom, unserved } from "./adoption.ts";
import type { ObservedKey } from "./observation.ts";

/** What is kept of the function's time for deciding and acting. */
const KEPT_MS = 60_000;

/** The looks of one pass at the targets of keys. They are begun first, as clusters may take longest to answer. */
export interface TargetLooks {
  /** Waits for what is known of the targets of some keys, for as long as a look may take. */
  adoptionsOf(secretIds: ReadonlySet<string>): Promise<ReadonlyMap<string, Adoption>>;
  /** Whether that would not have to be waited for. */
  isDone(secretIds: ReadonlySet<string>): boolean;
  readonly errors: readonly unknown[];
}

/** Targets in a service that has no `distribute` are something that it does not grant. */
const refuseAll = ({ log }: Invocation, keys: readonly ObservedKey[]): ReadonlyMap<string, Adoption> => {
  const adoptions = new Map<string, Adoption>();
  for (const { secret } of keys.filter((key) => hasTargets(key.secret.tags))) {
    const adoption = unserved(secret);
    adoptions.set(secret.arn, adoption);
    if (!adoption.adopted) log.event("targets.not-served", { secretName: secret.name, reason: adoption.reason });
  }
  if (adoptions.size > 0) log.metric(METRICS.requestsRefused, adoptions.size);
  return adoptions;
};

/** The clusters of a key's targets, as one text: keys of the same ones are asked about together, so that none waits for another's. */
const clustersOf = ({ secret: { tags } }: ObservedKey): string => {
  const clusters = targetsOf(tags).map((declared) => ("target" in declared ? declared.target.cluster : ""));
  return [...new Set(clusters)].sort().join(" ");
};

const look = async (
  invocation: Invocation,
  distributor: Distributor,
  keys: readonly ObservedKey[],
  nowMs: number,
  errors: unknown[],
): Promise<ReadonlyMap<string, Adoption>> => {
  const { clock, log, remainingMs } = invocation;
  const due = keys.map((key) => ({ key, versionId: versionWith(key.secret.stages, CURRENT) ?? "" }));
  const asked = due.map(({ key, versionId }) => ({ arn: key.secret.arn, versionId }));
  const answer = await distributor.ask("observe", asked, { clock, remainingMs: () => remainingMs() - KEPT_MS });
  for (const error of answer.errors) log.failure("targets.not-seen", error);
  errors.push(...answer.errors);
  const seen = due.map(({ key, versionId }) => ({ key, adoption: adoptionFrom(key.secret, versionId, answer) }));
  const proven = await withoutUnproven(invocation, seen, nowMs);
  return new Map(proven.map(({ key, adoption }) => [key.secret.arn, adoption]));
};

/** Of a look that fails nothing is known, and nobody else's is held up. */
const lookAt = async (...asked: Parameters<typeof look>): ReturnType<typeof look> => {
  const [{ log }, , , , errors] = asked;
  try {
    return await look(...asked);
  } catch (error) {
    log.failure("targets.not-seen", error);
    errors.push(error);
    return new Map();
  }
};

/**
 * Asks `distribute` how the targets stand that are due. What cannot be learned counts as not adopted: it keeps old keys, and
 * never revokes one.
 * @param keys all keys of the pass @param due those whose targets are to be looked at
 */
export const lookAtTargets = (
  invocation: Invocation,
  keys: readonly ObservedKey[],
  due: readonly ObservedKey[],
  nowMs: number,
): TargetLooks => {
  const distributor = invocation.functions && distributorOf(invocation.functions);
  const errors: unknown[] = [];
  const refused = distributor ? new Map<string, Adoption>() : refuseAll(invocation, keys);
  const looks = new Map<string, Promise<ReadonlyMap<string, Adoption>>>();
  const underWay = new Set<string>();
  const clustersOfAll = new Map(due.map((key) => [key.secret.arn, clustersOf(key)]));
  for (const clusters of distributor ? new Set(due.map(clustersOf)) : []) {
    const together = due.filter((key) => clustersOf(key) === clusters);
    underWay.add(clusters);
    const begun = distributor ? lookAt(invocation, distributor, together, nowMs, errors) : Promise.resolve(refused);
    void begun.then(() => underWay.delete(clusters));
    for (const { secret } of together) looks.set(secret.arn, begun);
  }
  return {
    errors,
    isDone: (secretIds) => ![...secretIds].some((id) => underWay.has(clustersOfAll.get(id) ?? "")),
    async adoptionsOf(secretIds) {
      const wanted = new Set([...secretIds].flatMap((id) => looks.get(id) ?? []));
      return new Map([...refused, ...(await Promise.all(wanted)).flatMap((found) => [...found])]);
    },
  };
};

/*
 * A secret's first value is current as soon as it is stored, while its vendor may still be spreading the key: whoever stored it
 * tells the targets when it works. Later values are known to work before they are current.
 */

interface FirstValue {
  readonly versionId: string;
  readonly connection: Connection;
}

/** A current value before which there was none, if the secret was changed so recently that it may just have been stored. */
const youngFirstValue = (
  { secret, declaration }: ObservedKey,
  nowMs: number,
  { connections }: Pick<Grants, "connections">,
): FirstValue | undefined => {
  const connection = connections[declaration.connection];
  const versionId = versionWith(secret.stages, CURRENT);
  if (!connection || versionId === undefined || versionWith(secret.stages, PREVIOUS) !== undefined) return undefined;
  return nowMs <= worksByMs(connection, secret.lastChangedAtMs ?? 0) ? { versionId, connection } : undefined;
};

/** Whether the key of a first value may not work yet. One that cannot be read counts as such; one that is not ours has no such time. */
const mayNotWorkYet = (stored: Stored, connection: Connection, nowMs: number): boolean => {
  if (typeof stored !== "object") return stored === "not read";
  return stored.issuedAtMs !== undefined && nowMs <= worksByMs(connection, stored.issuedAtMs);
};

/** How many values are read at once. */
const AT_ONCE = 10;

interface KeyWithAdoption {
  readonly key: ObservedKey;
  readonly adoption: Adoption;
}

type Reading = Pick<Invocation, "secrets" | "log">;

const storedIn = async (reading: Reading, { secret, stored }: ObservedKey, versionId: string): Promise<Stored> => {
  try {
    return stored.get(versionId) ?? (await readStored(reading, secret, versionId));
  } catch (error) {
    reading.log.failure("value.not-read", error, { secretName: secret.name, versionId });
    return "not read";
  }
};

/** The adoptions, without what an `apply` would change where a first value waits for its proof. */
export const withoutUnproven = (
  { secrets, grants, log }: Reading & Pick<Invocation, "grants">,
  seen: readonly KeyWithAdoption[],
  nowMs: number,
): Promise<readonly KeyWithAdoption[]> =>
  inParallel(seen, AT_ONCE, async ({ key, adoption }) => {
    const first = adoption.behind === undefined ? undefined : youngFirstValue(key, nowMs, grants);
    if (!first) return { key, adoption };
    const stored = await storedIn({ secrets, log }, key, first.versionId);
    if (!mayNotWorkYet(stored, first.connection, nowMs)) return { key, adoption };
    const { behind, ...rest } = adoption;
    log.event("targets.first-value", { secretName: key.secret.name, versionId: first.versionId, behind });
    return { key, adoption: rest };
  });
