import { describe, expect, test } from "vitest";
import { runConformance } from "../../conformance/conformance.ts";
import { livesToPlay, PAIRS, type PlannedLife } from "../../conformance/plan.ts";

const CHAPTERS = ["first-key", "rotation", "destroy"];

/** So many lives of a family in each chapter. */
const livesOf = (family: string, count: number): readonly PlannedLife[] =>
  CHAPTERS.flatMap((chapter) =>
    Array.from({ length: count }, (_, number) => ({ chapter, vendor: "pictify", family, twists: [`${number}`] })),
  );

const IN_FULL = [...livesOf("many", 100), ...livesOf("few", 1)];
const sample = (ofEach: number, seed = 1) => livesToPlay(IN_FULL, [], { seed, sample: ofEach });
const countOf = (lives: readonly PlannedLife[], part: Partial<PlannedLife>) =>
  lives.filter((life) => Object.entries(part).every(([field, value]) => life[field as keyof PlannedLife] === value))
    .length;

describe("a sample", () => {
  test("has so many lives of each family, and all of one that has fewer", () => {
    const lives = sample(12);
    expect(countOf(lives, { family: "many" })).toBe(12);
    expect(countOf(lives, { family: "few" })).toBe(3);
    expect(new Set(lives).size).toBe(lives.length);
  });

  test("is spread over the chapters of each family", () => {
    const lives = sample(12);
    for (const chapter of CHAPTERS) expect(countOf(lives, { family: "many", chapter })).toBe(4);
  });

  test("is the same for the same seed, and another for another seed", () => {
    expect(sample(12, 3)).toEqual(sample(12, 3));
    expect(sample(12, 3)).not.toEqual(sample(12, 4));
  });

  test("of a whole kit is told by its families, the pairs among them, and judges no place that it did not reach", async () => {
    const { families, unvisited, broken, placesVisited, places } = await runConformance({
      seed: 7,
      processes: 1,
      chapters: ["rotation"],
      sample: 2,
    });
    expect(families.length).toBeGreaterThan(4);
    for (const { played } of families) expect(played).toBe(2);
    expect(families.map(({ family }) => family)).toContain(PAIRS.name);
    expect(placesVisited).toBeLessThan(places);
    expect(unvisited).toEqual([]);
    expect(broken).toEqual([]);
  });
});
