import type { Assignment, Result } from "./assignment.ts";
import { CHAPTERS } from "./chapters/chapters.ts";
import { callSites, unvisitedOf } from "./effects/call-sites.ts";
import type { Recorded } from "./effects/recorded.ts";
import type { LifeName } from "./life-name.ts";
import { livesInFull, livesToPlay, PAIRS, type PlannedLife } from "./plan.ts";
import { playAll } from "./pool.ts";
import { VENDOR_NAMES } from "./stage/vendors.ts";

export interface ConformanceOptions {
  readonly seed: number;
  /** How many lives to play: fewer than there are in full are drawn from them, more have several hardships. @default those in full, and 1,000 more */
  readonly runs?: number;
  /** Instead of `runs`: so many lives of each family, or all that it has, and so many pairs. */
  readonly sample?: number;
  /** Chapters to play. @default all */
  readonly chapters?: readonly string[];
  /**
   * Twists under which every crash point of the chapters without a target is played too, each by itself: those with a target have the
   * same calls to Secrets Manager. @default none
   */
  readonly settings?: readonly string[];
  readonly mutant?: string;
  readonly processes: number;
  readonly onProgress?: (done: number, of: number, violations: number) => void;
  /** Told at once of every life that broke a promise. */
  readonly onBroken?: (broken: Broken) => void;
}

/** A life that broke a promise. */
export type Broken = Pick<Result, "name" | "seed" | "violations" | "trace">;

/** How many lives of a family there are, and how many of them were played. */
export interface FamilyCount {
  readonly family: string;
  readonly inFull: number;
  readonly played: number;
}

export interface Report {
  readonly seed: number;
  readonly lives: number;
  readonly families: readonly FamilyCount[];
  /** Effects that the lives had that nothing happened to. */
  readonly effects: number;
  readonly requests: number;
  /** The most passes of reconcile that did something before a life was at rest. */
  readonly mostLooks: number;
  /** Places in the handlers' source that ask for an effect, and were reached. */
  readonly placesVisited: number;
  readonly places: number;
  /** Only where every life in full of every family and chapter was played. */
  readonly unvisited: readonly string[];
  readonly broken: readonly Broken[];
  readonly durationMs: number;
}

const calm = ({ chapters, settings = [] }: ConformanceOptions): readonly LifeName[] =>
  CHAPTERS.filter(({ name }) => chapters?.includes(name) ?? true).flatMap(({ name: chapter, hasTarget }) =>
    VENDOR_NAMES.flatMap((vendor) =>
      [[], ...(hasTarget ? [] : settings.map((setting) => [setting]))].map((twists) => ({ chapter, vendor, twists })),
    ),
  );

const toAssignment = ({ seed, mutant }: ConformanceOptions, life: LifeName): Assignment => ({
  ...life,
  seed,
  ...(mutant ? { mutant } : {}),
});

interface Played {
  readonly results: readonly Result[];
  readonly recorded: readonly Recorded[];
}

/** Plays every chapter at every vendor with nothing happening to it, which numbers the effects. */
const record = async (options: ConformanceOptions): Promise<Played> => {
  const assignments = calm(options).map((life) => ({ ...toAssignment(options, life), isRecorded: true }));
  const results = await playAll(assignments, options.processes);
  const recorded = results.map(({ effects = [] }, index) => {
    const { chapter, vendor, twists } = assignments[index] as LifeName;
    return { chapter, vendor, twists, effects };
  });
  return { results, recorded };
};

const familyCounts = (inFull: readonly PlannedLife[], lives: readonly PlannedLife[]): readonly FamilyCount[] => {
  const count = (of: readonly PlannedLife[], family: string) => of.filter((life) => life.family === family).length;
  const names = new Set([...inFull, ...lives].map(({ family }) => family));
  return [...names].map((family) => ({ family, inFull: count(inFull, family), played: count(lives, family) }));
};

const visitedBy = (results: readonly Result[]): ReadonlySet<string> =>
  new Set(results.flatMap(({ visited }) => visited));

/** Runs the kit: first without hardships, then with them. */
export const runConformance = async (options: ConformanceOptions): Promise<Report> => {
  const startMs = performance.now();
  const calmOnes = await record(options);
  const inFull = livesInFull(calmOnes.recorded);
  const lives = livesToPlay(inFull, calmOnes.recorded, options);
  const families = familyCounts(inFull, lives);
  let [done, violations] = [0, 0];
  const played = await playAll(
    lives.map((life) => toAssignment(options, life)),
    options.processes,
    (result) => {
      violations += result.violations.length;
      if (result.violations.length > 0) options.onBroken?.(result);
      options.onProgress?.(++done, lives.length, violations);
    },
  );
  const results = [...calmOnes.results, ...played];
  const visited = visitedBy(results);
  // What drawn lives reach depends on the draw.
  const visitedForSure = visitedBy([
    ...calmOnes.results,
    ...played.filter((_, index) => lives[index]?.family !== PAIRS.name),
  ]);
  const isWhole = families.every((of) => of.played >= of.inFull) && options.chapters === undefined;
  const sites = callSites();
  return {
    seed: options.seed,
    lives: results.length,
    families,
    effects: calmOnes.recorded.reduce((sum, { effects }) => sum + effects.length, 0),
    requests: results.reduce((sum, { requests }) => sum + requests, 0),
    mostLooks: results.reduce((most, { looks }) => Math.max(most, looks), 0),
    placesVisited: sites.length - unvisitedOf(sites, visited).length,
    places: sites.length,
    unvisited: isWhole ? unvisitedOf(sites, visitedForSure) : [],
    broken: results.filter(({ violations: all }) => all.length > 0),
    durationMs: Math.round(performance.now() - startMs),
  };
};
