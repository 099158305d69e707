import type { InvokeCommandInput } from "@aws-sdk/client-lambda";
import type { PutSecretValueCommandInput, UpdateSecretVersionStageCommandInput } from "@aws-sdk/client-secrets-manager";
import type { ClusterAnswer, ClusterRequest } from "../../lambdas/targets/kubernetes/transport.ts";
import type { World } from "../../lambdas/world.ts";
import type { VendorOperation } from "../../sandbox/recorder/operation.ts";
import type { VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import { vendorCall } from "../effects/effect.ts";

/* How a world is changed for a mutant: by what a function sees of the vendor and of Secrets Manager. */
type Fetch = (url: string, init: RequestInit) => Promise<Response>;
type Sends = { send(command: { readonly input: object }): Promise<unknown> };

/** Sees requests to the vendor. @param change may make the request, make it otherwise, or answer itself */
export const withFetch = (world: World, change: (real: Fetch) => Fetch): World => ({
  ...world,
  fetch: change(world.fetch as Fetch) as World["fetch"],
});

/** Sees one kind of request to the vendor. */
export const withCall = (
  world: World,
  operation: VendorOperation,
  change: (init: RequestInit, make: (init?: RequestInit) => Promise<Response>) => Promise<Response>,
): World =>
  withFetch(world, (real) => (url, init) => {
    const make = (other: RequestInit = init) => real(url, other);
    return vendorCall(url, init.method).name === operation ? change(init, make) : make();
  });

/** Changes the keys that a vendor's list shows. */
export const withListing = (
  world: World,
  change: (keys: readonly object[]) => readonly object[] | Promise<readonly object[]>,
): World =>
  withCall(world, "list keys", async (_, make) => {
    const answer = await make();
    if (!answer.ok) return answer;
    const body = (await answer.json()) as Record<string, readonly object[]>;
    const field = ["api_keys", "apiKeys"].find((name) => name in body) ?? "apiKeys";
    return new Response(JSON.stringify({ ...body, [field]: await change(body[field] ?? []) }), {
      headers: answer.headers,
    });
  });

const withSecrets = (world: World, send: (real: Sends) => Sends["send"]): World => ({
  ...world,
  secretsManager: { send: send(world.secretsManager as unknown as Sends) } as unknown as World["secretsManager"],
});

/** Changes what Secrets Manager answers to a function. */
export const withAnswer = <Answer>(world: World, change: (answer: Answer) => Answer): World =>
  withSecrets(world, (real) => async (command) => change((await real.send(command)) as Answer));

/** Sees one kind of command to Secrets Manager. */
export const withCommand = (
  world: World,
  name: string,
  change: (make: () => Promise<unknown>) => Promise<unknown>,
): World =>
  withSecrets(world, (real) => (command) => {
    const make = () => real.send(command);
    return command.constructor.name === `${name}Command` ? change(make) : make();
  });

/** Sees the stage changes that a function asks for. */
export const withLabelling = (
  world: World,
  change: (input: UpdateSecretVersionStageCommandInput, make: () => Promise<unknown>) => Promise<unknown>,
): World =>
  withSecrets(
    world,
    (real) => (command) =>
      "VersionStage" in command.input && "SecretId" in command.input && !("VersionId" in command.input)
        ? change(command.input as UpdateSecretVersionStageCommandInput, () => real.send(command))
        : real.send(command),
  );

/** Changes what a function puts into a secret, or sees it put. */
export const withPut = (
  world: World,
  change: (input: PutSecretValueCommandInput, make: () => Promise<unknown>) => Promise<unknown>,
): World =>
  withSecrets(
    world,
    (real) => (command) =>
      "SecretString" in command.input && "ClientRequestToken" in command.input
        ? change(command.input as PutSecretValueCommandInput, () => real.send(command))
        : real.send(command),
  );

/** A listed key of which the vendor saw no call. */
export const neverUsed = (key: object): object => ({
  ...key,
  ...("last_used_at" in key ? { last_used_at: null } : {}),
  ...("lastUsedAt" in key ? { lastUsedAt: null } : {}),
});

export const toJson = (payload: unknown) => JSON.parse(new TextDecoder().decode(payload as Uint8Array));
export const toPayload = (value: object) => new TextEncoder().encode(JSON.stringify(value));

export type Invoked = { readonly Payload?: Uint8Array; readonly FunctionError?: string };

/** Sees what `distribute` is asked, and its answers. @param change may make the call, or leave it out */
export const withDistribute = (
  world: World,
  change: (input: InvokeCommandInput, make: () => Promise<Invoked>) => Promise<Invoked>,
): World => {
  const client = world.lambda as unknown as Sends | undefined;
  if (!client) return world;
  const send: Sends["send"] = (command) => {
    const input = command.input as InvokeCommandInput;
    const make = () => client.send(command) as Promise<Invoked>;
    return input.FunctionName?.endsWith("-distribute") ? change(input, make) : make();
  };
  return { ...world, lambda: { send } as unknown as NonNullable<World["lambda"]> };
};

/** Sees the requests to the cluster. @param change may make the request, or another one */
export const withCluster = (
  world: World,
  change: (request: ClusterRequest, make: (other?: ClusterRequest) => Promise<ClusterAnswer>) => Promise<ClusterAnswer>,
): World => {
  const { clusters } = world;
  if (!clusters) return world;
  const send: typeof clusters.send = (endpoint, request) =>
    change(request, (other = request) => clusters.send(endpoint, other));
  return { ...world, clusters: { ...clusters, send } };
};

/** Changes how secrets are described. */
export const withDescription = (world: World, change: (labels: readonly string[]) => readonly string[]): World =>
  withAnswer(world, (answer: { readonly VersionIdsToStages?: Readonly<Record<string, readonly string[]>> }) => {
    const stages = Object.entries(answer.VersionIdsToStages ?? {}).map(([id, labels]) => [id, change(labels)]);
    return answer.VersionIdsToStages ? { ...answer, VersionIdsToStages: Object.fromEntries(stages) } : answer;
  });

const VERIFICATIONS: ReadonlySet<string> = new Set(["list datasets", "list keys"]);

const credentialOf = ({ headers }: RequestInit): string => {
  const given = new Headers(headers);
  return given.get("x-api-key") ?? given.get("authorization")?.replace("Bearer ", "") ?? "";
};

/** Sees the answers to calls that say whether a key works. @param change may give another answer */
export const withVerification = (
  world: World,
  adminKey: string,
  change: (answer: Response, apiKey: string) => Response | Promise<Response>,
): World =>
  withFetch(world, (real) => async (url, init) => {
    const answer = await real(url, init);
    const { name } = vendorCall(url, init.method);
    const isAdminsList = name === "list keys" && credentialOf(init) === adminKey;
    return VERIFICATIONS.has(name) && !isAdminsList ? change(answer, credentialOf(init)) : answer;
  });

const LAST_USE = ["last_used_at", "lastUsedAt"] as const;

/** Changes how a list says when keys were last used. */
export const withLastUse = (world: World, change: (value: unknown, key: object) => unknown): World =>
  withListing(world, (keys) =>
    keys.map((key) => {
      const fields = LAST_USE.filter((name) => name in key);
      return { ...key, ...Object.fromEntries(fields.map((name) => [name, change(key[name as never], key)])) };
    }),
  );

/** Has a list show each call that a function made with a key, whatever the vendor shows. */
export const showingOwnCalls = ({ adminKey, keys, issuedValues }: VendorSimulator): ((world: World) => World) => {
  const called = new Map<string, number>();
  return (world) => {
    const noted = withVerification(world, adminKey, (answer, apiKey) => {
      const keyId = keys()[issuedValues().indexOf(apiKey)]?.id;
      if (answer.ok && keyId !== undefined) called.set(keyId, world.clock.now());
      return answer;
    });
    return withLastUse(noted, (value, key) => {
      const ownMs = "id" in key ? called.get(String(key.id)) : undefined;
      const isEarlier = ownMs !== undefined && !(typeof value === "string" && Date.parse(value) >= ownMs);
      return isEarlier ? new Date(ownMs).toISOString() : value;
    });
  };
};
