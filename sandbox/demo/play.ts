import { GetSecretValueCommand, RotateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { secretValueOf } from "../../lambdas/contracts/secret-value.ts";
import type { Redacted } from "../../lambdas/redacted.ts";
import { restMs } from "../delays.ts";
import type { Workload } from "../workload/workload.ts";
import { createKeyWatch, type KeyWatch, SERVICE_ID, type WatchedKey } from "./key-watch.ts";
import { type Deferral, waitForRetirement } from "./retirement.ts";
import type { SeenStep, Stage } from "./stage.ts";
import type { View } from "./view.ts";

/** What the play leaves to be judged. */
export interface Outcome {
  readonly keys: readonly WatchedKey[];
  readonly workloads: readonly { readonly name: string; readonly workload: Workload }[];
  readonly deferrals: readonly Deferral[];
  /** What did not hold, a sentence each. Empty: all of it held. */
  readonly problems: readonly string[];
}

export interface PlayOptions {
  readonly stage: Stage;
  readonly view: View;
  /** Stop before the destruction, and leave everything running. */
  readonly keep: boolean;
}

const POLL_MS = 1_000;
/** A deploy, a rotation or a workload that takes longer than this has failed. */
const PATIENCE_MS = 300_000;
const CACHE_MS = 5_000;
const FIRST_REQUESTS = 3;

/** Test keys may render 100 images a day (Pictify), so their workload is slow; the others call about once a second. */
const everyMs = ({ declaration }: WatchedKey): number => (declaration.access.value === "test" ? 10_000 : 1_000);

const until = async (stage: Stage, what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (const endMs = stage.clock.now() + PATIENCE_MS; !(await holds()); await stage.clock.sleep(POLL_MS))
    if (stage.clock.now() > endMs) throw new Error(`${what} took longer than ${PATIENCE_MS / 1_000} s`);
};

interface Held {
  readonly key: WatchedKey;
  readonly keyId: string;
  readonly apiKey: Redacted;
}

/** Reads a key's current generation. The value stays in memory, to show later that it works, or does not any more. */
const currentGeneration = async ({ secretsManager }: Stage, key: WatchedKey): Promise<Held> => {
  const { SecretString = "" } = await secretsManager.send(new GetSecretValueCommand({ SecretId: key.secretArn }));
  const { keyId, apiKey } = secretValueOf(SecretString, key.name);
  return { key, keyId, apiKey };
};

const verdict = ({ vendors }: Stage, { key, apiKey }: Held): Promise<"alive" | "dead"> => {
  const { vendor, direct } = vendors[key.vendor];
  return vendor.verify(direct, apiKey);
};

const showGenerations = async ({ stage, view }: PlayOptions, watch: KeyWatch): Promise<void> => {
  await watch.lookAtSecrets();
  await watch.lookAtVendors();
  if (watch.keys.length === 0) throw new Error("the deploy declared no key");
  for (const key of watch.keys) {
    const { keyId } = await currentGeneration(stage, key);
    view.line(`${key.name}: first generation ${keyId}, verified`);
  }
};

const startWorkloads = async (options: PlayOptions, watch: KeyWatch) => {
  const { stage, view } = options;
  const started = watch.keys.map((key) => ({
    name: key.name,
    workload: stage.startWorkload({
      name: key.name,
      secretId: key.secretArn,
      vendor: key.vendor,
      everyMs: everyMs(key),
      cacheMs: CACHE_MS,
      onFailure: (reason) => view.line(`workload of ${key.name} FAILED: ${reason}`),
    }),
  }));
  await until(stage, "the workloads' first requests", () => {
    view.waiting(started.map(({ name, workload }) => `${name} ${workload.counts().requests}`).join(", "));
    return started.every(({ workload }, index) => {
      const { requests, failures } = workload.counts();
      const slow = everyMs(watch.keys[index] as WatchedKey) > POLL_MS;
      return failures > 0 || requests >= (slow ? 1 : FIRST_REQUESTS);
    });
  });
  for (const { name, workload } of started) view.line(`workload of ${name}: ${workload.counts().requests} requests`);
  return started;
};

const rotateAll = async ({ stage, view }: PlayOptions, watch: KeyWatch, steps: readonly SeenStep[]): Promise<void> => {
  const before = new Map(watch.keys.map((key) => [key.secretArn, key.currentVersionId]));
  const seenBefore = steps.length;
  for (const { secretArn } of watch.keys)
    await stage.secretsManager.send(new RotateSecretCommand({ SecretId: secretArn }));
  const finished = (key: WatchedKey) =>
    steps
      .slice(seenBefore)
      .some(({ secretArn, step, error }) => secretArn === key.secretArn && step === "finishSecret" && !error);
  await until(stage, "the rotation", async () => {
    view.waiting("create, set, test and finish each secret; a new key is tested when its vendor has spread it");
    await watch.lookAtSecrets();
    return watch.keys.every((key) => key.currentVersionId !== before.get(key.secretArn) && finished(key));
  });
};

/** Both generations must work in the overlap. */
const checkOverlap = async ({ stage, view }: PlayOptions, old: readonly Held[], problems: string[]): Promise<void> => {
  for (const outgoing of old) {
    const incoming = await currentGeneration(stage, outgoing.key);
    const verdicts = [await verdict(stage, outgoing), await verdict(stage, incoming)];
    const { name } = outgoing.key;
    view.line(`${name}: ${outgoing.keyId} is ${verdicts[0]}, ${incoming.keyId} is ${verdicts[1]}`);
    if (verdicts.includes("dead")) problems.push(`${name}: not both generations were valid in the overlap`);
    if (incoming.keyId === outgoing.keyId) problems.push(`${name}: the rotation changed nothing`);
  }
};

const checkRetired = async (
  { stage, view }: PlayOptions,
  old: readonly Held[],
  deferrals: readonly Deferral[],
  problems: string[],
): Promise<void> => {
  for (const outgoing of old) {
    if (deferrals.some(({ keyId }) => keyId === outgoing.keyId)) continue;
    const found = await verdict(stage, outgoing);
    view.line(`${outgoing.key.name}: a call with ${outgoing.keyId} ${found === "dead" ? "gets 401" : "STILL WORKS"}`);
    if (found === "alive") problems.push(`${outgoing.key.name}: the old key ${outgoing.keyId} still works`);
  }
};

const redeploy = async ({ stage, view }: PlayOptions, watch: KeyWatch, problems: string[]): Promise<void> => {
  const before = JSON.stringify(watch.keys.map((key) => key.currentVersionId));
  const { notGivenBack, changes } = await stage.redeploy();
  await watch.lookAtSecrets();
  for (const { type, names, attributes } of notGivenBack)
    view.line(
      `the stand-in for AWS does not give back ${attributes.join(", ")} of ${names.length} ${type}: ${names.join(", ")}`,
    );
  for (const change of changes) problems.push(`the second deploy changes ${change}`);
  if (JSON.stringify(watch.keys.map((key) => key.currentVersionId)) !== before)
    problems.push("the second deploy changed a generation");
  view.line(changes.length === 0 ? "nothing else changed" : `CHANGED: ${changes.join(", ")}`);
};

/**
 * Vendors report late, so that a key which was used a moment ago cannot be told from one in use. Where that takes minutes,
 * or only a person can revoke, the demonstration says what a person would say: the workloads are stopped, go ahead.
 */
const LONG_REST_MS = 120_000;

const prepareDestruction = async ({ stage, view }: PlayOptions, watch: KeyWatch, deferrals: readonly Deferral[]) => {
  const waitMs = restMs(stage.delays) + POLL_MS;
  if (waitMs <= LONG_REST_MS && deferrals.length === 0) {
    view.waiting(`until the vendors' reports show that no key is in use: ${Math.ceil(waitMs / 1_000)} s`);
    return stage.clock.sleep(waitMs);
  }
  view.line("the vendors' reports take long to show that no key is in use; as the workloads are stopped, revoke now");
  for (const { secretArn } of watch.keys) await stage.manage({ action: "delete", secretId: secretArn, force: true });
};

/** A destruction refuses while there are keys that only a person can revoke: it must not lose sight of them. */
const destroyOrRefuse = async ({ stage, view }: PlayOptions, deferrals: readonly Deferral[]): Promise<void> => {
  try {
    await stage.destroy();
  } catch (error) {
    if (!deferrals.some(({ byHand }) => byHand)) throw error;
    view.line(
      `it refuses, and is to be repeated when a person has revoked: ${error instanceof Error ? error.message : ""}`,
    );
  }
};

const destroy = async (
  options: PlayOptions,
  watch: KeyWatch,
  deferrals: readonly Deferral[],
  problems: string[],
): Promise<void> => {
  const { stage, view } = options;
  await prepareDestruction(options, watch, deferrals);
  await destroyOrRefuse(options, deferrals);
  await watch.lookAtVendors();
  const byHand = new Set(deferrals.filter((deferral) => deferral.byHand).map(({ vendor }) => vendor));
  for (const vendor of Object.values(stage.vendors)) {
    const { keys } = await vendor.vendor.list(vendor.direct);
    const left = keys.filter((key) => key.active && key.name.includes(`-kt-${SERVICE_ID}-`));
    view.line(
      `${vendor.name} holds ${left.length} keys of ours${left.length ? `: ${left.map((key) => key.id).join(", ")}` : ""}`,
    );
    if (left.length > 0 && !byHand.has(vendor.name))
      problems.push(`${vendor.name} still holds ${left.length} keys of ours`);
  }
};

/** Watches the secrets while the play goes on, so that a promotion is seen when it happens. */
const watchInBackground = (stage: Stage, watch: KeyWatch): (() => Promise<void>) => {
  const stopping = new AbortController();
  const run = async () => {
    while (!stopping.signal.aborted) {
      await watch.lookAtSecrets();
      await stage.clock.sleep(POLL_MS, stopping.signal);
    }
  };
  const running = run();
  running.catch(() => {}); // whoever stops it is told
  return () => {
    stopping.abort();
    return running;
  };
};

/**
 * The life of managed keys, from their declaration to their destruction, on whatever stage.
 * @throws Error when a part does not come to its end
 */
export const play = async (options: PlayOptions): Promise<Outcome> => {
  const watch = createKeyWatch(options.stage);
  const stopWatching = watchInBackground(options.stage, watch);
  try {
    return await playWatched(options, watch);
  } finally {
    await stopWatching();
  }
};

const playWatched = async (options: PlayOptions, watch: KeyWatch): Promise<Outcome> => {
  const { stage, view, keep } = options;
  const steps: SeenStep[] = [];
  const problems: string[] = [];
  stage.onStep((step) => {
    steps.push(step);
    const name = watch.keys.find((key) => key.secretArn === step.secretArn)?.name ?? step.secretArn;
    view.line(`${name}: ${step.step} ${step.error ? `failed (${step.error})` : "done"}`);
  });

  await watch.passOverEarlierKeys();
  view.title("1. Deploy: three declared keys get a verified first generation");
  await stage.deploy();
  await showGenerations(options, watch);

  view.title("2. A workload per key reads its secret and calls its vendor");
  const workloads = await startWorkloads(options, watch);

  view.title("3. Rotate all three: both generations stay valid");
  const old = await Promise.all(watch.keys.map((key) => currentGeneration(stage, key)));
  await rotateAll(options, watch, steps);
  await checkOverlap(options, old, problems);

  view.title("4. Retire: the deployed schedule revokes the old keys when they are unused");
  const deferrals = await waitForRetirement({ stage, view, watch, old: old.map(({ key, keyId }) => ({ key, keyId })) });
  await checkRetired(options, old, deferrals, problems);

  view.title("5. Deploy again: nothing changes");
  await redeploy(options, watch, problems);

  if (!keep) {
    view.title("6. Destroy: what is left is revoked");
    for (const { workload } of workloads) await workload.stop();
    await destroy(options, watch, deferrals, problems);
  }
  for (const { name, workload } of workloads)
    if (workload.counts().failures > 0) problems.push(`${workload.counts().failures} requests of ${name} failed`);
  return { keys: watch.keys, workloads, deferrals, problems };
};

/** For a run that is kept: what is where. @param environmentFile none in process, where nothing can be reached */
export const keptText = (environmentFile?: string): string =>
  [
    "It keeps running until you press Ctrl-C.",
    ...(environmentFile === undefined ? [] : [`To reach it from another shell:  . ${environmentFile}`]),
  ].join("\n");
