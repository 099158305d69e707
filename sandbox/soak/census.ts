import { ownedName } from "../../lambdas/contracts/key-name.ts";
import { CURRENT, PENDING, PREVIOUS, type Stages, versionWith } from "../../lambdas/contracts/labels.ts";
import type { SecretFacts } from "../../lambdas/secrets.ts";
import type { VendorKey } from "../../lambdas/vendors/vendor.ts";
import type { VendorName } from "../vendor-stand.ts";

export interface CountedSecret extends Pick<SecretFacts, "name" | "tags" | "stages"> {
  /** The vendor's id of the key that its current version holds. */
  readonly currentKeyId: string | undefined;
}

export interface Observed {
  readonly secrets: readonly CountedSecret[];
  readonly listings: Readonly<Record<VendorName, readonly VendorKey[]>>;
}

/** What was there before the soak rotated anything. */
export interface Baseline {
  /** Keys at the vendors that the soak did not make: their admin keys. */
  readonly earlierKeyIds: ReadonlySet<string>;
  /** The tags of each secret as they were deployed, by the secret's name. */
  readonly tags: ReadonlyMap<string, SecretFacts["tags"]>;
}

/** How secrets and keys stand. */
export interface Census {
  /** Keys of ours that were ever made, as the vendors list them. */
  readonly minted: number;
  readonly active: number;
  readonly current: number;
  /** Active keys that no secret's current version holds, each as "<vendor> <key id> (<name>)". */
  readonly leftOver: readonly string[];
  /** Secrets whose current key does not work, by their names. */
  readonly dead: readonly string[];
  /** Labels besides AWS's own, and AWSPENDING of a rotation that has not ended, each as "<secret>: <label>". */
  readonly labels: readonly string[];
  /** Secrets whose tags are not as they were deployed, by their names. */
  readonly tags: readonly string[];
}

/** AWSPENDING stays on the version that a finished rotation has made current. */
const labelsLeft = (stages: Stages): readonly string[] => {
  const current = versionWith(stages, CURRENT);
  return Object.entries(stages).flatMap(([versionId, labels]) =>
    labels.filter((label) => label !== CURRENT && label !== PREVIOUS && !(label === PENDING && versionId === current)),
  );
};

const sameTags = (one: SecretFacts["tags"], other: SecretFacts["tags"] = {}): boolean => {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
};

/** Counts what is there, against what should be. Pure. */
export const takeCensus = ({ secrets, listings }: Observed, { earlierKeyIds, tags }: Baseline): Census => {
  const ours = (["pictograph", "pictify"] as const).flatMap((vendor) =>
    listings[vendor].filter(({ id }) => !earlierKeyIds.has(id)).map((key) => ({ ...key, vendor })),
  );
  const active = ours.filter((key) => key.active);
  const activeIds = new Set(active.map(({ id }) => id));
  const currentIds = new Set(secrets.flatMap(({ currentKeyId }) => currentKeyId ?? []));
  return {
    minted: ours.filter(({ name }) => ownedName(name)).length,
    active: active.length,
    current: active.filter(({ id }) => currentIds.has(id)).length,
    leftOver: active.filter(({ id }) => !currentIds.has(id)).map(({ vendor, id, name }) => `${vendor} ${id} (${name})`),
    dead: secrets.filter(({ currentKeyId }) => !activeIds.has(currentKeyId ?? "")).map(({ name }) => name),
    labels: secrets.flatMap(({ name, stages }) => labelsLeft(stages).map((label) => `${name}: ${label}`)),
    tags: secrets.filter((secret) => !sameTags(secret.tags, tags.get(secret.name))).map(({ name }) => name),
  };
};

/** True when every key that there is belongs to a current version, and nothing waits any more. */
export const isQuiet = ({ leftOver, dead, labels }: Census): boolean =>
  leftOver.length + dead.length + labels.length === 0;
