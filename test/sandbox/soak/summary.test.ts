import { describe, expect, test } from "vitest";
import { problemsOf, type Summary, summaryText } from "../../../sandbox/soak/summary.ts";

const GOOD: Summary = {
  ok: true,
  minutes: 20,
  seed: 7,
  keys: { pictograph: 25, pictify: 25 },
  workloads: { requests: 40_000, failures: 0, throttled: 2 },
  failures: [],
  rotations: {
    started: 342,
    refused: 1,
    startedByKeyturn: 0,
    finished: 342,
    resumed: 61,
    diedIn: { createSecret: 20, testSecret: 30 },
    failedWith: { "createSecret: plan is full": 4 },
    underWay: 0,
  },
  kills: { reconcile: 15, rotate: 120 },
  deaths: { rotate: 50, reconcile: 9, manage: 0 },
  invocations: { rotate: 1_500, reconcile: 26 },
  census: { minted: 395, active: 50, current: 50, leftOver: [], dead: [], labels: [], tags: [] },
  quietAfterMs: 185_000,
  leaks: [],
  filesSearched: 42,
};

describe("the summary", () => {
  test("tells every count, and how to draw the same again", () => {
    const text = summaryText(GOOD);
    for (const line of [
      /^20 minutes, seed 7; keys: 25 of pictograph, 25 of pictify; overlap PT1M; /,
      /^requests +40000 +of 50 workloads$/m,
      /^failures +0 +and 2 answered 429/m,
      /^rotations started +342 /m,
      /^ {2}refused starts +1 /m,
      /^ {2}resumed +61 /m,
      /^ {2}steps that died +50 +with their process: testSecret 30, createSecret 20$/m,
      /^ {2}steps that failed +4 /m,
      /4 × createSecret: plan is full$/m,
      /^processes killed +135 +with SIGKILL: rotate 120, reconcile 15$/m,
      /^ {2}at work +59 +invocations died with them: rotate 50, reconcile 9$/m,
      /^keys minted +395 +345 revoked, 50 current$/m,
      /^keys left over +0 /m,
      /^labels left over +0 +and 0 secrets/m,
      /^secret values +0 +found in the 42 files/m,
      /^quiet: 3:05 after .* of 30:00 at most$/m,
    ])
      expect(text).toMatch(line);
  });

  test("says so when it did not get quiet", () => {
    expect(summaryText({ ...GOOD, quietAfterMs: null })).toMatch(/^quiet: not within 30:00$/m);
  });
});

describe("what did not hold", () => {
  test("is nothing when nothing failed and nothing is left over", () => {
    expect(problemsOf(GOOD)).toEqual([]);
  });

  const { census, rotations, workloads } = GOOD;
  test.each<[string, Partial<Summary>, string]>([
    ["a failed request", { workloads: { ...workloads, failures: 1 } }, "1 requests failed"],
    ["what it said", { failures: ["a: answered 401"] }, "failed request: a: answered 401"],
    ["no request", { workloads: { ...workloads, requests: 0 } }, "no request was made"],
    ["no rotation", { rotations: { ...rotations, started: 0 } }, "no rotation was started"],
    ["no kill", { kills: {} }, "no process was killed"],
    ["an endless rotation", { rotations: { ...rotations, underWay: 2 } }, "2 rotations have not ended"],
    ["a key", { census: { ...census, leftOver: ["pictify 1 (a)"] } }, "key left over: pictify 1 (a)"],
    ["a dead key", { census: { ...census, dead: ["a"] } }, "its current key does not work: a"],
    ["a label", { census: { ...census, labels: ["a: x"] } }, "label left over: a: x"],
    ["a tag", { census: { ...census, tags: ["a"] } }, "its tags are not as they were deployed: a"],
    ["no rest", { quietAfterMs: null }, "it was not quiet after 30 minutes"],
    ["a leak", { leaks: ["one"] }, "secret value: one"],
  ])("names %s", (_, change, problem) => {
    expect(problemsOf({ ...GOOD, ...change })).toEqual([problem]);
  });
});
