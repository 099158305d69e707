import type { Life } from "../stage/life.ts";
import { readNow } from "../stage/secret-view.ts";
import { HOUR_MS, MINUTE_MS } from "../stage/settings.ts";
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

export const WORKLOADS = {
  "slow-workload": {
    places: "few",
    what: "a workload starts that keeps its key for 4 hours",
    fits: notIn("destroy", "stuck", "repair"),
    act: holdOn,
  },
} as const satisfies Readonly<Record<string, Act>>;
