import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inParallel, inTime, turnsOf } from "../../lambdas/pool.ts";
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

describe("turns", () => {
  test("begin what they are given in its order, never more than their width at once, and go on after what fails", async () => {
    const works = fc.array(fc.record({ waitMs: fc.nat(50), fails: fc.boolean() }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(works, fc.integer({ min: 1, max: 6 }), async (items, width) => {
        const clock = new VirtualClock();
        const inTurn = turnsOf(width);
        const begun: number[] = [];
        let [open, most] = [0, 0];
        const work = async (index: number, { waitMs, fails }: { waitMs: number; fails: boolean }) => {
          begun.push(index);
          most = Math.max(most, ++open);
          await clock.sleep(waitMs);
          open--;
          if (fails) throw new Error("failed");
          return waitMs;
        };
        const all = Promise.allSettled(items.map((item, index) => inTurn(() => work(index, item))));
        const outcomes = await clock.run(all);
        expect(outcomes.map(({ status }) => status)).toEqual(
          items.map(({ fails }) => (fails ? "rejected" : "fulfilled")),
        );
        expect(begun).toEqual(items.map((_, index) => index));
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
