import { declarationOf } from "../../contracts/declaration.ts";
import { servedKey, servedTarget } from "../../contracts/floors.ts";
import { CURRENT, isPendingElsewhere, PENDING, versionWith } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { targetsOf } from "../../contracts/target-tags.ts";
import type { Invocation } from "../../invocation.ts";
import { inParallel } from "../../pool.ts";
import { isReplica, type SecretFacts } from "../../secrets.ts";
import { checkHome, readHeld } from "../../stored.ts";
import { placeOf } from "./memory.ts";
import type { ObservedKey } from "./observation.ts";

interface ObservedSecrets {
  readonly keys: readonly ObservedKey[];
  /** Secrets whose tags ask for what is not granted, or cannot be read: they are reported and left alone. */
  readonly unserved: readonly SecretFacts[];
}

/**
 * Whether a target of a secret asks for what is not granted, or for less than is; each one is told. Targets of a service that has no
 * cluster are told where they are looked at.
 */
const isAskingMuch = ({ grants, log }: Invocation, { name, tags }: SecretFacts): boolean => {
  if (!grants.clusters) return false;
  const amiss = targetsOf(tags).filter((declared) => {
    if ("problem" in declared) return false;
    try {
      const { below } = servedTarget(grants, declared.target, name);
      if (below.length > 0) log.event("request.raised", { secretName: name, target: declared.id, below });
      return below.length > 0;
    } catch (error) {
      log.failure("request.refused", error, { secretName: name, target: declared.id });
      return true;
    }
  });
  return amiss.length > 0;
};

/** `arn:aws:lambda:<region>:<account>:…` */
const placeIn = (arn: string): string => arn.split(":").slice(3, 5).join(":");

/**
 * Makes sure that a secret is no replica that was promoted, which AWS describes like any other: one has no rotation in its region, and its
 * current key was minted in the other.
 * @throws KeyturnError NOT_MANAGED
 */
const checkNoCopy = async (invocation: Invocation, secret: SecretFacts, atHome: Set<string>): Promise<void> => {
  const { arn, stages, rotationFunctionArn, deletedAtMs } = secret;
  const versionId = versionWith(stages, CURRENT);
  const isRotatedHere = rotationFunctionArn !== undefined && placeIn(rotationFunctionArn) === placeIn(arn);
  if (isRotatedHere || versionId === undefined || deletedAtMs !== undefined) return;
  const place = placeOf(arn, versionId);
  if (atHome.has(place)) return;
  const held = await readHeld(invocation, secret, versionId).catch((error: unknown) => {
    invocation.log.failure("value.not-read", error, { secretName: secret.name, versionId });
  });
  if (held === undefined) return;
  if (typeof held === "object") checkHome(secret, versionId, held);
  atHome.add(place);
};

/** A fleet's secrets are not asked about one by one. */
const AT_ONCE = 10;

/**
 * The managed keys of the service in this region.
 * @param atHome remembers, for a container, which secrets were seen to be this region's own
 */
export const observeSecrets = async (invocation: Invocation, atHome: Set<string>): Promise<ObservedSecrets> => {
  const { secrets, grants, log } = invocation;
  const unserved: SecretFacts[] = [];
  const raised = new Set<string>();
  const all = (await secrets.listOfService(grants.service)).filter((one) => !isReplica(one));
  const found = await inParallel(all, AT_ONCE, async (secret): Promise<readonly ObservedKey[]> => {
    try {
      const asked = declarationOf(secret.tags, secret.name);
      const { declaration, below } = servedKey(grants, asked, secret.name);
      await checkNoCopy(invocation, secret, atHome);
      if (below.length > 0) log.event("request.raised", { secretName: secret.name, below });
      const isTargetAmiss = isAskingMuch(invocation, secret);
      if (below.length > 0 || isTargetAmiss) raised.add(secret.arn);
      return [{ secret, declaration, stored: new Map() }];
    } catch (error) {
      log.failure("request.refused", error, { secretName: secret.name });
      unserved.push(secret);
      return [];
    }
  });
  const keys = found.flat();
  const told = unserved.length + raised.size;
  if (told > 0) log.metric(METRICS.requestsRefused, told);
  return { keys, unserved };
};

/** Whether nothing but the time at which its pending version was made keeps a rotation from being given up. */
const isTimeNeeded = ({ secret }: ObservedKey, nowMs: number, stuckAge: number): boolean => {
  const mayBeStuck = isPendingElsewhere(secret.stages) && versionWith(secret.stages, CURRENT) !== undefined;
  if (!mayBeStuck || secret.deletedAtMs !== undefined) return false;
  return secret.lastChangedAtMs === undefined || isStuck(secret, undefined, { nowMs, stuckAge });
};

interface SeenKeys {
  readonly keys: readonly ObservedKey[];
  readonly errors: readonly unknown[];
}

/**
 * Asks when a pending version was made, where all else says that it is stuck. Where that cannot be learned, the version counts
 * as just made, so that nothing is given up for want of knowledge, and the other secrets go on.
 */
export const withPendingTimes = async (
  { secrets, grants, log }: Invocation,
  observed: readonly ObservedKey[],
  nowMs: number,
): Promise<SeenKeys> => {
  const errors: unknown[] = [];
  const keys = await inParallel(observed, AT_ONCE, async (key) => {
    const { secret } = key;
    const pending = versionWith(secret.stages, PENDING);
    if (pending === undefined || !isTimeNeeded(key, nowMs, grants.stuckAge)) return key;
    try {
      const pendingMadeAtMs = (await secrets.versionTimes(secret.arn)).get(pending);
      return { ...key, ...(pendingMadeAtMs === undefined ? {} : { pendingMadeAtMs }) };
    } catch (error) {
      log.failure("versions.not-listed", error, { secretName: secret.name });
      errors.push(error);
      return { ...key, pendingMadeAtMs: nowMs };
    }
  });
  return { keys, errors };
};

/**
 * Since when a version is surely pending. AWS tells no time for a label. What it tells is when anything of the secret was
 * changed last, which was not before the label was put, and when the version was made, which for a rotation is when it was
 * asked for, whether it has a value or not. The later of the two never makes a rotation older than it is; every try that
 * changes something makes it young again.
 */
export const pendingSinceMs = (secret: SecretFacts, madeAtMs: number | undefined): number | undefined => {
  const known = [secret.lastChangedAtMs, madeAtMs].filter((time) => time !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
};

/** Whether a pending version counts as stuck, as far as it is known since when it is pending. */
export const isStuck = (
  secret: SecretFacts,
  madeAtMs: number | undefined,
  { nowMs, stuckAge }: { readonly nowMs: number; readonly stuckAge: number },
): boolean => {
  const sinceMs = pendingSinceMs(secret, madeAtMs);
  return sinceMs !== undefined && nowMs >= sinceMs + stuckAge;
};
