import { GetSecretValueCommand, type UpdateSecretVersionStageCommandInput } from "@aws-sdk/client-secrets-manager";
import { CURRENT } from "../../lambdas/contracts/labels.ts";
import { manageHandler } from "../../lambdas/management/manage.ts";
import type { World } from "../../lambdas/world.ts";
import type { VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import type { Mutant } from "./mutant.ts";
import { withCall, withFetch, withLabelling, withListing, withPut } from "./worlds.ts";

/* Faults on the way of a new generation, from its mint to AWSCURRENT. */
const credentialOf = ({ headers }: RequestInit): string | undefined => {
  const given = new Headers(headers);
  return given.get("x-api-key") ?? given.get("authorization")?.replace("Bearer ", "");
};

const withIdempotencyKey = (init: RequestInit, key: string): RequestInit => {
  const headers = new Headers(init.headers);
  headers.set("idempotency-key", key);
  return { ...init, headers };
};

/** How often clients try what may be repeated. */
const CLIENT_TRIES = 3;

const SIMULATED_LIST = JSON.stringify({ api_keys: [], apiKeys: [] });

const currentKeyId = ({ keys, adminKeyId }: VendorSimulator): string | undefined =>
  keys().find(({ id, active, requests }) => id !== adminKeyId && active && requests > 0)?.id;

const keyIdIn = async (
  { secretsManager }: World,
  { SecretId, RemoveFromVersionId }: UpdateSecretVersionStageCommandInput,
): Promise<string | undefined> => {
  if (RemoveFromVersionId === undefined) return undefined;
  const read = new GetSecretValueCommand({ SecretId, VersionId: RemoveFromVersionId });
  const { SecretString = "{}" } = await secretsManager.send(read);
  return JSON.parse(SecretString).keyId;
};

export const ROTATION_MUTANTS: readonly Mutant[] = [
  {
    name: "mint-without-listing",
    what: "before a mint nobody looks whether there is a key already whose value was lost",
    shownAt: "rotation/pictograph/7/after/cold/at-once",
    change:
      ({ simulator }) =>
      (by, world) => {
        const isUsed = (key: object) =>
          simulator.keys().some(({ id, requests }) => "id" in key && id === key.id && requests > 0);
        return by === "rotate" || by === "manage" ? withListing(world, (keys) => keys.filter(isUsed)) : world;
      },
  },
  {
    name: "promote-untested",
    what: "a new key counts as working without having been tried",
    change:
      ({ simulator }) =>
      (by, world) =>
        by !== "rotate"
          ? world
          : withFetch(
              world,
              (real) => async (url, init) =>
                credentialOf(init) === simulator.adminKey ? real(url, init) : new Response(SIMULATED_LIST),
            ),
  },
  {
    name: "current-at-once",
    what: "a new value is stored as AWSCURRENT, before its test",
    change: () => (by, world) =>
      by !== "rotate"
        ? world
        : withPut(world, (input, make) => {
            input.VersionStages = [CURRENT];
            return make();
          }),
  },
  {
    name: "revoke-before-promotion",
    what: "the old key is revoked as soon as the new one is stored",
    change:
      ({ simulator }) =>
      (by, world) =>
        by !== "rotate"
          ? world
          : withPut(world, async (_, make) => {
              const answer = await make();
              const outgoing = currentKeyId(simulator);
              if (outgoing !== undefined) simulator.revokeKey(outgoing);
              return answer;
            }),
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
    name: "no-retiring-label",
    what: "the outgoing version is never marked, so that nothing says that its key is to go",
    change: () => (_, world) =>
      withLabelling(world, (input, make) =>
        input.VersionStage?.startsWith("keyturn/retiring/") ? Promise.resolve({}) : make(),
      ),
  },
  {
    name: "one-idempotency-key",
    what: "every create of a managed key has the same idempotency key",
    shownAt: "compromise/pictify",
    change: () => (_, world) =>
      withCall(world, "create key", (init, make) => {
        return make(withIdempotencyKey(init, "the-same-for-all"));
      }),
  },
  {
    name: "compensation-left-out",
    what: "a key that cannot be kept is not taken back",
    shownAt: "rotation/pictograph+vendor=7:name-suffixed",
    change: () => (by, world) =>
      by !== "rotate" ? world : withCall(world, "revoke key", async () => new Response(null, { status: 204 })),
  },
  {
    name: "repeat-the-create",
    what: "a create that failed is tried three times at once, each as a call of its own",
    shownAt: "rotation/pictograph+vendor=7:commits-then-error",
    change: () => (by, world) =>
      by !== "rotate"
        ? world
        : withCall(world, "create key", async (init, make) => {
            for (let tries = 1; ; tries++) {
              const answer = await make(withIdempotencyKey(init, `try-${tries}`));
              if (answer.ok || tries === CLIENT_TRIES) return answer;
            }
          }),
  },
  {
    name: "told-in-the-log",
    what: "the answer to a create is logged as it is",
    change: () => (_, world) =>
      withCall(world, "create key", async (_init, make) => {
        const answer = await make();
        world.write(await answer.clone().text());
        return answer;
      }),
  },
  {
    name: "compromised-at-once",
    what: "a compromised key is revoked before its replacement works, although nobody asked for that",
    shownAt: "compromise/pictograph",
    handlers: {
      manage: (world) => {
        const manage = manageHandler(world);
        return (event, context) => manage({ ...(event as object), ...firstFor(event) }, context);
      },
    },
  },
];

const firstFor = (event: unknown): object =>
  (event as { action?: unknown }).action === "compromised" ? { first: true } : {};
