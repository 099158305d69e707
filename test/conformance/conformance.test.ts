import { describe, expect, test } from "vitest";
import { carryOut } from "../../conformance/assignment.ts";
import { runConformance } from "../../conformance/conformance.ts";
import { callSites, unvisitedOf } from "../../conformance/effects/call-sites.ts";
import { effectsToKillAt } from "../../conformance/effects/recorded.ts";
import { crashPointText, parseCrashPoint } from "../../conformance/kills/crash-point.ts";
import { parseLifeName } from "../../conformance/life-name.ts";
import type { Mutant } from "../../conformance/mutants/mutant.ts";
import { MUTANTS } from "../../conformance/mutants/mutants.ts";
import { ORDERINGS } from "../../conformance/orderings/orderings.ts";
import { replayText } from "../../conformance/report-text.ts";

const SMALL = { seed: 7, processes: 1 };

describe("the production handlers", () => {
  test("keep every promise in lives that die somewhere, and in those that nobody kills", async () => {
    const report = await runConformance({ ...SMALL, runs: 40 });
    expect(report.broken).toEqual([]);
    expect(report.lives).toBeGreaterThan(50);
    expect(report.requests).toBeGreaterThan(1_000);
  });

  test("keep them when they die twice", async () => {
    const point = parseCrashPoint("rotation/pictograph/6/after/cold/at-once/again-5");
    const { violations } = await carryOut({ chapter: point.chapter, vendor: point.vendor, seed: 1, point });
    expect(violations).toEqual([]);
  });
});

const PLAIN_ROTATION = "rotation/pictograph";
const shownBy = ({ shownAt = PLAIN_ROTATION }: Mutant) => ({ ...parseLifeName(shownAt), seed: 1 });

describe.each([
  ["a fault of the code", MUTANTS],
  ["another ordering", ORDERINGS],
])("%s is caught:", (_, faults) => {
  test.for(faults)("$name ($what)", async (fault, { task }) => {
    const { violations } = await carryOut({ ...shownBy(fault), mutant: fault.name });
    expect(violations.filter(({ promise }) => promise !== "the kit")).not.toEqual([]);
    expect(violations.filter(({ promise }) => promise === "the kit")).toEqual([]);
    task.meta.caughtMutant = fault.name;
  });

  test.each(faults)("and the very life that shows $name is unbroken without it", async (fault) => {
    const { violations } = await carryOut(shownBy(fault));
    expect(violations).toEqual([]);
  });
});

test("a violation is told with the life, its seed and a trace that shows it", async () => {
  const { broken } = await runConformance({ ...SMALL, runs: 1, chapters: ["rotation"], mutant: "retire-by-timer" });
  const told = broken.find(({ name }) => name === "rotation/pictify");
  expect(told).toMatchObject({ seed: 7 });
  expect(told?.trace.join("\n")).toMatch(
    /\+keyturn\/revoking\n.*VIOLATION {2}a key that workloads may hold is valid: /,
  );
});

test("a life that breaks a promise is told at once, with the seed that plays it again", async () => {
  const told: string[] = [];
  const lives = { runs: 20, chapters: ["rotation"], mutant: "retire-by-timer" };
  const { broken } = await runConformance({
    ...SMALL,
    ...lives,
    onBroken: (life) => told.push(replayText(life, lives.mutant)),
  });
  expect(told.length).toBeGreaterThan(0);
  expect(broken.map((life) => replayText(life, lives.mutant))).toEqual(expect.arrayContaining(told));
  expect(told[0]).toMatch(/^npm run conformance -- --seed 7 --mutant retire-by-timer --only rotation\//);
});

test("the same crash point and seed play the same life", async () => {
  const point = parseCrashPoint("compromise/pictify/9/after/warm/late");
  const play = () => carryOut({ chapter: point.chapter, vendor: point.vendor, seed: 3, point }, true);
  const tracesOf = async () => (await play()).trace;
  expect(await tracesOf()).toEqual(await tracesOf());
});

test("a crash point that is not reached is a failure of the kit", async () => {
  const point = parseCrashPoint("rename/pictify/900/before/cold/at-once");
  const expected = "manage update: list keys";
  const { violations } = await carryOut({ chapter: point.chapter, vendor: point.vendor, seed: 1, point, expected });
  expect(violations).toMatchObject([{ promise: "the kit" }]);
});

test("a crash point's name reads back, and another text is refused with an example", () => {
  const text = "rotation/pictify/12/after/cold/late/again-4";
  expect(crashPointText(parseCrashPoint(text))).toBe(text);
  expect(() => parseCrashPoint("rotation/12")).toThrow("such as rotation/pictify/12/after/cold/late");
});

test("of idle passes in a row the first alone is killed", () => {
  const pass = (number: number) => ({
    number,
    name: "ListSecrets",
    changes: false,
    atMs: number,
    by: "reconcile" as const,
    task: "pass",
    invocation: number,
  });
  const step = { ...pass(3), by: "rotate" as const };
  const kept = effectsToKillAt([pass(1), pass(2), step, pass(4), pass(5)]);
  expect(kept.map(({ number }) => number)).toEqual([1, 3, 4]);
});

test("a place in the handlers that no life reaches is told", () => {
  const sites = callSites();
  const put = "rotation/create-secret.ts secrets.put";
  const others = sites.map(({ id }) => id).filter((id) => id !== put);
  expect(others).toHaveLength(sites.length - 1);
  expect(unvisitedOf(sites, new Set(others))).toEqual([put]);
});
