import { KeyturnError } from "../errors.ts";
import { TAG_PREFIX } from "./declaration.ts";
import { durationText } from "./duration.ts";
import { read } from "./read.ts";
import {
  DEFAULT_DELAY_MS,
  DEFAULT_REFRESH_MS,
  objectOf,
  type TargetDeclaration,
  targetDeclaration,
  workloadText,
} from "./targets.ts";

/*
 * Targets as a secret's tags carry them. One target is a `keyturn:target:<id>` tag, its place in parts between slashes, and
 * a tag for each thing that is said of it besides: `keyturn:restart:<id>`, `keyturn:delay:<id>` and so on.
 */
/** A target that a secret's tags ask for, or what is wrong with the tags that ask for it. */
export type DeclaredTarget =
  | { readonly id: string; readonly target: TargetDeclaration }
  | { readonly id: string; readonly problem: string };

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
  return read(targetDeclaration, value, `the target ${id}`);
};

const declared = (id: string, fields: TargetFields): DeclaredTarget => {
  try {
    return { id, target: targetOf(id, fields) };
  } catch (error) {
    if (error instanceof KeyturnError) return { id, problem: error.message };
    throw error;
  }
};

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
