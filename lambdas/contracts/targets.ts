import * as z from "zod/mini";
import { duration } from "./duration.ts";
import { NAME_FORM } from "./key-name.ts";

/* What a target is, and what of it is well formed. How a secret's tags carry it is in target-tags.ts. */
export const WORKLOAD_KINDS = ["deployment", "statefulset", "daemonset"] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** Something whose pods get a value by being replaced. */
export interface Workload {
  readonly kind: WorkloadKind;
  readonly name: string;
}

export interface KubernetesPlace {
  readonly id: string;
  /** The cluster, by its name in grants.json. */
  readonly cluster: string;
  readonly namespace: string;
  /** The name of the Secret, and of what writes it. */
  readonly name: string;
  /** The data key that holds the value; `<dataKey>_NEW` and `<dataKey>_OLD` lie beside it. */
  readonly dataKey: string;
  /** Rolled out at each new value. None: the value is read from mounted files. */
  readonly restart: readonly Workload[];
  /** How long after it was written a value may need to reach mounted files; where nothing is rolled out, adoption waits for it. */
  readonly delayMs: number;
}

/** A Kubernetes Secret that Keyturn writes itself. */
export interface KubernetesSecretDeclaration extends KubernetesPlace {
  readonly kind: "kubernetes";
}

export const STORE_KINDS = ["SecretStore", "ClusterSecretStore"] as const;

/** A Kubernetes Secret that the External Secrets Operator writes, from an ExternalSecret of ours. */
export interface ExternalSecretDeclaration extends KubernetesPlace {
  readonly kind: "external-secret";
  readonly store: { readonly kind: (typeof STORE_KINDS)[number]; readonly name: string };
  /** How often the operator looks by itself. Each rotation has it look at once. */
  readonly refreshMs: number;
}

export type TargetDeclaration = KubernetesSecretDeclaration | ExternalSecretDeclaration;
export const TARGET_KINDS = ["kubernetes", "external-secret"] as const satisfies readonly TargetDeclaration["kind"][];

/** Kubernetes: the kubelet looks every minute, and may have read a value that is a minute old ("Secrets", "Mounted Secrets are updated automatically"). */
export const DEFAULT_DELAY_MS = 120_000;
export const DEFAULT_REFRESH_MS = 3_600_000;
export const DEFAULT_DATA_KEY = "api-key";

/** "deployment/webapp" */
export const workloadText = ({ kind, name }: Workload): string => `${kind}/${name}`;

/** Kubernetes: "Object Names and IDs". */
export const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
/** At most 249, so that `_NEW` and `_OLD` still fit into Kubernetes' 253. */
export const DATA_KEY = /^(?!\.{1,2}$)[-._a-zA-Z0-9]{1,249}$/;

const label = z.string().check(z.regex(LABEL, "must be a DNS label of at most 63 of a-z, 0-9 and -"));
const objectName = z.string().check(z.regex(SUBDOMAIN, "must be a DNS subdomain of a-z, 0-9, - and ."));
const name = z.string().check(z.regex(NAME_FORM, "must be 1 to 40 of a-z, 0-9 and -, with no - at either end"));
const workload = z.object({ kind: z.enum(WORKLOAD_KINDS), name: objectName });

const place = {
  id: name,
  cluster: name,
  namespace: label,
  name: objectName,
  dataKey: z.string().check(z.regex(DATA_KEY, "must be 1 to 249 of a-z, A-Z, 0-9, -, _ and .")),
  restart: z.array(workload),
  delayMs: z._default(duration, DEFAULT_DELAY_MS),
};

/** Reads a target; `delayMs` and `refreshMs` are ISO 8601 there, and have defaults. */
export const targetDeclaration = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("kubernetes"), ...place }),
  z.object({
    kind: z.literal("external-secret"),
    ...place,
    store: z.object({ kind: z.enum(STORE_KINDS), name: objectName }),
    refreshMs: z._default(duration, DEFAULT_REFRESH_MS),
  }),
]);

/** What a target writes; the same for two targets that would take turns at it. */
export const objectOf = ({ cluster, namespace, name }: KubernetesPlace): string => `${cluster}/${namespace}/${name}`;
