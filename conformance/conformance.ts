import { seededRandom } from "../sandbox/vendors/random-source.ts";
import { type Assignment, playLife, type Result } from "./assignment.ts";
import { callSites } from "./call-sites.ts";
import { CHAPTERS } from "./chapter.ts";
import { crashPoints } from "./crash-points.ts";
import { type Effect, effectText } from "./effect.ts";
import { playAll } from "./pool.ts";
import { judgeVisits } from "./unvisited.ts";
import { VENDOR_NAMES } from "./vendors.ts";

export interface ConformanceOptions {
  readonly seed: number;
  /** How many lives to play: fewer than there are crash points are drawn from them, more get a second kill. @default each crash point once */
  readonly runs?: number;
  /** Chapters to play. @default all */
  readonly chapters?: readonly string[];
  readonly mutant?: string;
  readonly processes: number;
  readonly onProgress?: (done: number, of: number, violations: number) => void;
}

/** A life that broke a promise. */
export type Broken = Pick<Result, "name" | "seed" | "violations" | "trace">;

export interface Report {
  readonly seed: number;
  readonly lives: number;
  /** Effects that the lives had that nobody killed. */
  readonly effects: number;
  /** Crash points that there are. */
  readonly crashPoints: number;
  /** Crash points that were played. */
  readonly crashPointsPlayed: number;
  /** Lives with a second kill. */
  readonly secondKills: number;
  readonly requests: number;
  /** The most passes of reconcile that did something before a life was at rest. */
  readonly mostLooks: number;
  /** Places in the handlers' source that ask for an effect, and were reached. */
  readonly placesVisited: number;
  readonly places: number;
  /** Only where every crash point of every chapter was played. */
  readonly unvisited: readonly string[];
  readonly excusedInVain: readonly string[];
  readonly broken: readonly Broken[];
  readonly durationMs: number;
}

interface Unkilled {
  readonly assignments: readonly Assignment[];
  readonly results: readonly Result[];
  readonly effects: number;
}

const toResult = (seed: number, { effects, ...life }: Awaited<ReturnType<typeof playLife>>): Result => ({
  ...life,
  seed,
  hasSecondKill: false,
  visited: [...new Set(effects.flatMap(({ site }) => site ?? []))],
});

const shared = ({ seed, mutant }: ConformanceOptions) => ({ seed, ...(mutant ? { mutant } : {}) });

const assignmentsFor = (options: ConformanceOptions, chapter: string, vendor: string, effects: readonly Effect[]) => {
  const texts = new Map(effects.map((effect) => [effect.number, effectText(effect)]));
  return crashPoints({ chapter, vendor, effects }).map((point): Assignment => {
    const expected = texts.get(point.effect);
    return { ...shared(options), chapter, vendor, point, ...(expected === undefined ? {} : { expected }) };
  });
};

/** Plays every chapter at every vendor without a kill, which numbers the effects. */
const record = async (options: ConformanceOptions): Promise<Unkilled> => {
  const assignments: Assignment[] = [];
  const results: Result[] = [];
  let count = 0;
  for (const { name: chapter } of CHAPTERS.filter(({ name }) => options.chapters?.includes(name) ?? true))
    for (const vendor of VENDOR_NAMES) {
      const life = await playLife({ ...shared(options), chapter, vendor });
      results.push(toResult(options.seed, life));
      count += life.effects.length;
      assignments.push(...assignmentsFor(options, chapter, vendor, life.effects));
    }
  return { assignments, results, effects: count };
};

const LATEST_SECOND_KILL = 40;

/** So many, drawn without repetition; past all of them, again with a second kill. */
const drawn = (all: readonly Assignment[], { runs, seed }: ConformanceOptions): readonly Assignment[] => {
  if (runs === undefined || all.length === 0) return all;
  const random = seededRandom(seed);
  const shuffled = all.map((one) => ({ one, place: random() })).sort((a, b) => a.place - b.place);
  const first = shuffled.slice(0, runs).map(({ one }) => one);
  const more = Array.from({ length: Math.max(0, runs - all.length) }, (): Assignment | undefined => {
    const one = all[Math.floor(random() * all.length)];
    const again = 1 + Math.floor(random() * LATEST_SECOND_KILL);
    return one?.point && { ...one, point: { ...one.point, again } };
  });
  return [...first, ...more.filter((one) => one !== undefined)];
};

/** Runs the kit: first without kills, then with them. */
export const runConformance = async (options: ConformanceOptions): Promise<Report> => {
  const startMs = performance.now();
  const unkilled = await record(options);
  const assignments = drawn(unkilled.assignments, options);
  const results = [...unkilled.results];
  let violations = 0;
  await playAll(assignments, options.processes, (result) => {
    results.push(result);
    violations += result.violations.length;
    options.onProgress?.(results.length - unkilled.results.length, assignments.length, violations);
  });
  const visited = new Set(results.flatMap((result) => result.visited));
  const sites = callSites();
  const isWhole = assignments.length >= unkilled.assignments.length && options.chapters === undefined;
  // What second kills reach depends on the draw.
  const visitedForSure = new Set(results.flatMap((result) => (result.hasSecondKill ? [] : result.visited)));
  const visits = isWhole ? judgeVisits(sites, visitedForSure) : { unvisited: [], excusedInVain: [] };
  const secondKills = assignments.filter(({ point }) => point?.again !== undefined).length;
  return {
    seed: options.seed,
    lives: results.length,
    effects: unkilled.effects,
    crashPoints: unkilled.assignments.length,
    crashPointsPlayed: assignments.length - secondKills,
    secondKills,
    requests: results.reduce((sum, { requests }) => sum + requests, 0),
    mostLooks: Math.max(...results.map(({ looks }) => looks)),
    placesVisited: sites.filter(({ id }) => visited.has(id)).length,
    places: sites.length,
    ...visits,
    broken: results.filter(({ violations: all }) => all.length > 0),
    durationMs: Math.round(performance.now() - startMs),
  };
};
