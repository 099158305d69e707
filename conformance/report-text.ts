import type { Broken, FamilyCount, Report } from "./conformance.ts";
import { FAMILIES } from "./families.ts";
import { KILLS_ELSEWHERE, PAIRS } from "./plan.ts";

/** How many broken lives are shown with their trace. */
export const SHOWN = 3;

/** The command that plays a life again. */
export const replayText = ({ name, seed }: Pick<Broken, "name" | "seed">, mutant?: string): string =>
  `npm run conformance -- --seed ${seed}${mutant ? ` --mutant ${mutant}` : ""} --only ${name}`;

const brokenText = ({ name, seed, violations, trace }: Broken): string =>
  [
    `${name} (seed ${seed})`,
    ...violations.map(({ promise, what }) => `  broken: ${promise}: ${what}`),
    ...trace.map((line) => `  ${line}`),
  ].join("\n");

/** How often each promise was broken. */
const countsText = (broken: readonly Broken[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const { promise } of broken.flatMap(({ violations }) => violations))
    counts.set(promise, (counts.get(promise) ?? 0) + 1);
  return [...counts].map(([promise, count]) => `  ${String(count).padStart(6)}  ${promise}`);
};

const WHAT = new Map([...FAMILIES, KILLS_ELSEWHERE, PAIRS].map(({ name, what }) => [name, what]));

const familyText = ({ family, inFull, played }: FamilyCount): string =>
  `${String(played).padStart(8)}  ${family}${played < inFull ? ` of ${inFull}` : ""}: ${WHAT.get(family)}`;

export const isKept = ({ broken, unvisited }: Report): boolean => broken.length + unvisited.length === 0;

/** The report for people. @param mutant the fault that was put in, whose violations are wanted */
export const reportText = (report: Report, mutant?: string): string => {
  const { lives, durationMs, broken, unvisited } = report;
  const [first] = broken;
  return [
    `${lives} lives in ${(durationMs / 1_000).toFixed(1)} s (${Math.round((lives * 1_000) / durationMs)} a second), seed ${report.seed}`,
    `${report.effects} effects where nothing happens to anybody`,
    ...report.families.map(familyText),
    `${report.placesVisited} of ${report.places} places in the handlers that ask for an effect were reached`,
    `${report.requests} requests of workloads; at most ${report.mostLooks} passes of reconcile to rest`,
    ...unvisited.map((id) => `not reached: ${id}`),
    broken.length === 0
      ? "0 violations"
      : `${broken.flatMap(({ violations }) => violations).length} violations in ${broken.length} lives`,
    ...countsText(broken),
    ...broken.slice(0, SHOWN).map((one) => `\n${brokenText(one)}`),
    ...(first ? [`\nplay it again: ${replayText(first, mutant)}`] : []),
  ].join("\n");
};
