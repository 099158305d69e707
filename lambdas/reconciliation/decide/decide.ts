import type { Grants } from "../../contracts/grants.ts";
import { CURRENT, isDestroyed, versionWith } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import type { ReconcileRequest } from "../../contracts/reconcile.ts";
import { isNextTry } from "../observe/backoff.ts";
import { firstGenerationOf } from "../observe/memory.ts";
import type { Observation, ObservedKey } from "../observe/observation.ts";
import { isInScope, type Pass, type Scope, versionsOf } from "../observe/version.ts";
import type { Action } from "./action.ts";
import { decideEnded } from "./ended.ts";
import { doing, type Finding, type Life, type LifeState, NOTHING } from "./finding.ts";
import { decideInVain } from "./in-vain.ts";
import { decideOverdue } from "./overdue.ts";
import { notUnderstoodAt, oneProbeEach } from "./probing.ts";
import { startRotation, withinBrake, withinDeaths } from "./starts.ts";
import { decideStrays } from "./strays.ts";
import { decideTargets } from "./targets.ts";
import { decideVersion } from "./versions.ts";

/** What a pass is to do, in this order, and why each live key of the service that it saw is alive. */
export interface Decision {
  readonly actions: readonly Action[];
  readonly lives: readonly Life[];
}

/**
 * A deployment makes the first generation itself, within the time of `manage`; past twice that, it is missing. No version can say that its mints
 * come to nothing, so that it is asked for ever more rarely by its secret's age.
 */
const decideFirstGeneration = ({ observation, grants }: Pass, { secret }: ObservedKey): Finding => {
  const { stages, deletedAtMs, createdAtMs } = secret;
  if (versionWith(stages, CURRENT) !== undefined) return NOTHING;
  if (deletedAtMs !== undefined || createdAtMs === undefined) return NOTHING;
  const { nowMs, asked } = observation;
  const { reconcileInterval, mintTimeout } = grants;
  const askedMs = asked?.get(firstGenerationOf(secret.arn));
  if (askedMs !== undefined && nowMs < askedMs + 2 * reconcileInterval) return NOTHING;
  if (!isNextTry(nowMs - createdAtMs, 2 * mintTimeout, reconcileInterval)) return NOTHING;
  return doing([{ kind: "ensure", secretId: secret.arn, reason: "it has no current generation" }]);
};

const decideKey = (pass: Pass, key: ObservedKey): Decision => {
  const isWanted = !isDestroyed(key.secret.stages) && key.secret.deletedAtMs === undefined;
  const findings = [
    ...versionsOf(pass, key).map(decideVersion),
    decideEnded(pass, key),
    ...(isWanted ? [decideFirstGeneration(pass, key), decideOverdue(pass, key), decideInVain(pass, key)] : []),
  ];
  const actions = findings.flatMap((finding) => finding.actions);
  const wishes = findings.flatMap(({ rotate }) => rotate ?? []);
  // A dead current key is replaced by its own action, after it was asked.
  const isDead = actions.some(({ kind }) => kind === "revive");
  const starts = isDead || !isWanted ? [] : startRotation(pass, key, wishes);
  // A rotation mints as declared, so that what differs needs nothing besides.
  const isReplaced = starts.some(({ kind }) => kind === "rotate");
  return {
    actions: [
      ...actions.filter(({ kind }) => !(isReplaced && kind === "update")),
      ...decideTargets(key, actions),
      ...starts,
    ],
    lives: findings.flatMap(({ lives }) => lives),
  };
};

const place = ({ connection, keyId }: { readonly connection: string; readonly keyId: string }): string =>
  `${connection}/${keyId}`;

/** What a key's life says before all else. */
const FIRST: readonly LifeState[] = ["due", "current"];

const precedence = ({ state }: Life): number => (FIRST.includes(state) ? FIRST.indexOf(state) : FIRST.length);

/** Two versions, or two secrets, may hold one key: then one life speaks for it. */
const oneForEach = (lives: readonly Life[]): readonly Life[] => {
  const found = new Map<string, Life>();
  for (const life of lives.toSorted((a, b) => precedence(a) - precedence(b)))
    if (!found.has(place(life))) found.set(place(life), life);
  return lives.filter((life) => found.get(place(life)) === life);
};

/** For the same reason a key might be revoked twice. */
const onceEach = (actions: readonly Action[]): readonly Action[] => {
  const revoked = new Set<string>();
  return actions.filter((action) => {
    if (action.kind !== "revoke") return true;
    const isFirst = !revoked.has(place(action));
    revoked.add(place(action));
    return isFirst;
  });
};

/** One state for a connection, however many keys wait for its reports. */
const tellNotUnderstood = ({ observation }: Pass, lives: readonly Life[]): readonly Action[] =>
  notUnderstoodAt(observation, lives).map((connection) => ({
    kind: "report",
    action: "use.not-understood",
    metric: METRICS.useNotUnderstood,
    facts: {
      connection,
      keyIds: lives
        .filter((life) => life.connection === connection && life.isUseNotUnderstood)
        .map((life) => life.keyId),
      reason: "what the vendor says of the last use of keys is not understood, so that old ones are kept",
    },
  }));

/**
 * From what is to what is to be done: the whole decision of a pass, or a lane. Pure.
 * @param scope what of it is decided on @default all
 */
export const decide = (
  observation: Observation,
  grants: Grants,
  request: ReconcileRequest,
  scope?: Scope,
): Decision => {
  const pass: Pass = { observation, grants, request, ...(scope ? { scope } : {}) };
  const keys = observation.keys.filter(({ secret }) => isInScope(pass, secret.arn));
  const decisions = keys.map((key) => decideKey(pass, key));
  const lives = oneForEach(decisions.flatMap((one) => one.lives));
  const strays = decideStrays(pass, new Set(lives.map(({ keyId }) => keyId)));
  const all = [...lives, ...strays.lives];
  const actions = [...onceEach(decisions.flatMap((one) => one.actions)), ...strays.actions];
  return {
    actions: [...withinBrake(oneProbeEach(withinDeaths(pass, actions))), ...tellNotUnderstood(pass, all)],
    lives: all,
  };
};
