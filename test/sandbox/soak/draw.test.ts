import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawFor } from "../../../sandbox/draw.ts";
import { KILL_EVERY_MS } from "../../../sandbox/soak/delays.ts";
import { drawKill, PASSES, STEPS_AND_ANY_TIME, victims } from "../../../sandbox/soak/kill-processes.ts";

const numbers = (seed: number, purpose: string) => {
  const draw = drawFor(seed, purpose);
  return Array.from({ length: 20 }, () => draw.between(0, 1_000_000));
};

describe("what is drawn", () => {
  test("is the same for the same seed and purpose, and another for another", () => {
    expect(numbers(7, "kills")).toEqual(numbers(7, "kills"));
    expect(numbers(8, "kills")).not.toEqual(numbers(7, "kills"));
    expect(numbers(7, "rotations")).not.toEqual(numbers(7, "kills"));
  });

  test("lies between its bounds, both included", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), (seed, from, span) => {
        const drawn = drawFor(seed, "any").between(from, from + span);
        expect(drawn).toBeGreaterThanOrEqual(from);
        expect(drawn).toBeLessThanOrEqual(from + span);
      }),
    );
    const draw = drawFor(1, "bounds");
    expect(new Set(Array.from({ length: 200 }, () => draw.between(2, 4)))).toEqual(new Set([2, 3, 4]));
  });

  test("is nothing where there is nothing to draw from", () => {
    expect(drawFor(1, "any").oneOf([])).toBeUndefined();
  });
});

describe("a kill", () => {
  test("comes within its time, at each of its moments", () => {
    const draw = drawFor(1, "kills");
    const kills = Array.from({ length: 300 }, () => drawKill(draw, STEPS_AND_ANY_TIME));

    expect(new Set(kills.map(({ moment }) => moment))).toEqual(new Set(STEPS_AND_ANY_TIME.moments));
    for (const { afterMs } of kills) {
      expect(afterMs).toBeGreaterThanOrEqual(KILL_EVERY_MS.from);
      expect(afterMs).toBeLessThanOrEqual(KILL_EVERY_MS.to);
    }
    expect(drawKill(draw, PASSES).moment).toBe("reconcile");
  });

  const processes = [
    { processId: 1, role: "rotate" },
    { processId: 2, role: "rotate" },
    { processId: 3, role: "reconcile" },
    { processId: 4, role: "manage" },
  ] as const;
  const kill = { afterMs: 0, delayMs: 0, moment: "createSecret", scope: "all" } as const;
  const hit = (change: Partial<Parameters<typeof victims>[0]>) =>
    victims({ ...kill, ...change }, processes, drawFor(1, "victims")).map(({ processId }) => processId);

  test("in a step hits the rotation function, one process or all of it", () => {
    expect(hit({})).toEqual([1, 2]);
    expect(hit({ scope: "one" })).toHaveLength(1);
    expect([1, 2]).toContain(hit({ scope: "one" })[0]);
  });

  test("in a pass hits reconcile", () => {
    expect(hit({ moment: "reconcile" })).toEqual([3]);
  });

  test("hits nothing where no such process is", () => {
    expect(victims({ ...kill, scope: "one" }, [], drawFor(1, "victims"))).toEqual([]);
  });
});
