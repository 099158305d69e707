import { CURRENT, versionWith } from "../../contracts/labels.ts";
import { controlBy, type Standing, standingOf } from "../../evidence/refusal.ts";
import type { Invocation } from "../../invocation.ts";
import { inParallel } from "../../pool.ts";
import { readGeneration } from "../../stored.ts";
import type { Observation, ObservedKey } from "./observation.ts";
import { type Pass, versionsOf } from "./version.ts";
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

/** The current version of a secret, where all that is known of it is that it is listed as active. */
const successorOf = (pass: Pass, key: ObservedKey): readonly Successor[] => {
  const versionId = versionWith(key.secret.stages, CURRENT);
  const current = versionsOf(pass, key).find((one) => one.versionId === versionId);
  const where = current && whereabouts(current);
  return current && where?.kind === "live" ? [{ key, versionId: current.versionId, where }] : [];
};

const ask = async (invocation: Invocation, { key, versionId, where }: Successor): Promise<Standing> => {
  const { vendors, grants, log } = invocation;
  const connection = grants.connections[where.connection];
  if (!connection) return "cannot tell";
  try {
    const held = await readGeneration(invocation, key.secret, versionId);
    if (typeof held !== "object") return "cannot tell";
    const session = vendors(connection);
    return await standingOf(session, held.apiKey, controlBy(session));
  } catch (error) {
    log.failure("value.not-read", error, { secretName: key.secret.name, versionId });
    return "cannot tell";
  }
};

/**
 * What is observed, with what the values of current keys showed.
 * @param going the ARNs of secrets of which a replaced key is to go
 */
export const withSuccessorsAsked = async (
  invocation: Invocation,
  pass: Pass,
  going: ReadonlySet<string>,
): Promise<Observation> => {
  const { observation } = pass;
  const successors = observation.keys
    .filter(({ secret }) => secret.deletedAtMs === undefined && going.has(secret.arn))
    .flatMap((key) => successorOf(pass, key));
  const standings = new Map<ObservedKey, ReadonlyMap<string, Standing>>();
  await inParallel(successors, AT_ONCE, async (one) => {
    standings.set(one.key, new Map([...(one.key.standings ?? []), [one.versionId, await ask(invocation, one)]]));
  });
  const keys = observation.keys.map((key): ObservedKey => {
    const found = standings.get(key);
    return found ? { ...key, standings: found } : key;
  });
  return { ...observation, keys };
};
