import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { secretValueOf } from "../../lambdas/contracts/secret-value.ts";
import type { Redacted } from "../../lambdas/redacted.ts";
import { works } from "../../lambdas/vendors/verify.ts";
import type { KeyWatch, SeenGeneration, WatchedKey } from "./key-watch.ts";
import type { Deferral } from "./retirement.ts";
import type { SeenStep, Stage } from "./stage.ts";
import type { View } from "./view.ts";

/** A change of a declared key, or of one at its vendor, and what came of it. */
export interface KeyChange {
  /** The key as it is called after it. */
  readonly name: string;
  /** "role: member → viewer", or "revoked at the vendor". */
  readonly change: string;
  readonly how: "in place" | "new generation";
  /** The Key ID of the generation that is current after it. */
  readonly keyId: string;
}

/** All that the acts of the play share, and what they leave to be judged. */
export interface Scene {
  readonly stage: Stage;
  readonly view: View;
  readonly watch: KeyWatch;
  /** Steps of rotations, as Secrets Manager saw them end. */
  readonly steps: readonly SeenStep[];
  readonly changes: KeyChange[];
  readonly deferrals: Deferral[];
  /** What did not hold, a sentence each. */
  readonly problems: string[];
}

export const POLL_MS = 1_000;
/** A deploy, a rotation or a workload that takes longer than this has failed. */
const PATIENCE_MS = 300_000;

/** @throws Error when it takes too long */
export const until = async (stage: Stage, what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (const endMs = stage.clock.now() + PATIENCE_MS; !(await holds()); await stage.clock.sleep(POLL_MS))
    if (stage.clock.now() > endMs) throw new Error(`${what} took longer than ${PATIENCE_MS / 1_000} s`);
};

/** A key of the sandbox's stack, by the name that it has now. */
export const keyNamed = ({ watch }: Scene, name: string): WatchedKey => {
  const key = watch.keys.find((one) => one.name === name);
  if (key) return key;
  throw new Error(`there is no key ${name}, only ${watch.keys.map((one) => one.name).join(", ")}`);
};

export interface Held {
  readonly key: WatchedKey;
  readonly keyId: string;
  readonly apiKey: Redacted;
}

/** Reads a key's current generation. The value stays in memory, to show later that it works, or does not any more. */
export const currentGeneration = async ({ stage }: Scene, key: WatchedKey): Promise<Held> => {
  const { SecretString = "" } = await stage.secretsManager.send(new GetSecretValueCommand({ SecretId: key.secretArn }));
  const { keyId, apiKey } = secretValueOf(SecretString, key.name);
  return { key, keyId, apiKey };
};

export const currentGenerations = (scene: Scene): Promise<readonly Held[]> =>
  Promise.all(scene.watch.keys.map((key) => currentGeneration(scene, key)));

/** Whether a generation works, asked of its vendor. */
export const verdict = async ({ stage }: Scene, { key, apiKey }: Held): Promise<"alive" | "dead"> => {
  const { vendor, direct } = stage.vendors[key.vendor];
  return works(await vendor.verify(direct, apiKey)) ? "alive" : "dead";
};

/** Looks at secrets and vendors. */
export const lookAround = async ({ watch }: Scene): Promise<void> => {
  await watch.lookAtSecrets();
  await watch.lookAtVendors();
};

/** What the run has seen of a generation. */
export const seenGeneration = ({ key, keyId }: Held): SeenGeneration => {
  const seen = key.generations.find((generation) => generation.keyId === keyId);
  if (seen) return seen;
  throw new Error(`${key.vendor} does not list ${keyId} of ${key.name}`);
};
