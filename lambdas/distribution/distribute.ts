import {
  type DistributeAction,
  type DistributeAnswer,
  distributeEvent,
  type TargetResult,
} from "../contracts/distribute.ts";
import { METRICS } from "../contracts/metrics.ts";
import { read } from "../contracts/read.ts";
import { KeyturnError } from "../errors.ts";
import { createHandler, type Invocation } from "../invocation.ts";
import { inParallel, inTime } from "../pool.ts";
import type { Handler, World } from "../world.ts";
import { clustersOf } from "./clusters.ts";
import { type PreparedSecret, prepare, type RequestedSecret } from "./prepare.ts";
import { isFailure, reasonOf } from "./result.ts";
import { type Job, runJobs } from "./work.ts";

type Failed = DistributeAnswer["failed"][number];

/** How many secrets are read at once. */
const SECRETS_AT_ONCE = 10;
/** The part of the function's time that reading the secrets may take. */
const PREPARING_SHARE = 0.5;

const failedSecret = ({ log }: Invocation, { arn, versionId }: RequestedSecret, error: unknown): Failed => {
  log.failure("distribution.refused", error, { secretArn: arn, versionId });
  const code = error instanceof Error ? error.name : "unknown";
  return { arn, versionId, code, reason: reasonOf(error) };
};

const prepareAll = (
  invocation: Invocation,
  secrets: readonly RequestedSecret[],
  action: DistributeAction,
): Promise<readonly (PreparedSecret | Failed)[]> => {
  const { clock, remainingMs } = invocation;
  const endMs = clock.now() + remainingMs() * PREPARING_SHARE;
  return inParallel(secrets, SECRETS_AT_ONCE, (asked) =>
    inTime<PreparedSecret | Failed>(
      clock,
      endMs - clock.now(),
      () => prepare(invocation, asked, action).catch((error: unknown) => failedSecret(invocation, asked, error)),
      () => ({
        ...asked,
        code: "NO_TIME",
        reason: "Secrets Manager did not answer in time; the next pass looks again",
      }),
    ),
  );
};

const isPrepared = (one: PreparedSecret | Failed): one is PreparedSecret => "targets" in one;

/** What came of it, in the log: after an `apply` every target, else those that have not adopted or that need somebody. */
const report = (
  { log }: Invocation,
  action: DistributeAction,
  jobs: readonly Job[],
  results: readonly TargetResult[],
): void => {
  for (const [index, { id, versionId, adopted, code, reason, note }] of results.entries()) {
    const facts = { secretName: jobs[index]?.prepared.secret.name, target: id, versionId, adopted, code, reason, note };
    if (action === "apply") log.event("target.applied", facts);
    else if (!adopted) log.event("target.not-adopted", facts);
    else if (code !== undefined) log.event("target.needs-somebody", facts);
  }
  const count = (of: (result: TargetResult) => boolean) => results.filter(of).length;
  log.event("distribution.completed", {
    asked: action,
    targets: results.length,
    adopted: count(({ adopted }) => adopted),
  });
  if (action === "apply")
    log.metric(
      METRICS.targetsApplied,
      count((result) => !isFailure(result)),
    );
  log.metric(
    METRICS.targetsAdopted,
    count(({ adopted }) => adopted),
  );
  log.metric(
    METRICS.targetsFailed,
    // Reconcile tells of these at each pass, among the requests that are refused.
    count((result) => isFailure(result) && result.code !== "NOT_GRANTED"),
  );
};

/**
 * Brings values to where they are used, and says who runs them. What goes wrong with one target is in its result, so that the
 * function fails only when it cannot understand what it is asked.
 */
export const distributeHandler = (world: World): Handler<DistributeAnswer> =>
  createHandler(world, "distribute", async (event, invocation) => {
    const { action, secrets } = read(distributeEvent, event, "the request to distribute");
    if (!world.clusters) throw new KeyturnError("BAD_INPUT", "this function was made without a way to clusters");
    const looked = await prepareAll(invocation, secrets, action);
    const jobs = looked
      .filter(isPrepared)
      .flatMap((prepared) => prepared.targets.map((declared): Job => ({ prepared, declared })));
    const clusters = clustersOf(world.clusters, invocation.clock, invocation.secrets);
    const results = await runJobs(invocation, clusters, action, jobs);
    report(invocation, action, jobs, results);
    return { targets: [...results], failed: looked.filter((one): one is Failed => !isPrepared(one)) };
  });
