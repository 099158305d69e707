import { TargetError } from "../target-error.ts";
import { objectText } from "./api-error.ts";
import { ANNOTATIONS, FIELD_MANAGER, LABELS } from "./names.ts";
import type { ManagedField, Metadata } from "./objects.ts";
import type { ObjectPath } from "./rules.ts";

/** Whose objects they are: one managed key of one service. */
export interface Owner {
  readonly service: string;
  /** The managed key's name. */
  readonly key: string;
  /** The versions of its secret: what has one of them was written for this key, under whatever name it had then. */
  readonly versionIds: readonly string[];
}

/** The labels by which an object says that Keyturn writes it, and for which key. */
export const ownerLabels = ({ service, key }: Pick<Owner, "service" | "key">): Readonly<Record<string, string>> => ({
  [LABELS.managedBy]: FIELD_MANAGER,
  [LABELS.service]: service,
  [LABELS.key]: key,
});

/** Whether an object says just that: one that was written before the key was renamed does not. */
export const hasOwnerLabels = ({ labels }: Pick<Metadata, "labels">, owner: Owner): boolean =>
  Object.entries(ownerLabels(owner)).every(([label, value]) => labels[label] === value);

/** The command with which a person hands an object over to Keyturn. */
const handOver = (object: ObjectPath, owner: Owner): string => {
  const labels = Object.entries(ownerLabels(owner)).map(([label, value]) => `${label}=${value}`);
  return `kubectl label ${object.resource} ${object.name} --namespace ${object.namespace} --overwrite ${labels.join(" ")}`;
};

/**
 * Sees to it that an object is one of this key's.
 * @throws TargetError NOT_OURS with whose it is, and how it is handed over
 */
export const checkOwner = (
  { labels, annotations, ownerReferences }: Metadata,
  object: ObjectPath,
  owner: Owner,
): void => {
  const what = objectText(object);
  const [reference] = ownerReferences;
  if (reference)
    throw new TargetError(
      "NOT_OURS",
      `${what} belongs to the ${reference.kind} ${reference.name}, which writes it; delete that one, or declare another name`,
    );
  const manager = labels[LABELS.managedBy];
  if (manager !== FIELD_MANAGER) {
    const whose = manager === undefined ? "is nobody's by its labels" : `is managed by ${manager}`;
    throw new TargetError(
      "NOT_OURS",
      `${what} ${whose}, so it was not touched; to hand it over: ${handOver(object, owner)}; or declare another name`,
    );
  }
  const isThisKeys =
    labels[LABELS.key] === owner.key || owner.versionIds.includes(annotations[ANNOTATIONS.version] ?? "");
  if (labels[LABELS.service] === owner.service && isThisKeys) return;
  throw new TargetError(
    "NOT_OURS",
    `${what} is written for the key ${labels[LABELS.key] ?? "?"} of the service ${labels[LABELS.service] ?? "?"}; declare another name, or hand it over: ${handOver(object, owner)}`,
  );
};

const holds = ({ fieldsV1 }: ManagedField, path: readonly string[]): boolean => {
  let tree: unknown = fieldsV1;
  for (const field of path) {
    if (typeof tree !== "object" || tree === null) return false;
    tree = (tree as Record<string, unknown>)[`f:${field}`];
  }
  return tree !== undefined;
};

/** The managers, other than Keyturn's server-side apply, that hold a field. */
export const otherManagersOf = ({ managedFields }: Metadata, path: readonly string[]): readonly ManagedField[] =>
  managedFields.filter((one) => holds(one, path) && !isOurApply(one));

const isOurApply = ({ manager, operation }: ManagedField): boolean =>
  manager === FIELD_MANAGER && operation === "Apply";

/** Whether Keyturn's server-side apply holds a field, so that it goes when it is no longer applied. */
export const isHeldByUs = ({ managedFields }: Metadata, path: readonly string[]): boolean =>
  managedFields.some((one) => isOurApply(one) && holds(one, path));

/** When whoever holds a field last changed what they hold, as the API server noted it. `undefined` when nobody holds it. */
export const heldSinceMs = ({ managedFields }: Metadata, path: readonly string[]): number | undefined => {
  const times = managedFields.filter((one) => holds(one, path)).map(({ time }) => Date.parse(time ?? "") || 0);
  return times.length > 0 ? Math.max(...times) : undefined;
};

/** `.data.api-key` and `.metadata.labels.app.kubernetes.io/managed-by`, as the API server writes a field's path. */
const MAPS: readonly (readonly [prefix: string, path: readonly string[]])[] = [
  [".data.", ["data"]],
  [".metadata.labels.", ["metadata", "labels"]],
  [".metadata.annotations.", ["metadata", "annotations"]],
];

/** The path of a conflicting field; its last part may have dots, in the maps that Keyturn writes. */
export const pathOf = (field: string): readonly string[] => {
  const [prefix, path] = MAPS.find(([start]) => field.startsWith(start)) ?? [".", []];
  const rest = field.slice(prefix.length);
  return path.length > 0 ? [...path, rest] : rest.split(".");
};

export interface Holder {
  readonly field: string;
  readonly managers: readonly ManagedField[];
}

/** Who holds each of the fields that the API server found in conflict. */
export const holdersOf = (metadata: Metadata, fields: readonly string[]): readonly Holder[] =>
  fields.map((field) => ({ field, managers: otherManagersOf(metadata, pathOf(field)) }));

/** ".data.api-key (argocd-controller)" */
export const holderText = (holders: readonly Holder[]): string =>
  holders
    .map(
      ({ field, managers }) =>
        `${field} (${[...new Set(managers.map(({ manager }) => manager))].join(", ") || "unknown"})`,
    )
    .join(", ");

/**
 * True when all that is in the way is values that were put once (`Update`: kubectl edit, create, patch), and none that somebody
 * keeps declaring by server-side apply (`Apply`: GitOps tools).
 */
export const isOnceOnly = (holders: readonly Holder[]): boolean =>
  holders.every(({ managers }) => managers.length > 0 && managers.every(({ operation }) => operation === "Update"));
