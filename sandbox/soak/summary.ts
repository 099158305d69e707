import { durationText } from "../../lambdas/contracts/duration.ts";
import { table } from "../demo/summary.ts";
import type { WorkloadCounts } from "../workload/workload.ts";
import type { Census } from "./census.ts";
import { LONGEST_HOLD_MS, QUIET_LIMIT_MS, SOAK_DELAYS } from "./delays.ts";
import type { RotationCounts } from "./rotation-ledger.ts";

/** What `--json` prints. */
export interface Summary {
  readonly ok: boolean;
  readonly minutes: number;
  readonly seed: number;
  /** How many keys there are of each vendor. */
  readonly keys: { readonly pictograph: number; readonly pictify: number };
  readonly workloads: WorkloadCounts;
  /** The first requests that failed: whose, why, with which key. */
  readonly failures: readonly string[];
  readonly rotations: RotationCounts & { readonly underWay: number };
  /** Processes of the functions that were killed, by function. */
  readonly kills: Readonly<Record<string, number>>;
  /** Invocations that ended with their process, by function. */
  readonly deaths: Readonly<Record<string, number>>;
  /** Invocations by function, the deploy's included. */
  readonly invocations: Readonly<Record<string, number>>;
  readonly census: Census;
  /** How long it took from the last start and the last kill until nothing waited any more; null: it did not come. */
  readonly quietAfterMs: number | null;
  readonly leaks: readonly string[];
  readonly filesSearched: number;
}

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** What did not hold, a sentence each. */
export const problemsOf = (summary: Omit<Summary, "ok">): readonly string[] => {
  const { workloads, failures, rotations, kills, census, quietAfterMs, leaks } = summary;
  const { leftOver, dead, labels, tags } = census;
  const listed = (what: string, items: readonly string[]) => items.map((item) => `${what}: ${item}`);
  return [
    ...(workloads.requests === 0 ? ["no request was made"] : []),
    ...(workloads.failures > 0 ? [`${workloads.failures} requests failed`] : []),
    ...listed("failed request", failures),
    ...(rotations.started === 0 ? ["no rotation was started"] : []),
    ...(total(kills) === 0 ? ["no process was killed"] : []),
    ...(rotations.underWay > 0 ? [`${rotations.underWay} rotations have not ended`] : []),
    ...listed("key left over", leftOver),
    ...listed("its current key does not work", dead),
    ...listed("label left over", labels),
    ...listed("its tags are not as they were deployed", tags),
    ...(quietAfterMs === null ? [`it was not quiet after ${QUIET_LIMIT_MS / 60_000} minutes`] : []),
    ...listed("secret value", leaks),
  ];
};

const inDetail = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");

const withDetail = (counts: Readonly<Record<string, number>>, lead: string): string =>
  total(counts) === 0 ? "" : `${lead}${inDetail(counts)}`;

/** Minutes and seconds, such as 4:05. */
export const clockText = (ms: number): string => {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`;
};

const failedSteps = ({ diedIn, failedWith }: RotationCounts): readonly (readonly string[])[] => [
  ["  steps that died", `${total(diedIn)}`, `with their process${withDetail(diedIn, ": ")}`],
  ["  steps that failed", `${total(failedWith)}`, "and were tried again"],
  ...Object.entries(failedWith).map(([what, count]) => ["", "", `${count} × ${what}`]),
];

/** The counts for people. */
export const summaryText = (summary: Summary): string => {
  const { keys, workloads, rotations, kills, deaths, invocations, census, quietAfterMs } = summary;
  const quiet =
    quietAfterMs === null
      ? `not within ${clockText(QUIET_LIMIT_MS)}`
      : `${clockText(quietAfterMs)} after the last rotation was started, of ${clockText(QUIET_LIMIT_MS)} at most`;
  return [
    `${summary.minutes} minutes, seed ${summary.seed}; keys: ${keys.pictograph} of pictograph, ${keys.pictify} of pictify; overlap ${durationText(SOAK_DELAYS.overlapMs)}; each workload holds a key for up to ${durationText(LONGEST_HOLD_MS)}`,
    "",
    table(
      [
        ["", "", ""],
        ["requests", `${workloads.requests}`, `of ${keys.pictograph + keys.pictify} workloads`],
        ["failures", `${workloads.failures}`, `and ${workloads.throttled} answered 429, which were waited for`],
        ["rotations started", `${rotations.started}`, `and ${rotations.startedByKeyturn} by Keyturn itself`],
        ["  refused starts", `${rotations.refused}`, "by AWS, as one was under way"],
        ["  finished", `${rotations.finished}`, `${rotations.underWay} have not ended`],
        ["  resumed", `${rotations.resumed}`, "finished although a step had failed"],
        ...failedSteps(rotations),
        ["processes killed", `${total(kills)}`, `with SIGKILL${withDetail(kills, ": ")}`],
        ["  at work", `${total(deaths)}`, `invocations died with them${withDetail(deaths, ": ")}`],
        ["invocations", `${total(invocations)}`, inDetail(invocations)],
        ["keys minted", `${census.minted}`, `${census.minted - census.active} revoked, ${census.current} current`],
        ["keys left over", `${census.leftOver.length}`, "at the vendors"],
        [
          "labels left over",
          `${census.labels.length}`,
          `and ${census.tags.length} secrets with other tags than deployed`,
        ],
        ["secret values", `${summary.leaks.length}`, `found in the ${summary.filesSearched} files that the run wrote`],
      ].slice(1),
    ),
    "",
    `quiet: ${quiet}`,
  ].join("\n");
};
