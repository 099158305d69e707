import { type Declaration, declarationOf } from "../../lambdas/contracts/declaration.ts";
import { generationOf, keyName, ownedName, serviceId } from "../../lambdas/contracts/key-name.ts";
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
  readonly keyName: string;
  readonly mintedAtMs: number | undefined;
  promotedAtMs: number | undefined;
  lastUsedAtMs: number | undefined;
  revokedAtMs: number | undefined;
  active: boolean;
}

export interface WatchedKey {
  readonly name: string;
  readonly vendor: VendorName;
  readonly secretArn: string;
  readonly declaration: Declaration;
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
  const promotedAtMs = new Map<string, number>();
  const earlierKeyIds = new Set<string>();

  const watched = (facts: SecretFacts): WatchedKey => {
    const known = keys.get(facts.arn);
    if (known) return known;
    const declaration = declarationOf(facts.tags, facts.name);
    const { name, connection } = declaration;
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
      mintedAtMs: listed.createdAtMs,
      promotedAtMs: undefined,
      lastUsedAtMs: undefined,
      revokedAtMs: undefined,
      active: listed.active,
    };
    key.generations.push(generation);
    return generation;
  };

  const noteListing = (vendor: VendorName, listed: readonly VendorKey[]): void => {
    const revocations = stage.vendors[vendor].recorder.revocations();
    for (const key of [...keys.values()].filter((one) => one.vendor === vendor)) {
      for (const generation of key.generations) generation.active = false;
      for (const one of listed) {
        const owned = ownedName(one.name);
        if (owned?.serviceId !== SERVICE_ID || owned.name !== key.name || earlierKeyIds.has(one.id)) continue;
        const generation = seen(key, one);
        generation.active = one.active;
        if (typeof one.lastUse === "number") generation.lastUsedAtMs = one.lastUse;
      }
      for (const generation of key.generations) {
        generation.promotedAtMs ??= promotedAtMs.get(generation.keyName);
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
        promotedAtMs.set(keyName(key.name, SERVICE_ID, generationOf(current)), stage.clock.now());
      }
    },
    async lookAtVendors() {
      for (const stand of Object.values(stage.vendors))
        noteListing(stand.name, (await stand.vendor.list(stand.direct)).keys);
    },
  };
};
