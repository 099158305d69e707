import * as z from "zod/mini";
import { KeyturnError } from "../errors.ts";
import { TAG_PREFIX } from "./declaration.ts";
import { duration, durationText } from "./duration.ts";
import { NAME_FORM } from "./key-name.ts";
import { read } from "./read.ts";

/*
 * Targets as a secret's tags carry them. One target is a `keyturn:target:<id>` tag, its place in parts between slashes, and
 * a tag for each thing that is said of it besides: `keyturn:restart:<id>`, `keyturn:delay:<id>` and so on.
 */
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

/** A target that a secret's tags ask for, or what is wrong with the tags that ask for it. */
export type DeclaredTarget =
  | { readonly id: string; readonly target: TargetDeclaration }
  | { readonly id: string; readonly problem: string };

/** Kubernetes: the kubelet looks every minute, and may have read a value that is a minute old ("Secrets", "Mounted Secrets are updated automatically"). */
export const DEFAULT_DELAY_MS = 120_000;
export const DEFAULT_REFRESH_MS = 3_600_000;

/** AWS: "Tag naming limits and requirements". */
const LONGEST_TAG_VALUE = 256;

const UNSAFE = /[^A-Za-z0-9_.:@+-]/gu;

/** A part of a tag's value: what AWS does not take there, `/` and `=` become the `=HH` of their UTF-8 bytes. */
export const encodePart = (text: string): string =>
  text.replace(UNSAFE, (character) =>
    [...Buffer.from(character)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );

/** Reads such a part back. @throws KeyturnError BAD_INPUT for one that `encodePart` never gives */
export const decodePart = (part: string): string => {
  const text = Buffer.from(
    part.replace(/=([0-9A-F]{2})|[\s\S]/g, (found, hex) => hex ?? Buffer.from(found).toString("hex")),
    "hex",
  ).toString();
  if (encodePart(text) !== part)
    throw new KeyturnError("BAD_INPUT", `${JSON.stringify(part)} is not encoded as it must be`);
  return text;
};

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

const schema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("kubernetes"), ...place }),
  z.object({
    kind: z.literal("external-secret"),
    ...place,
    store: z.object({ kind: z.enum(STORE_KINDS), name: objectName }),
    refreshMs: z._default(duration, DEFAULT_REFRESH_MS),
  }),
]);

/** Words in as many tags as they need: `keyturn:restart:web`, `keyturn:restart:web:2` and so on. */
const wordTags = (key: string, words: readonly string[]): Record<string, string> => {
  const values: string[] = [];
  for (const word of words) {
    const last = values.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= LONGEST_TAG_VALUE)
      values[values.length - 1] = `${last} ${word}`;
    else values.push(word);
  }
  return Object.fromEntries(values.map((value, index) => [index === 0 ? key : `${key}:${index + 1}`, value]));
};

/** The tags that carry a target, with their values in AWS's character set. Their lengths are checked by whoever sets them. */
export const targetTags = (target: TargetDeclaration): Record<string, string> => {
  const tag = (field: string) => `${TAG_PREFIX}${field}:${target.id}`;
  const parts = [target.kind, target.cluster, target.namespace, target.name, target.dataKey];
  const tags = {
    [tag("target")]: parts.map(encodePart).join("/"),
    ...wordTags(tag("restart"), target.restart.map(workloadText)),
    ...(target.delayMs === DEFAULT_DELAY_MS ? {} : { [tag("delay")]: durationText(target.delayMs) }),
  };
  if (target.kind === "kubernetes") return tags;
  return {
    ...tags,
    [tag("store")]: [target.store.kind, target.store.name].map(encodePart).join("/"),
    ...(target.refreshMs === DEFAULT_REFRESH_MS ? {} : { [tag("refresh")]: durationText(target.refreshMs) }),
  };
};

const TAG = /^keyturn:(target|restart|delay|store|refresh):([^:]*)(?::([2-9]|[1-9]\d+))?$/;

/** What is said of one target, by field; the words of numbered tags in their order. */
type TargetFields = Readonly<Record<string, string>>;

const groupedById = (tags: Readonly<Record<string, string>>): ReadonlyMap<string, TargetFields> => {
  const found = Object.entries(tags).flatMap(([key, value]) => {
    const [, field = "", id = "", part = "1"] = TAG.exec(key) ?? [];
    return field === "" ? [] : [{ field, id, part: Number(part), value }];
  });
  const groups = new Map<string, Record<string, string>>();
  for (const { field, id, value } of found.toSorted((a, b) => a.part - b.part)) {
    const fields = groups.get(id) ?? {};
    fields[field] = fields[field] === undefined ? value : `${fields[field]} ${value}`;
    groups.set(id, fields);
  }
  return groups;
};

const pair = (text: string | undefined) => {
  const [kind, name] = (text ?? "").split("/").map(decodePart);
  return { kind, name };
};

const targetOf = (id: string, fields: TargetFields): TargetDeclaration => {
  if (fields.target === undefined)
    throw new KeyturnError("BAD_INPUT", `there are tags for the target ${id}, but no ${TAG_PREFIX}target:${id}`);
  const [kind, cluster, namespace, objectName, dataKey, ...more] = fields.target.split("/").map(decodePart);
  if (more.length > 0 || dataKey === undefined)
    throw new KeyturnError("BAD_INPUT", `${TAG_PREFIX}target:${id} must have five parts between slashes`);
  const value = {
    kind,
    id,
    cluster,
    namespace,
    name: objectName,
    dataKey,
    restart: (fields.restart ?? "")
      .split(" ")
      .filter((word) => word !== "")
      .map(pair),
    delayMs: fields.delay,
    ...(kind === "external-secret" ? { store: pair(fields.store), refreshMs: fields.refresh } : {}),
  };
  return read(schema, value, `the target ${id}`);
};

const declared = (id: string, fields: TargetFields): DeclaredTarget => {
  try {
    return { id, target: targetOf(id, fields) };
  } catch (error) {
    if (error instanceof KeyturnError) return { id, problem: error.message };
    throw error;
  }
};

/** What a target writes; the same for two targets that would take turns at it. */
export const objectOf = ({ cluster, namespace, name }: KubernetesPlace): string => `${cluster}/${namespace}/${name}`;

/**
 * The targets that a secret's tags ask for, by their ids in order. One whose tags cannot be read, or that writes what another
 * one writes too, is in it with what is wrong, so that it is never taken for adopted, and never holds up the others.
 */
export const targetsOf = (tags: Readonly<Record<string, string>>): readonly DeclaredTarget[] => {
  const all = [...groupedById(tags)]
    .map(([id, fields]) => declared(id, fields))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return all.map((one) => {
    if (!("target" in one)) return one;
    const twin = all.find(
      (other) => other !== one && "target" in other && objectOf(other.target) === objectOf(one.target),
    );
    if (!twin) return one;
    return {
      id: one.id,
      problem: `the targets ${one.id} and ${twin.id} both write ${objectOf(one.target)}; keep one of them`,
    };
  });
};

/** Whether a secret's tags ask for any target. */
export const hasTargets = (tags: Readonly<Record<string, string>>): boolean =>
  Object.keys(tags).some((key) => TAG.test(key));
