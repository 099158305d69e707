import type { Workload } from "../workload/workload.ts";
import type { WatchedKey } from "./key-watch.ts";
import { POLL_MS, type Scene, until } from "./scene.ts";

export interface RunningWorkload {
  readonly name: string;
  readonly workload: Workload;
}

const CACHE_MS = 5_000;
const FIRST_REQUESTS = 3;
const SLOW_MS = 10_000;

/**
 * Test keys may render 100 images a day (Pictify), so their workload is slow; the others call about once a second. None may
 * be so slow that its key looks unused in between.
 */
const everyMs = ({ stage }: Scene, { declaration }: WatchedKey): number => {
  const { quietMs, skewMs } = stage.delays;
  return declaration.access.value === "test" ? Math.min(SLOW_MS, ((quietMs + skewMs) * 2) / 3) : 1_000;
};

/** Starts a workload for each key, and waits for its first requests. */
export const startWorkloads = async (
  scene: Scene,
  keys: readonly WatchedKey[],
): Promise<readonly RunningWorkload[]> => {
  const { stage, view } = scene;
  const started = keys.map((key) => ({
    name: key.name,
    isSlow: everyMs(scene, key) > POLL_MS,
    workload: stage.startWorkload({
      name: key.name,
      secretId: key.secretArn,
      vendor: key.vendor,
      everyMs: everyMs(scene, key),
      cacheMs: CACHE_MS,
      onFailure: (reason) => view.line(`workload of ${key.name} FAILED: ${reason}`),
    }),
  }));
  await until(stage, "the workloads' first requests", () => {
    view.waiting(started.map(({ name, workload }) => `${name} ${workload.counts().requests}`).join(", "));
    return started.every(({ workload, isSlow }) => {
      const { requests, failures } = workload.counts();
      return failures > 0 || requests >= (isSlow ? 1 : FIRST_REQUESTS);
    });
  });
  for (const { name, workload } of started) view.line(`workload of ${name}: ${workload.counts().requests} requests`);
  return started;
};
