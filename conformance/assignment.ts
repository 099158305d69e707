import type { Chapter } from "./chapters/chapter.ts";
import { CHAPTERS } from "./chapters/chapters.ts";
import { callSites, siteFinder } from "./effects/call-sites.ts";
import type { Effect } from "./effects/effect.ts";
import type { CrashPoint } from "./kills/crash-point.ts";
import { mutantNamed } from "./mutants/mutants.ts";
import { type PlayedLife, play } from "./play.ts";
import { VENDOR_NAMES, type VendorName } from "./stage/vendors.ts";

/** A life to be played, as it may be sent to another thread. */
export interface Assignment {
  readonly chapter: string;
  readonly vendor: string;
  readonly seed: number;
  readonly point?: CrashPoint;
  /** Texts of what else happens in it. */
  readonly twists?: readonly string[];
  /** What the effect at the crash point was in the life that nobody killed: it must be the same again. */
  readonly expected?: string;
  readonly mutant?: string;
  /** Keeps the effects: crash points are made from them. */
  readonly isRecorded?: boolean;
}

/** What became of it; the trace only where a promise was broken, or it was asked for. */
export type Result = Omit<PlayedLife, "effects" | "trace"> & {
  readonly seed: number;
  readonly trace: readonly string[];
  readonly visited: readonly string[];
  readonly effects?: readonly Effect[];
};

/** @throws Error that names the chapters there are */
export const chapterNamed = (name: string): Chapter => {
  const found = CHAPTERS.find((chapter) => chapter.name === name);
  if (found) return found;
  throw new Error(`there is no chapter "${name}"; there are ${CHAPTERS.map((chapter) => chapter.name).join(", ")}`);
};

/** @throws Error that names the vendors there are */
export const vendorNamed = (name: string): VendorName => {
  const found = VENDOR_NAMES.find((vendor) => vendor === name);
  if (found) return found;
  throw new Error(`there is no vendor "${name}"; there are ${VENDOR_NAMES.join(", ")}`);
};

let finder: ReturnType<typeof siteFinder> | undefined;

const findSite = (): string | undefined => {
  finder ??= siteFinder(callSites());
  return finder();
};

export const playLife = (assignment: Omit<Assignment, "expected">): Promise<PlayedLife> => {
  const { chapter, vendor, seed, point, twists, mutant } = assignment;
  return play({
    chapter: chapterNamed(chapter),
    vendor: vendorNamed(vendor),
    seed,
    findSite,
    ...(point ? { point } : {}),
    ...(twists ? { twists } : {}),
    ...(mutant ? { mutant: mutantNamed(mutant) } : {}),
  });
};

/**
 * Plays one life. A killed one must have come to the very effect that was to be killed.
 * @param withTrace keeps the trace in any case
 */
export const carryOut = async (assignment: Assignment, withTrace = false): Promise<Result> => {
  const { point, expected, seed } = assignment;
  const played = await playLife(assignment);
  const { effects, trace, violations, killed, ...rest } = played;
  const strayed =
    point && expected !== undefined && killed !== expected
      ? [{ promise: "the kit", what: `it was to die at ${expected} and died at ${killed ?? "nothing"}`, atMs: 0 }]
      : [];
  const all = [...violations, ...strayed];
  const visited = [...new Set(effects.flatMap(({ site }) => site ?? []))];
  return {
    ...rest,
    killed,
    seed,
    violations: all,
    trace: all.length > 0 || withTrace ? trace : [],
    visited,
    ...(assignment.isRecorded ? { effects } : {}),
  };
};
