import { NAME_FORM } from "../lambdas/contracts/key-name.ts";
import { secretNameOf } from "../lambdas/contracts/secret-name.ts";
import { TARGET_KINDS } from "../lambdas/contracts/targets.ts";
import type { Written } from "../lambdas/targets/kubernetes/rules.ts";
import { namespaceProperty, restartProperty, secretNameProperty } from "./place-properties.ts";
import { formProperty, oneOf } from "./property-checks.ts";

/** A place that a key of another app may be written into. */
export interface AllowedPlace {
  /** The key's name, or the beginning of names followed by `*`. */
  readonly key: string;
  /** The namespace of the Secret and of its workloads. */
  readonly namespace: string;
  /** The name of the Kubernetes Secret. */
  readonly secretName: string;
  /**
   * Who writes the Secret: Keyturn, or the External Secrets Operator.
   * @default kubernetes
   */
  readonly kind?: (typeof TARGET_KINDS)[number];
  /**
   * The workloads that may be rolled out with it: `deployment/webapp`.
   * @default none
   */
  readonly restart?: readonly string[];
}

/** What may be written, and for which managed secrets. */
export interface Place extends Written {
  /** The managed key's secret, by its name; it may end in `*`. */
  readonly secret: string;
}

/** A name, or the beginning of one, which may end in `-`, and `*`. */
const KEY_PATTERN = new RegExp(`${NAME_FORM.source}|^[a-z0-9][a-z0-9-]{0,38}\\*$|^\\*$`);

/**
 * What an entry of a cluster's `allow` grants.
 * @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be
 */
export const allowedPlace = (where: string, service: string, entry: AllowedPlace): Place => {
  const at = `${where}: allow`;
  const key = formProperty(at, "key", entry.key, KEY_PATTERN, "a key's name, or the beginning of one followed by *");
  return {
    secret: secretNameOf(service, key),
    kind: oneOf(at, "kind", entry.kind ?? "kubernetes", TARGET_KINDS),
    namespace: namespaceProperty(at, entry.namespace),
    name: secretNameProperty(at, entry.secretName),
    restart: restartProperty(at, entry.restart ?? []),
  };
};
