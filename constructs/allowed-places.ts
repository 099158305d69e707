import { durationText } from "../lambdas/contracts/duration.ts";
import type { PlaceGrantFile } from "../lambdas/contracts/grants.ts";
import { NAME_FORM } from "../lambdas/contracts/key-name.ts";
import { secretNameOf } from "../lambdas/contracts/secret-name.ts";
import {
  DEFAULT_DATA_KEY,
  DEFAULT_DELAY_MS,
  STORE_KINDS,
  TARGET_KINDS,
  workloadText,
} from "../lambdas/contracts/targets.ts";
import type { Written } from "../lambdas/targets/kubernetes/rules.ts";
import {
  dataKeyProperty,
  namespaceProperty,
  restartProperty,
  secretNameProperty,
  storeNameProperty,
} from "./place-properties.ts";
import { durationProperty, formProperty, oneOf, refuse } from "./property-checks.ts";

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
  /**
   * The data key that may hold the value.
   * @default api-key
   */
  readonly dataKey?: string;
  /** With `external-secret`: the store that the operator may read the value by. */
  readonly storeName?: string;
  /**
   * With `external-secret`: the store's kind, `ClusterSecretStore` or `SecretStore`.
   * @default ClusterSecretStore
   */
  readonly storeKind?: (typeof STORE_KINDS)[number];
  /**
   * The least that is waited for mounted files to show a value, whatever the tags ask for, as ISO 8601.
   * @default PT2M
   */
  readonly minimumDelay?: string;
}

/** What may be written, and the part of grants.json that says so. */
export interface Place extends Written {
  readonly grant: PlaceGrantFile;
}

/** A name, or the beginning of one, which may end in `-`, and `*`. */
const KEY_PATTERN = new RegExp(`${NAME_FORM.source}|^[a-z0-9][a-z0-9-]{0,38}\\*$|^\\*$`);

const allowedStore = (at: string, { kind, storeName, storeKind }: AllowedPlace): PlaceGrantFile["store"] => {
  if (kind !== "external-secret") {
    if (storeName !== undefined || storeKind !== undefined)
      refuse(at, "storeName and storeKind are for the kind external-secret alone");
    return undefined;
  }
  if (storeName === undefined)
    refuse(at, "storeName is missing: the store that the External Secrets Operator may read the value by");
  return {
    kind: oneOf(at, "storeKind", storeKind ?? "ClusterSecretStore", STORE_KINDS),
    name: storeNameProperty(at, storeName),
  };
};

/**
 * What an entry of a cluster's `allow` grants.
 * @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be
 */
export const allowedPlace = (where: string, service: string, entry: AllowedPlace): Place => {
  const at = `${where}: allow`;
  const key = formProperty(at, "key", entry.key, KEY_PATTERN, "a key's name, or the beginning of one followed by *");
  const written: Written = {
    kind: oneOf(at, "kind", entry.kind ?? "kubernetes", TARGET_KINDS),
    namespace: namespaceProperty(at, entry.namespace),
    name: secretNameProperty(at, entry.secretName),
    restart: restartProperty(at, entry.restart ?? []),
  };
  const delayMs =
    entry.minimumDelay === undefined ? DEFAULT_DELAY_MS : durationProperty(at, "minimumDelay", entry.minimumDelay);
  const store = allowedStore(at, entry);
  return {
    ...written,
    grant: {
      secret: secretNameOf(service, key),
      kind: written.kind,
      namespace: written.namespace,
      name: written.name,
      dataKey: dataKeyProperty(at, entry.dataKey ?? DEFAULT_DATA_KEY),
      ...(store ? { store } : {}),
      restart: written.restart.map(workloadText).sort(),
      minimum: { delay: durationText(delayMs) },
    },
  };
};
