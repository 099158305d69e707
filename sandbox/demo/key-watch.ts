import { type Declaration, declarationOf } from "../../lambdas/contracts/declaration.ts";
import { generationOf, ownedName, serviceId } from "../../lambdas/contracts/key-name.ts";
import { CURRENT, versionWith } from "../../lambdas/contracts/labels.ts";
import { type SecretFacts, secretsOf } from "../../lambdas/secrets.ts";
import type { VendorKey } from "../../lambdas/vendors/vendor.ts";
import type { VendorName } from "../vendor-stand.ts";
import type { Stage } from "./stage.ts";

/** The service that the sandbox stack declares. */
export const SERVICE = "sandbox";
export const SERVICE_ID = serviceId(SERVICE, "arn:aws:lambda:us-east-1:000000000000:function:any");

/** One generation as the run saw it, never its value. Times are milliseconds since the Unix epoch. */
export interface SeenGeneration {
  readonly keyId: string;
  /** What its vendor calls it, as it was listed last. */
  keyName: string;
  /** Its role or type, where the vendor's list says it. */
  access: string | undefined;
  readonly mintedAtMs: number | undefined;
  promotedAtMs: number | undefined;
  lastUsedAtMs: number | undefined;
  revokedAtMs: number | undefined;
  active: boolean;
}

export interface WatchedKey {
  /** As it is declared now. */
  name: string;
  readonly vendor: VendorName;
  readonly secretArn: string;
  declaration: Declaration;
  currentVersionId: string | undefined;
  readonly generations: SeenGeneration[];
}

/** Remembers what became of every managed key: what AWS and the vendors show disappears when the stack is destroyed. */
export interface KeyWatch {
  readonly keys: readonly WatchedKey[];
  /** What the vendors list now is of earlier runs, and none of the generations to come. */
  passOverEarlierKeys(): Promise<void>;
  /** Looks at the secrets: which keys there are, and which version is current since when. */
  lookAtSecrets(): Promise<void>;
  /** Looks at the vendors: what was minted, used and revoked. */
  lookAtVendors(): Promise<void>;
}

const isVendor = (name: string): name is VendorName => name === "pictograph" || name === "pictify";

export const createKeyWatch = (stage: Stage): KeyWatch => {
  const secrets = secretsOf(stage);
  const keys = new Map<string, WatchedKey>();
  /** When a version became current, by secret and generation: what a key is called may change. */
  const promotedAtMs = new Map<string, number>();
  const promotion = ({ secretArn }: WatchedKey, generation: string): string => `${secretArn} ${generation}`;
  const earlierKeyIds = new Set<string>();

  const watched = (facts: SecretFacts): WatchedKey => {
    const known = keys.get(facts.arn);
    const declaration = declarationOf(facts.tags, facts.name);
    const { name, connection } = declaration;
    if (known) return Object.assign(known, { name, declaration });
    if (!isVendor(connection)) throw new Error(`${facts.name} is of a vendor that the sandbox does not have`);
    const key = {
      name,
      vendor: connection,
      secretArn: facts.arn,
      declaration,
      generations: [],
      currentVersionId: undefined,
    };
    keys.set(facts.arn, key);
    return key;
  };

  const seen = (key: WatchedKey, listed: VendorKey): SeenGeneration => {
    const known = key.generations.find((generation) => generation.keyId === listed.id);
    if (known) return known;
    const generation: SeenGeneration = {
      keyId: listed.id,
      keyName: listed.name,
      access: listed.access,
      mintedAtMs: listed.createdAtMs,
      promotedAtMs: undefined,
      lastUsedAtMs: undefined,
      revokedAtMs: undefined,
      active: listed.active,
    };
    key.generations.push(generation);
    return generation;
  };

  /** A generation keeps its id whatever it is called; one that is new has the name that is declared. */
  const isOwn = (key: WatchedKey, listed: VendorKey): boolean => {
    if (key.generations.some(({ keyId }) => keyId === listed.id)) return true;
    const owned = ownedName(listed.name);
    return owned?.serviceId === SERVICE_ID && owned.name === key.name && !earlierKeyIds.has(listed.id);
  };

  const noteListing = (vendor: VendorName, listed: readonly VendorKey[]): void => {
    const revocations = stage.vendors[vendor].recorder.revocations();
    for (const key of [...keys.values()].filter((one) => one.vendor === vendor)) {
      for (const generation of key.generations) generation.active = false;
      for (const one of listed) {
        if (!isOwn(key, one)) continue;
        const generation = seen(key, one);
        Object.assign(generation, { keyName: one.name, access: one.access, active: one.active });
        if (typeof one.lastUse === "number") generation.lastUsedAtMs = one.lastUse;
      }
      for (const generation of key.generations) {
        const owned = ownedName(generation.keyName);
        if (owned) generation.promotedAtMs ??= promotedAtMs.get(promotion(key, owned.generation));
        generation.revokedAtMs ??= revocations.find(({ keyId }) => keyId === generation.keyId)?.atMs;
      }
    }
  };

  return {
    get keys() {
      return [...keys.values()];
    },
    async passOverEarlierKeys() {
      for (const { vendor, direct } of Object.values(stage.vendors))
        for (const { id } of (await vendor.list(direct)).keys) earlierKeyIds.add(id);
    },
    async lookAtSecrets() {
      for (const facts of await secrets.listOfService(SERVICE)) {
        const key = watched(facts);
        const current = versionWith(facts.stages, CURRENT);
        if (current === undefined || current === key.currentVersionId) continue;
        key.currentVersionId = current;
        promotedAtMs.set(promotion(key, generationOf(current)), stage.clock.now());
      }
    },
    async lookAtVendors() {
      for (const stand of Object.values(stage.vendors))
        noteListing(stand.name, (await stand.vendor.list(stand.direct)).keys);
    },
  };
};
