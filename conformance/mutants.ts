import { GetSecretValueCommand, type UpdateSecretVersionStageCommandInput } from "@aws-sdk/client-secrets-manager";
import { CURRENT } from "../lambdas/contracts/labels.ts";
import type { World } from "../lambdas/world.ts";
import type { Mutant } from "./mutant.ts";
import { CLEANING_MUTANTS } from "./mutants/cleaning-mutants.ts";
import { ROTATION_MUTANTS } from "./mutants/rotation-mutants.ts";
import { neverUsed, withLabelling, withListing } from "./mutants/worlds.ts";
import { ORDERINGS } from "./orderings/orderings.ts";
import { TARGET_MUTANTS } from "./target-mutants.ts";

/*
 * Faults of the code under test, each put in from outside of it, into what a function sees of its world: the production code
 * has no switch for them. Each must break a promise, or the kit could not tell good code from bad.
 */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "mint-without-listing",
    what: "before a mint nobody looks whether there is a key already whose value was lost",
    shownAt: "rotation/pictograph/6/after/cold/at-once",
    change:
      ({ simulator }) =>
      (by, world) => {
        const isUsed = (key: object) =>
          simulator.keys().some(({ id, requests }) => "id" in key && id === key.id && requests > 0);
        return by === "rotate" || by === "manage" ? withListing(world, (keys) => keys.filter(isUsed)) : world;
      },
  },
  {
    name: "revoke-in-finish-secret",
    what: "the outgoing key is revoked as soon as the new one is current",
    change:
      ({ simulator }) =>
      (by, world) =>
        by !== "rotate"
          ? world
          : withLabelling(world, async (input, make) => {
              const outgoing = input.VersionStage === CURRENT ? await keyIdIn(world, input) : undefined;
              const answer = await make();
              if (outgoing !== undefined) simulator.revokeKey(outgoing);
              return answer;
            }),
  },
  {
    name: "retire-by-timer",
    what: "an old key is revoked when its overlap is over, whoever still uses it",
    change: () => (by, world) => (by === "reconcile" ? withListing(world, (keys) => keys.map(neverUsed)) : world),
  },
  {
    name: "no-retiring-label",
    what: "the outgoing version is never marked, so that nothing says that its key is to go",
    change: () => (_, world) =>
      withLabelling(world, (input, make) =>
        input.VersionStage?.startsWith("keyturn/retiring/") ? Promise.resolve({}) : make(),
      ),
  },
  ...ROTATION_MUTANTS,
  ...CLEANING_MUTANTS,
  ...TARGET_MUTANTS,
];

const keyIdIn = async (
  { secretsManager }: World,
  { SecretId, RemoveFromVersionId }: UpdateSecretVersionStageCommandInput,
): Promise<string | undefined> => {
  if (RemoveFromVersionId === undefined) return undefined;
  const read = new GetSecretValueCommand({ SecretId, VersionId: RemoveFromVersionId });
  const { SecretString = "{}" } = await secretsManager.send(read);
  return JSON.parse(SecretString).keyId;
};

/** A mutant, or another ordering. @throws Error that names those that there are */
export const mutantNamed = (name: string): Mutant => {
  const all = [...MUTANTS, ...ORDERINGS];
  const found = all.find((mutant) => mutant.name === name);
  if (found) return found;
  throw new Error(`there is no mutant "${name}"; there are ${all.map((mutant) => mutant.name).join(", ")}`);
};
