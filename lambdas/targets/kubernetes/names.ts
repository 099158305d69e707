import { createHash } from "node:crypto";

/** How Keyturn is called in a cluster. The domain of labels and annotations is docs/decisions/0027's. */
export const FIELD_MANAGER = "keyturn";

export const LABELS = {
  managedBy: "app.kubernetes.io/managed-by",
  /** The service that writes the object. */
  service: "keyturn.dev/service",
  /** The name of the managed key that it holds. */
  key: "keyturn.dev/key",
} as const;

export const ANNOTATIONS = {
  /** The version of the secret in Secrets Manager whose value the object holds. */
  version: "keyturn.dev/version",
  /** When the value was put there, by Keyturn's clock. */
  writtenAt: "keyturn.dev/written-at",
  /** When a value that somebody else had put there was replaced, under the same version. */
  repairedAt: "keyturn.dev/repaired-at",
  /** How often workloads were rolled out with the value. */
  rolledOut: "keyturn.dev/rolled-out",
  /** The one by which the External Secrets Operator's own pages have it look at once. */
  forceSync: "force-sync",
} as const;

/** By what a pod template, and each pod of it, says which value it is for. */
export interface Mark {
  readonly annotation: string;
  /** The annotation's value: see `stampOf`. */
  readonly stamp: string;
}

const TEMPLATE_DOMAIN = "version.keyturn.dev";
const LONGEST_NAME = 63;

/**
 * The annotation of a pod template that says which value of a Secret its pods started with. One for each Secret, so that two
 * keys that one workload uses do not take turns at it. A long name is cut, and told apart by its hash.
 */
export const templateAnnotation = (secretName: string): string => {
  if (secretName.length <= LONGEST_NAME) return `${TEMPLATE_DOMAIN}/${secretName}`;
  const hash = createHash("sha256").update(secretName).digest("hex").slice(0, 10);
  return `${TEMPLATE_DOMAIN}/${secretName.slice(0, LONGEST_NAME - hash.length - 1)}-${hash}`;
};

export const newKeyOf = (dataKey: string): string => `${dataKey}_NEW`;
export const oldKeyOf = (dataKey: string): string => `${dataKey}_OLD`;
