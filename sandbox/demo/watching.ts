import type { KeyWatch } from "./key-watch.ts";
import { POLL_MS, type Scene } from "./scene.ts";
import type { SeenStep, Stage } from "./stage.ts";
import type { View } from "./view.ts";

/** Watches the secrets while the play goes on, so that a promotion is seen when it happens. @returns what ends it */
export const watchInBackground = (stage: Stage, watch: KeyWatch): (() => Promise<void>) => {
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

/** What the acts share. It tells every step of a rotation as it ends. */
export const createScene = (stage: Stage, view: View, watch: KeyWatch): Scene => {
  const steps: SeenStep[] = [];
  stage.onStep((step) => {
    steps.push(step);
    const name = watch.keys.find((key) => key.secretArn === step.secretArn)?.name ?? step.secretArn;
    view.line(`${name}: ${step.step} ${step.error ? `failed (${step.error})` : "done"}`);
  });
  return { stage, view, watch, steps, changes: [], deferrals: [], problems: [] };
};
