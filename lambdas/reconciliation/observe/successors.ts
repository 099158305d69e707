import { CURRENT, wasCurrent } from "../../contracts/labels.ts";
import { controlBy, type Standing, standingOf } from "../../evidence/refusal.ts";
import type { Invocation } from "../../invocation.ts";
import { inParallel } from "../../pool.ts";
import { readGeneration } from "../../stored.ts";
import { UNWAITED } from "./budget.ts";
import type { Observation, ObservedKey } from "./observation.ts";
import { type Pass, type Version, versionsOf } from "./version.ts";
import { type Whereabouts, whereabouts } from "./whereabouts.ts";

/*
 * Before a replaced key goes, the one that took its place is asked with its own value: a list that calls it active may be an old one, and
 * then what is about to go is all that works.
 */

const AT_ONCE = 5;

interface Successor {
  readonly key: ObservedKey;
  readonly versionId: string;
  readonly where: Extract<Whereabouts, { kind: "live" }>;
}

/** A version of which all that is known is that its key is listed as active. */
const listedOf = (pass: Pass, key: ObservedKey, isMeant: (version: Version) => boolean): readonly Successor[] =>
  versionsOf(pass, key)
    .filter(isMeant)
    .flatMap((version) => {
      const where = whereabouts(version);
      return where.kind === "live" ? [{ key, versionId: version.versionId, where }] : [];
    });

const isCurrent = ({ labels }: Version): boolean => labels.includes(CURRENT);

/** One that was current, and may be what there is to go back to. */
const isReplaced = ({ labels }: Version): boolean => !labels.includes(CURRENT) && wasCurrent(labels);

const ask = async (invocation: Invocation, { key, versionId, where }: Successor): Promise<Standing> => {
  const { vendors, grants, log } = invocation;
  const connection = grants.connections[where.connection];
  if (!connection) return "cannot tell";
  try {
    const held = await readGeneration(invocation, key.secret, versionId);
    if (typeof held !== "object") return "cannot tell";
    const session = vendors(connection, UNWAITED);
    return await standingOf(session, held.apiKey, controlBy(session));
  } catch (error) {
    log.failure("value.not-read", error, { secretName: key.secret.name, versionId });
    return "cannot tell";
  }
};

/** Asks the current key of a secret, and where that does not work, those that it replaced: one of them is to be what works. */
const askAll = async (
  invocation: Invocation,
  pass: Pass,
  key: ObservedKey,
  going: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Standing>> => {
  const said = new Map<string, Standing>(key.standings ?? []);
  const currents = listedOf(pass, key, isCurrent);
  for (const one of currents) said.set(one.versionId, await ask(invocation, one));
  if (currents.some(({ versionId }) => said.get(versionId) === "works")) return said;
  // A try of what is to go would be a use of it.
  const others = listedOf(pass, key, (version) => isReplaced(version) && !going.has(version.versionId));
  for (const one of others) said.set(one.versionId, await ask(invocation, one));
  return said;
};

/**
 * What is observed, with what the values of current keys showed.
 * @param going by the ARN of its secret: the versions whose keys are to go
 */
export const withSuccessorsAsked = async (
  invocation: Invocation,
  pass: Pass,
  going: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<Observation> => {
  const { observation } = pass;
  const asked = observation.keys.filter(({ secret }) => secret.deletedAtMs === undefined && going.has(secret.arn));
  const standings = new Map<ObservedKey, ReadonlyMap<string, Standing>>();
  await inParallel(asked, AT_ONCE, async (key) =>
    standings.set(key, await askAll(invocation, pass, key, going.get(key.secret.arn) ?? new Set())),
  );
  const keys = observation.keys.map((key): ObservedKey => {
    const found = standings.get(key);
    return found ? { ...key, standings: found } : key;
  });
  return { ...observation, keys };
};
