import { ANNOTATIONS } from "../../lambdas/targets/kubernetes/names.ts";
import { MOST_ROLLOUTS } from "../../lambdas/targets/kubernetes/rolled-out.ts";
import type { Recorded } from "../effects/recorded.ts";
import type { Life } from "../stage/life.ts";
import { readNow } from "../stage/secret-view.ts";
import { HOUR_MS, MINUTE_MS } from "../stage/settings.ts";
import { resourceFor, SECRET } from "../target/target.ts";
import { type Act, notIn } from "./act.ts";

/** Longer than the overlap, the stray age and all that a retirement waits for; shorter than the deadline. */
const HOLDS_MS = 4 * HOUR_MS;

/** Nobody starts a workload before its deploy has said that the key works. */
const untilProven = async ({ stage }: Life): Promise<void> => {
  while (!stage.proven.has((await readNow(stage))?.apiKey ?? "")) await stage.clock.sleep(MINUTE_MS);
};

const holdOn = async (life: Life): Promise<void> => {
  await untilProven(life);
  life.stage.trace.tell("a workload starts that reads its key once in 4 hours");
  life.readers.startAnother("workload that never looks", HOLDS_MS);
  await life.stage.clock.sleep(HOLDS_MS + 5 * MINUTE_MS);
};

/** How long the tool replaces the workload at each of its syncs, before a person has it leave the mark. */
const REPLACED_MS = 4 * HOUR_MS;

/**
 * A tool replaces the workload again and again. What it takes off is put back a bounded number of times, and the person does then what
 * they are told to.
 * @throws Error when a value was rolled out more often
 */
const replacing =
  (everyMs: number) =>
  async ({ stage }: Life): Promise<void> => {
    const { clock, cluster, trace, vendor } = stage;
    if (!cluster) return;
    const rollouts = new Map<string, number>();
    const endMs = clock.now() + REPLACED_MS;
    while (clock.now() < endMs) {
      const mark = await cluster.replace();
      if (mark !== undefined) rollouts.set(mark, (rollouts.get(mark) ?? 0) + 1);
      await clock.sleep(everyMs);
    }
    trace.tell("a person has the tool leave the mark, and takes Keyturn's notes off");
    const isThere = cluster.annotation(resourceFor(vendor), ANNOTATIONS.rolledOut) !== undefined;
    const body = { metadata: { annotations: { [ANNOTATIONS.rolledOut]: null } } };
    if (isThere) await cluster.edit(resourceFor(vendor), SECRET, body);
    const [most] = [...rollouts].toSorted(([, one], [, other]) => other - one);
    if (most && most[1] > MOST_ROLLOUTS) throw new Error(`${most[0]} was rolled out ${most[1]} times`);
  };

/** Pods that start with nothing yet, or that cannot start, are a matter of their own chapters. */
const hasTarget = (recorded: Recorded): boolean =>
  recorded.effects.some(({ by }) => by === "distribute") && notIn("destroy", "stuck", "repair")(recorded);

export const WORKLOADS = {
  "replaced-workload": {
    places: "few",
    what: "for 4 hours a tool replaces the workload every 45 minutes, when it has been rolled out",
    fits: hasTarget,
    act: replacing(45 * MINUTE_MS),
  },
  "replaced-at-once": {
    places: "few",
    what: "for 4 hours a tool replaces the workload every 3 minutes, before it has been rolled out",
    fits: hasTarget,
    // Pods are there by then that have no mark, so that only their age tells that they started with the value before.
    begin: async ({ stage }) => void (await stage.cluster?.replace()),
    act: replacing(3 * MINUTE_MS),
  },
  "slow-workload": {
    places: "few",
    what: "a workload starts that keeps its key for 4 hours",
    fits: notIn("destroy", "stuck", "repair"),
    act: holdOn,
  },
} as const satisfies Readonly<Record<string, Act>>;
