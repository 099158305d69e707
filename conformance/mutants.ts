import { GetSecretValueCommand, type UpdateSecretVersionStageCommandInput } from "@aws-sdk/client-secrets-manager";
import { CURRENT } from "../lambdas/contracts/labels.ts";
import type { World } from "../lambdas/world.ts";
import { vendorCall } from "./effect.ts";
import type { Mutant } from "./stage.ts";

/*
 * Faults of the code under test, each put in from outside of it, into what a function sees of its world: the production code
 * has no switch for them. Each must break a promise, or the kit could not tell good code from bad.
 */
type Fetch = (url: string, init: RequestInit) => Promise<Response>;
type Client = { send(command: { readonly input: object }): Promise<unknown> };

const withFetch = (world: World, fetch: (real: Fetch) => Fetch): World => ({
  ...world,
  fetch: fetch(world.fetch as Fetch) as World["fetch"],
});

/** Changes the keys that a vendor's list shows. */
const withListing = (world: World, change: (keys: readonly object[]) => readonly object[]): World =>
  withFetch(world, (real) => async (url, init) => {
    const answer = await real(url, init);
    if (vendorCall(url, init.method).name !== "list keys" || !answer.ok) return answer;
    const body = (await answer.json()) as Record<string, readonly object[]>;
    const field = ["api_keys", "apiKeys"].find((name) => name in body) ?? "apiKeys";
    return new Response(JSON.stringify({ ...body, [field]: change(body[field] ?? []) }), { headers: answer.headers });
  });

/** Sees the stage changes that a function asks for. */
const withLabelling = (
  world: World,
  change: (input: UpdateSecretVersionStageCommandInput, make: () => Promise<unknown>) => Promise<unknown>,
): World => {
  const client = world.secretsManager as unknown as Client;
  const send: Client["send"] = (command) =>
    "VersionStage" in command.input && "SecretId" in command.input && !("VersionId" in command.input)
      ? change(command.input as UpdateSecretVersionStageCommandInput, () => client.send(command))
      : client.send(command);
  return { ...world, secretsManager: { send } as unknown as World["secretsManager"] };
};

const neverUsed = (key: object): object => ({
  ...key,
  ...("last_used_at" in key ? { last_used_at: null } : {}),
  ...("lastUsedAt" in key ? { lastUsedAt: null } : {}),
});

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

/** @throws Error that names the mutants there are */
export const mutantNamed = (name: string): Mutant => {
  const found = MUTANTS.find((mutant) => mutant.name === name);
  if (found) return found;
  throw new Error(`there is no mutant "${name}"; there are ${MUTANTS.map((mutant) => mutant.name).join(", ")}`);
};
