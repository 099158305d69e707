import type { Chapter } from "./chapters/chapter.ts";
import { type Effect, isOtherCall } from "./effects/effect.ts";
import type { FindSite, Kill } from "./effects/gate.ts";
import type { CrashPoint } from "./kills/crash-point.ts";
import { lifeNameText } from "./life-name.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { Life } from "./stage/life.ts";
import { CALM_MS, LONGEST_LIFE_MS, LOOKS_TO_REST, MINUTE_MS } from "./stage/settings.ts";
import { createStage, type Stage } from "./stage/stage.ts";
import type { Violation } from "./stage/trace.ts";
import type { VendorName } from "./stage/vendors.ts";
import type { Twist } from "./twist.ts";
import { twistFrom } from "./twist-kinds.ts";

export interface PlayOptions {
  readonly chapter: Chapter;
  readonly vendor: VendorName;
  readonly seed: number;
  /** Where it dies; nowhere by default. */
  readonly point?: CrashPoint;
  /** What else happens in it, as texts. @default nothing */
  readonly twists?: readonly string[];
  readonly mutant?: Mutant;
  /** Finds the places in the source that ask for the effects. */
  readonly findSite?: FindSite;
}

export interface PlayedLife {
  readonly name: string;
  readonly violations: readonly Violation[];
  readonly trace: readonly string[];
  readonly effects: readonly Effect[];
  /** The first effect that it died at, in words that are the same in every life with the same seed. */
  readonly killed: string | undefined;
  readonly requests: number;
  /** Passes of reconcile that did something, from the chapter's beginning until there was rest. */
  readonly looks: number;
}

const SLICE_MS = MINUTE_MS;

const killsOf = (point: CrashPoint | undefined): readonly Kill[] => {
  if (!point) return [];
  const { effect: at, moment, again } = point;
  return [{ at, moment }, ...(again === undefined ? [] : [{ at: at + again, moment: "before" as const }])];
};

const areOver = (twists: readonly Twist[]): boolean => twists.every((twist) => twist.isOver?.() ?? true);

/** Lets time pass until the chapter is over and all has been at rest for a while. */
const untilRest = async (
  life: Life,
  chapter: Chapter,
  acting: Promise<void>,
  twists: readonly Twist[],
): Promise<void> => {
  const { clock, trace, gate, backMs } = life.stage;
  const startMs = clock.now();
  const endMs = startMs + life.stage.longestLifeMs;
  let isActing = true;
  const done = () => {
    isActing = false;
  };
  acting.then(done, (error) => {
    trace.violation("the kit", `a chapter failed: ${error}`);
    done();
  });
  let restSinceMs: number | undefined;
  for (let unrest: readonly string[] = []; clock.now() < endMs; ) {
    await clock.advance(SLICE_MS);
    await life.witness.observe();
    const hasHappened = chapter.hasHappened(life) || life.witness.exceptions.isDestroyed;
    const isOver = !isActing && areOver(twists) && gate.underWay === 0 && hasHappened;
    unrest = isOver ? await life.witness.unrest(life.declared) : ["the chapter is not over"];
    restSinceMs = unrest.length === 0 ? (restSinceMs ?? clock.now()) : undefined;
    if (restSinceMs !== undefined && clock.now() >= Math.max(restSinceMs, backMs()) + CALM_MS) return;
    if (clock.now() >= endMs) trace.violation("a life comes to rest", unrest.join("; "));
  }
};

const checkNothingTold = ({ simulator, other, cluster, seen, trace }: Stage): void => {
  const text = seen.join("\n");
  const issued = [...simulator.issuedValues(), ...(other?.simulator.issuedValues() ?? [])];
  const values = [
    ...issued.filter((value) => text.includes(value)),
    ...(cluster?.secrets ?? []).filter((secret) => secret.test(text)),
  ];
  if (values.length > 0) trace.violation("no value is told", `${values.length} values are in logs, events or errors`);
};

/** Plays one chapter of one life, to its rest, and judges it. */
export const play = async (options: PlayOptions): Promise<PlayedLife> => {
  const { chapter, vendor, seed, point, mutant, findSite, twists: texts = [] } = options;
  const twists = texts.map(twistFrom);
  const effects: Effect[] = [];
  const looks = new Set<number>();
  let life: Life | undefined;
  const other = twists.find((twist) => twist.other)?.other;
  const reconcileMs = twists.find((twist) => twist.reconcileMs)?.reconcileMs;
  const clusterTrouble = twists.find((twist) => twist.clusterTrouble)?.clusterTrouble;
  const trouble = twists.find((twist) => twist.trouble)?.trouble;
  const stage = await createStage({
    vendor,
    seed,
    hasTarget: chapter.hasTarget ?? false,
    module: point?.module ?? "cold",
    retry: point?.retry ?? "at-once",
    parameters: Object.assign({}, ...twists.map(({ parameters }) => parameters)),
    moreSlots: twists.reduce((sum, { moreSlots = 0 }) => sum + moreSlots, 0),
    longestLifeMs: Math.max(LONGEST_LIFE_MS, ...twists.map(({ longestLifeMs = 0 }) => longestLifeMs)),
    ...(other ? { other } : {}),
    ...(trouble ? { trouble } : {}),
    ...(reconcileMs ? { reconcileMs } : {}),
    ...(clusterTrouble ? { clusterTrouble } : {}),
    variant: Object.assign({}, ...twists.map(({ variant }) => variant)),
    ...(mutant ? { mutant } : {}),
    ...(findSite ? { findSite } : {}),
    beforeVendorCall: (operation) => {
      for (const twist of twists) twist.beforeVendorCall?.(operation, stage);
    },
    async beforeEffect(effect) {
      if (life) for (const twist of twists) await twist.beforeEffect?.(effect, life);
    },
    async onEffect(effect) {
      if (effect.number > 0) {
        effects.push(effect);
        // What is asked of a function that is away is asked again: that is a wait, no look.
        const isCounted = effect.atMs >= stage.backMs() && areOver(twists);
        if (effect.by === "reconcile" && effect.changes && isCounted && !isOtherCall(effect))
          looks.add(effect.invocation);
      }
      if (effect.changes) await life?.witness.observe();
    },
  });
  life = new Life(stage);
  await chapter.arrange(life);
  life.startReconcile();
  for (const twist of twists) await twist.begin?.(life);
  stage.gate.startCounting(killsOf(point));
  await untilRest(life, chapter, chapter.act(life), twists);
  await life.end();
  const stated = Math.max(LOOKS_TO_REST, ...twists.map(({ looksToRest = 0 }) => looksToRest));
  if (looks.size > stated)
    stage.trace.violation(
      "rest within the stated number of looks",
      `${looks.size} passes did something, ${stated} are stated`,
    );
  checkNothingTold(stage);
  for (const twist of twists) {
    twist.judge?.();
    const failure = twist.failure?.();
    if (failure !== undefined) stage.trace.violation("the kit", failure);
  }
  return {
    name: lifeNameText({ chapter: chapter.name, vendor, twists: texts, ...(point ? { point } : {}) }),
    violations: stage.trace.violations,
    trace: stage.trace.lines(),
    effects,
    killed: stage.killedAt(),
    requests: life.readers.requests,
    looks: looks.size,
  };
};
