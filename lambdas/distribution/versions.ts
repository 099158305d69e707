import { CURRENT, isCompromised, marks, PENDING, PREVIOUS, type Stages, versionWith } from "../contracts/labels.ts";
import { apiKeyOf } from "../contracts/secret-value.ts";
import type { Invocation } from "../invocation.ts";
import type { SecretFacts } from "../secrets.ts";
import type { Generation, Versions } from "../targets/target.ts";
import { TargetError } from "../targets/target-error.ts";

/** Generations that were read in this invocation, by their version ids. Values are immutable. */
export type ReadGenerations = Map<string, Generation>;

/**
 * The version whose overlap lasts: replaced by the current one and not revoked yet. One that a person marked as no secret any
 * more has no overlap.
 */
export const retiringVersion = (stages: Stages): string | undefined => {
  const previous = versionWith(stages, PREVIOUS);
  const labels = stages[previous ?? ""] ?? [];
  return marks("retiring", labels).length > 0 && !isCompromised(labels) ? previous : undefined;
};

/** @throws TargetError SUPERSEDED when the version is not AWSCURRENT */
export const checkCurrent = ({ name, stages }: SecretFacts, versionId: string): void => {
  if (stages[versionId]?.includes(CURRENT)) return;
  const current = versionWith(stages, CURRENT) ?? "none";
  throw new TargetError(
    "SUPERSEDED",
    `the version ${versionId} of ${name} is not AWSCURRENT (${current} is), so it was not distributed`,
  );
};

/**
 * Whether a version may be written over the one that a target has. Descriptions may be a moment old: one that shows the
 * target's version as still to become current is older than the target.
 * @throws TargetError SUPERSEDED
 */
export const checkReplaces = (
  { name, stages }: SecretFacts,
  versionId: string,
  liveVersionId: string | undefined,
): void => {
  if (liveVersionId === undefined || liveVersionId === versionId) return;
  const labels = stages[liveVersionId] ?? [];
  if (!labels.includes(PENDING) || labels.includes(PREVIOUS)) return;
  throw new TargetError(
    "SUPERSEDED",
    `the target has the version ${liveVersionId} of ${name}, which is just becoming AWSCURRENT`,
  );
};

const generationOf = async (
  { secrets }: Pick<Invocation, "secrets">,
  { arn, name }: SecretFacts,
  versionId: string,
  known: ReadGenerations,
): Promise<Generation | undefined> => {
  const read = known.get(versionId);
  if (read) return read;
  const text = await secrets.value(arn, versionId);
  if (text === undefined) return undefined;
  const generation = { versionId, apiKey: apiKeyOf(text, `version ${versionId} of ${name}`) };
  known.set(versionId, generation);
  return generation;
};

/** A replaced generation that cannot be read is left out: the current one must not wait for it. */
const retiringGeneration = async (
  invocation: Pick<Invocation, "secrets" | "log">,
  secret: SecretFacts,
  known: ReadGenerations,
): Promise<Generation | undefined> => {
  const versionId = retiringVersion(secret.stages);
  if (versionId === undefined) return undefined;
  try {
    return await generationOf(invocation, secret, versionId, known);
  } catch (error) {
    invocation.log.failure("value.not-ours", error, { secretName: secret.name, versionId });
    return undefined;
  }
};

/**
 * What the targets of a secret are to hold.
 * @throws TargetError SUPERSEDED when the version is not AWSCURRENT, BAD_INPUT when it has no value; KeyturnError when no
 * key can be read in it. Whose it is does not count: what is current is to be used
 */
export const versionsOf = async (
  invocation: Pick<Invocation, "secrets" | "log">,
  secret: SecretFacts,
  versionId: string,
  known: ReadGenerations,
): Promise<Versions> => {
  checkCurrent(secret, versionId);
  const current = await generationOf(invocation, secret, versionId, known);
  if (!current) throw new TargetError("BAD_INPUT", `the version ${versionId} of ${secret.name} has no value`);
  const retiring = await retiringGeneration(invocation, secret, known);
  return { current, ...(retiring ? { retiring } : {}) };
};
