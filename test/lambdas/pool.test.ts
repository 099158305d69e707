import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inParallel, inTime } from "../../lambdas/pool.ts";
import { VirtualClock } from "../../sandbox/virtual-clock.ts";

describe("a pool", () => {
  test("gives every result in the order of the items, with never more than its width at once", async () => {
    const waits = fc.array(fc.nat(50), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(waits, fc.integer({ min: 1, max: 6 }), async (items, width) => {
        const clock = new VirtualClock();
        let [open, most] = [0, 0];
        const work = async (waitMs: number) => {
          most = Math.max(most, ++open);
          await clock.sleep(waitMs);
          open--;
          return waitMs;
        };
        expect(await clock.run(inParallel(items, width, work))).toEqual(items);
        expect(most).toBe(Math.min(width, items.length));
      }),
      { numRuns: 30 },
    );
  });
});

describe("work in time", () => {
  test("gives what it returns", async () => {
    const clock = new VirtualClock();
    const work = () => clock.sleep(99).then(() => "done");
    expect(await clock.run(inTime(clock, 100, work, () => "late"))).toBe("done");
  });

  test("that hangs is told to stop, and left behind", async () => {
    const clock = new VirtualClock();
    let signal: AbortSignal | undefined;
    const work = (given: AbortSignal) => {
      signal = given;
      return new Promise<string>(() => {});
    };
    expect(await clock.run(inTime(clock, 100, work, () => "late"))).toBe("late");
    expect(signal?.aborted).toBe(true);
  });
});
