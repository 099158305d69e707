import { PENDING, versionWith } from "../../lambdas/contracts/labels.ts";
import type { Effect } from "../effects/effect.ts";
import type { Life } from "../stage/life.ts";
import { currentIn, type SecretView, viewSecret } from "../stage/secret-view.ts";
import { MINUTE_MS } from "../stage/settings.ts";
import { type Act, always } from "./act.ts";

/*
 * Runs of the functions beside those that are there. Lambda delivers at least once: a step of a rotation may come again, at
 * once or much later.
 */
const LATE_MS = 12 * MINUTE_MS;
const AFTER_OVERLAP_MS = 70 * MINUTE_MS;

const pass = ({ stage }: Life) => stage.invoke("reconcile", {});

/** A person has the secret looked at: the vendor is listed in any case. */
const look = async (life: Life) => {
  const view = await viewSecret(life.stage);
  return view ? life.stage.invoke("reconcile", { only: [view.arn] }) : pass(life);
};

/** The version that is being rotated; a step may be under way that makes it current. */
const tokenIn = (view: SecretView): string => versionWith(view.stages, PENDING) ?? currentIn(view) ?? "";

const stepAgain =
  (afterMs: number, step?: string) =>
  async ({ stage }: Life, { task }: Effect): Promise<void> => {
    const view = await viewSecret(stage);
    if (!view) return;
    const event = { Step: step ?? task, SecretId: view.arn, ClientRequestToken: tokenIn(view) };
    if (afterMs > 0) await stage.clock.sleep(afterMs);
    stage.trace.tell(`${event.Step} is delivered again`);
    await stage.invoke("rotate", event);
  };

const inStep = (_: unknown, { by }: Effect): boolean => by === "rotate";

export const RUNS = {
  pass: {
    places: "few",
    what: "one more pass of reconcile",
    fits: always,
    act: async (life) => void (await pass(life)),
  },
  look: {
    what: "a person has reconcile look at the secret",
    fits: always,
    act: async (life) => void (await look(life)),
  },
  "two-looks": {
    runs: true,
    places: "few",
    what: "two people have reconcile look at the secret",
    fits: always,
    act: async (life) => void (await Promise.all([look(life), look(life)])),
  },
  "step-again": { runs: true, what: "the step is delivered again at once", fits: inStep, act: stepAgain(0) },
  "step-late": { what: "the step is delivered again 12 minutes later", fits: inStep, act: stepAgain(LATE_MS) },
  "step-after-overlap": {
    what: "the step is delivered again 70 minutes later",
    fits: inStep,
    act: stepAgain(AFTER_OVERLAP_MS),
  },
  "create-again": {
    runs: true,
    what: "createSecret is delivered once more while another step runs",
    fits: (recorded, effect) => inStep(recorded, effect) && effect.task !== "createSecret",
    act: stepAgain(0, "createSecret"),
  },
} as const satisfies Readonly<Record<string, Act>>;
