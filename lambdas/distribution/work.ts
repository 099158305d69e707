import { type DistributeAction, LONGEST_TARGET_MS, type TargetResult } from "../contracts/distribute.ts";
import { servedTarget } from "../contracts/floors.ts";
import type { DeclaredTarget } from "../contracts/target-tags.ts";
import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { inParallel, inTime } from "../pool.ts";
import { withNote } from "../targets/kubernetes/state.ts";
import { targetKind } from "../targets/registry.ts";
import type { TargetState } from "../targets/target.ts";
import { TargetError } from "../targets/target-error.ts";
import type { Clusters } from "./clusters.ts";
import type { PreparedSecret } from "./prepare.ts";
import { failedState, resultOf } from "./result.ts";

/** One target of one secret. */
export interface Job {
  readonly prepared: PreparedSecret;
  readonly declared: DeclaredTarget;
}

/** What is kept of the function's time, so that it always answers. */
const RESERVE_MS = 3_000;
/** How many targets of one cluster are worked on at once. Each cluster has its own, so that one does not hold up the others. */
export const TARGETS_AT_ONCE = 8;

const doJob = async (
  { clock, grants }: Invocation,
  clusters: Clusters,
  action: DistributeAction,
  { prepared, declared }: Job,
  signal: AbortSignal,
  endMs: number,
): Promise<TargetState> => {
  const { secret, owner, versions, confirm } = prepared;
  if ("problem" in declared) throw new KeyturnError("BAD_INPUT", declared.problem);
  const { cluster, target, below } = servedTarget(grants, declared.target, secret.name);
  if (versions instanceof Error) throw versions;
  const remainingMs = () => endMs - clock.now();
  const state = await clusters.use(target.cluster, cluster, { remainingMs, signal }, (api) =>
    targetKind(target)[action]({ clock, api, owner, secretName: secret.name, versions, confirm, remainingMs }, target),
  );
  return below.length > 0 ? withNote(state, `its tags ask for less than is granted: ${below.join(", ")}`) : state;
};

const late = (limitMs: number): TargetState =>
  failedState(
    limitMs <= 0
      ? new TargetError("NO_TIME", "it was not looked at, as the function's time was over; the next pass does")
      : new TargetError(
          "TIMEOUT",
          `it did not come to its end within ${Math.round(limitMs / 1_000)} s; the next pass goes on`,
        ),
  );

const runJob = async (
  invocation: Invocation,
  clusters: Clusters,
  action: DistributeAction,
  job: Job,
): Promise<TargetResult> => {
  const { clock, log, remainingMs } = invocation;
  const { asked, secret } = job.prepared;
  const { id } = job.declared;
  const limitMs = Math.min(LONGEST_TARGET_MS, remainingMs() - RESERVE_MS);
  const endMs = clock.now() + limitMs;
  if (limitMs <= 0) return resultOf(asked, id, late(limitMs));
  const state = await inTime(
    clock,
    limitMs,
    (signal) =>
      doJob(invocation, clusters, action, job, signal, endMs).catch((error: unknown) => {
        log.failure("target.failed", error, { secretName: secret.name, target: id, versionId: asked.versionId });
        return failedState(error);
      }),
    () => late(limitMs),
  );
  return resultOf(asked, id, state);
};

const clusterOf = ({ declared }: Job): string => ("target" in declared ? declared.target.cluster : "");

/** Works on all targets, those of different clusters side by side. Results come in the order of the jobs, and in time. */
export const runJobs = async (
  invocation: Invocation,
  clusters: Clusters,
  action: DistributeAction,
  jobs: readonly Job[],
): Promise<readonly TargetResult[]> => {
  const results: TargetResult[] = [];
  await Promise.all(
    [...new Set(jobs.map(clusterOf))].map((cluster) => {
      const ofCluster = [...jobs.entries()].filter(([, job]) => clusterOf(job) === cluster);
      return inParallel(ofCluster, TARGETS_AT_ONCE, async ([index, job]) => {
        results[index] = await runJob(invocation, clusters, action, job);
      });
    }),
  );
  return results;
};
