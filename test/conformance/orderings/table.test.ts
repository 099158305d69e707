import { expect, test } from "vitest";
import type { Report } from "../../../conformance/conformance.ts";
import { rowOf, tableText } from "../../../conformance/orderings/table.ts";

const reportWith = (broken: readonly (readonly string[])[]): Report => ({
  seed: 1,
  lives: 10,
  families: [],
  effects: 0,
  requests: 0,
  mostLooks: 0,
  placesVisited: 0,
  places: 0,
  unvisited: [],
  broken: broken.map((promises) => ({
    name: "rotation/pictify",
    seed: 1,
    trace: [],
    violations: promises.map((promise) => ({ promise, what: "", atMs: 0 })),
  })),
  durationMs: 1,
});

const ORDERING = { name: "timer", what: "a timer" };

test("a life counts once in each column of which it broke a promise", () => {
  const twice = ["a key is revoked on evidence", "a key that workloads may hold is valid", "no request fails"];
  const row = rowOf(ORDERING, reportWith([twice, ["a life comes to rest"]]));
  expect(row).toMatchObject({ lives: 10, broken: 2 });
  expect(row.columns).toEqual({
    "a request failed": 1,
    "revoked or promoted too early": 1,
    "something left over": 1,
    "anything else": 0,
  });
});

test("a promise that no column names is not forgotten", () => {
  expect(rowOf(ORDERING, reportWith([["a new promise"]])).columns["anything else"]).toBe(1);
});

test("the table has a row for each ordering", () => {
  const text = tableText([rowOf(ORDERING, reportWith([["no request fails"]]))]);
  expect(text.split("\n").at(-1)).toBe("| timer | a timer | 10 | 1 | 1 | 0 | 0 | 0 |");
});
