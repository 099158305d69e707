import { CURRENT, isArriving, isDestroyed, marks, PENDING } from "../../contracts/labels.ts";
import type { Version } from "../observe/version.ts";
import { whereabouts } from "../observe/whereabouts.ts";
import { decideAbandoned } from "./abandoned.ts";
import type { Action } from "./action.ts";
import { callingForCompromised, decideCompromised, decideCompromisedFirst, replacementOf } from "./compromised.ts";
import { decideCurrent } from "./current.ts";
import { decideDestroyed } from "./destroyed.ts";
import { doing, type Finding, keeps, NOTHING, unlabelled } from "./finding.ts";
import { isKeeper, speakersFor } from "./holders.ts";
import { decideDenied } from "./in-vain.ts";
import { decidePending } from "./pending.ts";
import { decideRetiring, decideRevoking, decideSuperseded } from "./retiring.ts";
import { isPendingLeftOver, stateOf, type VersionState } from "./state.ts";

const withWish = (finding: Finding, rotate: Finding["rotate"]): Finding => (rotate ? { ...finding, rotate } : finding);

/**
 * A key that another version of the secret speaks for. Where that one keeps it, this one is marked in vain; else it waits
 * for the other. The mark that it is compromised stays: it is about the key.
 */
const decideShared = (version: Version): Finding | undefined => {
  const { pass, key, labels } = version;
  const where = whereabouts(version);
  const speakers = "key" in where ? speakersFor(pass.observation, key, version, where.key.id) : [];
  if (speakers.length === 0) return undefined;
  const vain = (["retiring", "revoking", "abandoned"] as const)
    .flatMap((mark) => marks(mark, labels))
    .map(({ label }) => label);
  return doing(speakers.some(isKeeper) ? unlabelled(version, vain) : []);
};

/** Nothing of a secret that is marked for deletion can be changed; its keys live until it is gone. */
const awaitDeletion = (version: Version): Finding => {
  const where = whereabouts(version);
  if (where.kind !== "live") return NOTHING;
  return keeps(version, where, { state: "deletion", reason: "its secret is marked for deletion, and may be restored" });
};

/** A key that people made is being taken over: whoever does it takes the label off, or repeats it. */
const awaitAdoption = (version: Version): Finding => {
  const where = whereabouts(version);
  return where.kind === "live" ? keeps(version, where, { state: "pending", reason: "it is being adopted" }) : NOTHING;
};

/** Notes of mints mean something on the version that is current, or on its way to be. */
const staleNotes = (version: Version): readonly Action[] => {
  const { labels } = version;
  if (labels.includes(CURRENT) || isArriving(labels)) return [];
  const stale = (["in-vain", "listed-otherwise"] as const).flatMap((mark) => marks(mark, labels));
  return unlabelled(
    version,
    stale.map(({ label }) => label),
  );
};

type Rule = (version: Version) => Finding;

/** The rule of a state in which another version may speak for the key. */
const unlessShared =
  (rule: Rule): Rule =>
  (version) =>
    decideShared(version) ?? rule(version);

/** One rule for each state; what each does is told in `STATES`. */
const RULES: Readonly<Record<VersionState, Rule>> = {
  noted: () => NOTHING,
  denied: decideDenied,
  destroyed: decideDestroyed,
  "compromised first": (version) =>
    withWish(decideCompromisedFirst(version), version.labels.includes(CURRENT) ? replacementOf(version) : undefined),
  "awaiting deletion": awaitDeletion,
  current(version) {
    const found = decideCurrent(version);
    return withWish(found, replacementOf(version) ?? found.rotate);
  },
  adopting: awaitAdoption,
  pending: decidePending,
  compromised: unlessShared(decideCompromised),
  abandoned: unlessShared(decideAbandoned),
  revoking: unlessShared(decideRevoking),
  retiring: unlessShared(decideRetiring),
  superseded: unlessShared(decideSuperseded),
};

const decideByState = (version: Version): Finding => {
  const { key, labels } = version;
  const rule = RULES[stateOf(key.secret, labels)];
  const isDecidedWithPending = isDestroyed(key.secret.stages) || marks("compromised-first", labels).length > 0;
  if (!isPendingLeftOver(labels) || isDecidedWithPending) return rule(version);
  const found = rule({ ...version, labels: labels.filter((label) => label !== PENDING) });
  return { ...found, actions: [...unlabelled(version, [PENDING]), ...found.actions] };
};

/** A key that its vendor lists as revoked, and that was not seen to work, does not live. */
const withoutDead = (version: Version, finding: Finding): Finding => {
  const where = whereabouts(version);
  return where.kind === "revoked" && where.standing !== "works" ? { ...finding, lives: [] } : finding;
};

/** What is to be done about one labelled version, and why its key lives. */
export const decideVersion = (version: Version): Finding => {
  const found = callingForCompromised(version, withoutDead(version, decideByState(version)));
  return { ...found, actions: [...staleNotes(version), ...found.actions] };
};
