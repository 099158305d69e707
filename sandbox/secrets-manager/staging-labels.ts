import type { Labels, Secret } from "./secret.ts";
import { invalidParameter, limitExceeded } from "./service-error.ts";

export const CURRENT = "AWSCURRENT";
export const PENDING = "AWSPENDING";
export const PREVIOUS = "AWSPREVIOUS";

/** Service quotas: "Staging labels attached across all versions of a secret". */
export const MAX_LABELS = 20;

/** The labels of one version, sorted as AWS answers them. */
export const stagesOf = (labels: Labels, versionId: string): string[] =>
  [...labels].flatMap(([label, holder]) => (holder === versionId ? [label] : [])).sort();

/** Every labelled version with its sorted labels; undefined when no version has one (AWS then leaves the field out). */
export function stagesByVersion(labels: Labels): Record<string, string[]> | undefined {
  if (labels.size === 0) return undefined;
  return Object.fromEntries([...new Set(labels.values())].map((id) => [id, stagesOf(labels, id)]));
}

/** Puts `label` on `versionId`. Where AWSCURRENT leaves another version, AWSPREVIOUS goes to that version. */
export function moveLabel(labels: Labels, label: string, versionId: string): Labels {
  const moved = new Map(labels);
  const holder = labels.get(label);
  if (label === CURRENT && holder !== undefined && holder !== versionId) moved.set(PREVIOUS, holder);
  return moved.set(label, versionId);
}

/** Puts all of `stages` on `versionId`; AWSCURRENT comes last, so that its rule for AWSPREVIOUS wins. */
export function moveLabels(labels: Labels, stages: readonly string[], versionId: string): Labels {
  const inOrder = [...stages].sort((a, b) => Number(a === CURRENT) - Number(b === CURRENT));
  return inOrder.reduce((moved, stage) => moveLabel(moved, stage, versionId), labels);
}

export function withoutLabel(labels: Labels, label: string): Labels {
  const rest = new Map(labels);
  rest.delete(label);
  return rest;
}

/** @throws LimitExceededException when the secret would have more than 20 staging labels */
export function requireWithinLimit(labels: Labels): Labels {
  if (labels.size <= MAX_LABELS) return labels;
  throw limitExceeded(
    `A secret can have ${MAX_LABELS} staging labels over all of its versions; this would make ${labels.size}.`,
  );
}

/** AWSPENDING sits on another version than AWSCURRENT: for AWS, a rotation that has not ended. */
export function isPendingElsewhere(labels: Labels): boolean {
  const pending = labels.get(PENDING);
  return pending !== undefined && pending !== labels.get(CURRENT);
}

/**
 * The labels after UpdateSecretVersionStage.
 * @throws InvalidParameterException when the label is on another version than RemoveFromVersionId says, when AWSCURRENT
 *   would be on no version, or when nothing is asked for
 */
export function relabel(
  secret: Secret,
  change: { stage: string; moveTo: string | undefined; removeFrom: string | undefined },
): Labels {
  const { stage, moveTo, removeFrom } = change;
  for (const id of [moveTo, removeFrom]) requireVersion(secret, id);
  requireHolder(secret.labels, change);
  if (moveTo !== undefined) return moveLabel(secret.labels, stage, moveTo);
  if (stage === CURRENT) {
    throw invalidParameter(
      `You can only move staging label ${CURRENT} to a different secret version. It can't be completely removed.`,
    );
  }
  if (removeFrom !== undefined) return withoutLabel(secret.labels, stage);
  throw invalidParameter("You must provide MoveToVersionId, RemoveFromVersionId, or both.");
}

function requireVersion(secret: Secret, id: string | undefined): void {
  if (id !== undefined && !secret.versions.has(id)) throw invalidParameter(`Not a valid version: ${id}`);
}

function requireHolder(
  labels: Labels,
  { stage, moveTo, removeFrom }: { stage: string; moveTo: string | undefined; removeFrom: string | undefined },
): void {
  const holder = labels.get(stage);
  if (removeFrom !== undefined && removeFrom !== holder) {
    const where = holder === undefined ? "no version" : `version ${holder}`;
    throw invalidParameter(
      `Version stage ${stage} not found in version ${removeFrom}. The staging label is currently attached to ${where}.`,
    );
  }
  if (moveTo !== undefined && removeFrom === undefined && holder !== undefined && holder !== moveTo) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
}
