import { TARGETS_AT_ONCE } from "../lambdas/distribution/work.ts";
import { checkKubernetes } from "../sandbox/kubernetes-api/prerequisite.ts";
import { missingLine } from "../sandbox/prerequisites.ts";
import type { TestKey } from "../test/lambdas/distribution/in-process-distribution.ts";
import { type DistributionScene, type Invocation, openDistributionScene, untilAdopted } from "./distribution-scene.ts";
import { median } from "./rounds.ts";
import { atMost, type DetailTable, type MeasureOptions, notMeasured, type Row, type RowReport, told } from "./row.ts";
import { callsText, millisecondsText, secondsText, times } from "./texts.ts";

const TARGETS = 100;
/** How many of them are also done alone in a round: the slowest counts. */
const ALONE = 5;
/** The way to a cluster that is not next door. With it the time is that of waiting, and the machine's speed is not in it. */
const WAY_MS = 100;
const MOST_CALLS = { apply: 4, observe: 3 };
/** Targets come in rounds of so many; a tenth more for what else a machine does. */
const MOST_RATIO = Math.ceil(TARGETS / TARGETS_AT_ONCE) * 1.1;

/** A rotation's distribution, once each way. */
interface Turn {
  /** The slowest of some targets, each in an invocation of its own. */
  readonly alone: number;
  readonly aloneAdopted: number;
  readonly together: Invocation;
  readonly togetherAdopted: number;
}

const expectApplied = ({ targets }: Invocation): void => {
  const failed = targets.find(({ adopted, code }) => !adopted && code !== "ROLLING");
  if (failed) throw new Error(`the target ${failed.arn} was not applied: ${failed.code} ${failed.reason}`);
};

/** New generations for some keys, one invocation for all of them, and their rollouts to the end. */
const distribute = async (scene: DistributionScene, keys: readonly TestKey[], wayMs: number) => {
  await scene.rotate(keys);
  const beganMs = performance.now();
  const invocation = await scene.ask("apply", keys, wayMs);
  expectApplied(invocation);
  await untilAdopted(scene, keys);
  const adoptedMs = performance.now() - beganMs;
  await scene.retire(keys);
  return { invocation, adoptedMs };
};

const takeTurn = async (scene: DistributionScene, round: number, wayMs: number): Promise<Turn> => {
  const singles = [];
  for (let index = 0; index < ALONE; index++) {
    const key = scene.keys[(round * ALONE + index) % scene.keys.length];
    if (key) singles.push(await distribute(scene, [key], wayMs));
  }
  const { invocation, adoptedMs } = await distribute(scene, scene.keys, wayMs);
  return {
    alone: Math.max(...singles.map((one) => one.invocation.durationMs)),
    aloneAdopted: Math.max(...singles.map((one) => one.adoptedMs)),
    together: invocation,
    togetherAdopted: adoptedMs,
  };
};

const sum = (calls: Readonly<Record<string, number>>): number =>
  Object.values(calls).reduce((total, count) => total + count, 0);

const middle = (turns: readonly Turn[], of: (turn: Turn) => number): number => median(turns.map(of));

const callsFigure = (what: string, { calls, awsCalls }: Invocation, limit: number) =>
  atMost({
    what: `${what}, a target with one workload`,
    value: sum(calls) / TARGETS,
    atMost: limit,
    text: callsText,
    reason: `and of Secrets Manager ${Object.entries(awsCalls)
      .map(([name, count]) => `${(count / TARGETS).toFixed(0)} ${name}`)
      .join(", ")}`,
  });

const perTarget = ({ calls }: Invocation, name: string): string => String((calls[name] ?? 0) / TARGETS);

const CALL_KINDS = ["GET secrets", "PATCH secrets", "GET deployments", "PATCH deployments", "GET pods"];

const callsTable = (asked: readonly (readonly [string, Invocation])[]): DetailTable => ({
  title: "Calls of the API server for one target with one Deployment",
  head: ["asked for", ...CALL_KINDS],
  rows: asked.map(([what, invocation]) => [what, ...CALL_KINDS.map((name) => perTarget(invocation, name))]),
});

const timesTable = (near: readonly Turn[], far: readonly Turn[]): DetailTable => ({
  title: `${TARGETS} targets in one invocation, beside the slowest alone`,
  head: ["way to the API server", "slowest alone", "all", "slowest alone adopted", "all adopted"],
  rows: [["same machine", near] as const, [`${WAY_MS} ms more for each request`, far] as const].map(([way, turns]) => [
    way,
    millisecondsText(middle(turns, ({ alone }) => alone)),
    secondsText(middle(turns, ({ together }) => together.durationMs)),
    secondsText(middle(turns, ({ aloneAdopted }) => aloneAdopted)),
    secondsText(middle(turns, ({ togetherAdopted }) => togetherAdopted)),
  ]),
});

/** How much of the time of its places at work an invocation waited for the API server. */
const waiting = ({ answeringMs, durationMs }: Invocation): string =>
  `${((100 * answeringMs) / TARGETS_AT_ONCE / durationMs).toFixed(0)} %`;

const ratioOf = ({ together, alone }: Turn): number => together.durationMs / alone;

interface Measured {
  readonly near: readonly Turn[];
  readonly far: readonly Turn[];
  readonly looking: Invocation;
  readonly again: Invocation;
}

const report = ({ near, far, looking, again }: Measured): RowReport => {
  const [first, lastFar] = [near[0], far.at(-1)?.together];
  if (!first || !lastFar) throw new RangeError("no round was measured");
  return {
    figures: [
      callsFigure("calls of the API server to distribute a new generation", first.together, MOST_CALLS.apply),
      callsFigure("calls of the API server for a look", looking, MOST_CALLS.observe),
      atMost({
        what: `${TARGETS} targets in one invocation, each request ${WAY_MS} ms on its way, beside the slowest alone`,
        value: middle(far, ratioOf),
        atMost: MOST_RATIO,
        text: times,
        reason: `${TARGETS_AT_ONCE} at once are ${Math.ceil(TARGETS / TARGETS_AT_ONCE)} rounds, and a tenth; ${waiting(lastFar)} of its time is spent waiting for the API server, which on this machine also rolls ${TARGETS} Deployments out meanwhile`,
        explainsMiss: true,
      }),
      told(
        `${TARGETS} targets in one invocation, the API server on the same machine, beside the slowest alone`,
        times(middle(near, ratioOf)),
        `${waiting(first.together)} of its time is spent waiting for the API server`,
      ),
      told(
        `until ${TARGETS} targets have adopted, beside the slowest alone`,
        times(middle(near, ({ togetherAdopted, aloneAdopted }) => togetherAdopted / aloneAdopted)),
        "the rollouts are the work of the cluster's controllers; nobody waits for them, later looks see their end",
      ),
    ],
    details: [
      timesTable(near, far),
      callsTable([
        ["a new generation", first.together],
        ["a look", looking],
        ["the end of the overlap", again],
      ]),
    ],
  };
};

const measure = async (scene: DistributionScene, { rounds, progress }: MeasureOptions): Promise<RowReport> => {
  progress("the first generation");
  await scene.ask("apply", scene.keys);
  await untilAdopted(scene, scene.keys);
  const [near, far]: [Turn[], Turn[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    near.push(await takeTurn(scene, round, 0));
    far.push(await takeTurn(scene, round, WAY_MS));
  }
  const again = await scene.ask("apply", scene.keys);
  const looking = await scene.ask("observe", scene.keys);
  return report({ near, far, looking, again });
};

/** What it costs to bring new generations to many targets, on a real API server. */
export const distribution: Row = {
  name: "distribution",
  title: "Distribution",
  async measure(options) {
    const missing = await checkKubernetes();
    if (missing) return notMeasured(`${TARGETS} targets on a real API server`, missingLine(missing));
    options.progress("a Kubernetes API server; its first build takes minutes");
    const scene = await openDistributionScene(TARGETS);
    try {
      return await measure(scene, options);
    } finally {
      await scene.close();
    }
  },
};
