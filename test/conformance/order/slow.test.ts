import { expect, test } from "vitest";
import { carryOut } from "../../../conformance/assignment.ts";
import { slow } from "../../../conformance/order/slow.ts";

const played = (twists: readonly string[]) =>
  carryOut({ chapter: "rotation", vendor: "pictograph", seed: 1, twists }, true);

test("three calls of a life take long, and which is told by the seed", async () => {
  const { trace, violations } = await played(["slow=5"]);
  expect(violations).toEqual([]);
  expect(trace.filter((line) => line.includes("SLOW #"))).toHaveLength(3);
  expect((await played(["slow=5"])).trace).toEqual(trace);
});

test("a step that is delivered twice, with slow calls, leaves one key", async () => {
  for (const seed of [1, 2, 3, 4])
    expect((await played(["beside=step-again@5", `slow=${seed}`])).violations).toEqual([]);
});

test("what is no seed is refused", () => {
  expect(() => slow("")).toThrow("is no seed of slow calls; one is such as slow=77");
});
