import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../sandbox/virtual-clock.ts";

describe("time", () => {
  test("stands still until it is moved", async () => {
    const clock = new VirtualClock(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.now()).toBe(1_000);
    await clock.advance(250);
    expect(clock.now()).toBe(1_250);
  });

  test("is at each timer's own moment when it wakes, in the order of the moments", async () => {
    const durations = fc.array(fc.nat({ max: 1_000 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(durations, async (durationsMs) => {
        const clock = new VirtualClock(0);
        const woken: number[] = [];
        for (const durationMs of durationsMs) void clock.sleep(durationMs).then(() => woken.push(clock.now()));
        await clock.advance(1_000);
        expect(woken).toEqual([...durationsMs].sort((a, b) => a - b));
      }),
      { numRuns: 30 },
    );
  });

  test("wakes timers of one moment in the order in which they were set", async () => {
    const clock = new VirtualClock();
    const woken: string[] = [];
    for (const name of ["a", "b", "c"]) void clock.sleep(10).then(() => woken.push(name));
    await clock.advance(10);
    expect(woken).toEqual(["a", "b", "c"]);
  });

  test("wakes nobody too early", async () => {
    const clock = new VirtualClock();
    let woken = false;
    void clock.sleep(10).then(() => (woken = true));
    await clock.advance(9);
    expect(woken).toBe(false);
    await clock.advance(1);
    expect(woken).toBe(true);
  });

  test("reaches timers that are set on the way", async () => {
    const clock = new VirtualClock(0);
    const woken: number[] = [];
    const ticking = async () => {
      for (let tick = 0; tick < 3; tick++) {
        await clock.sleep(100);
        woken.push(clock.now());
      }
    };
    void ticking();
    await clock.advance(1_000);
    expect(woken).toEqual([100, 200, 300]);
  });
});

describe("a sleep that is aborted", () => {
  test("ends at once, without time moving", async () => {
    const clock = new VirtualClock(0);
    const abort = new AbortController();
    const slept = clock.sleep(1_000, abort.signal);
    abort.abort();
    await slept;
    expect(clock.now()).toBe(0);
  });

  test("before it began does not begin", async () => {
    await new VirtualClock().sleep(1_000, AbortSignal.abort());
  });
});

describe("running work", () => {
  test("moves time just as far as the work needs, and gives its result", async () => {
    const clock = new VirtualClock(0);
    const work = clock.sleep(500).then(() => "done");
    void clock.sleep(90_000);
    expect(await clock.run(work)).toBe("done");
    expect(clock.now()).toBe(500);
  });

  test("passes on what the work throws", async () => {
    const clock = new VirtualClock();
    const work = clock.sleep(500).then(() => Promise.reject(new Error("no luck")));
    await expect(clock.run(work)).rejects.toThrow("no luck");
  });

  test("says so when the work waits for something that no clock brings", async () => {
    await expect(new VirtualClock().run(new Promise(() => {}))).rejects.toThrow("not on this clock");
  });
});

describe("work that goes on alongside, in a time of its own,", () => {
  /** A wall clock that moves by what is slept, and by nothing else. */
  const aWall = () => {
    const wall = { nowMs: 0 };
    const sleep = async (durationMs: number) => {
      await new Promise((resolve) => setImmediate(resolve));
      wall.nowMs += durationMs;
    };
    return { now: () => wall.nowMs, sleep };
  };

  test("is waited for, with time as slow as the wall's", async () => {
    const wall = aWall();
    const clock = new VirtualClock(0, wall);
    const other = async () => {
      while (wall.now() < 100) await new Promise((resolve) => setImmediate(resolve));
      return clock.now();
    };

    const seenMs = await clock.run(clock.alongside(other()));

    expect(seenMs).toBeGreaterThanOrEqual(90);
    expect(seenMs).toBeLessThanOrEqual(100);
  });

  test("lets timers wake meanwhile, none of them early", async () => {
    const wall = aWall();
    const clock = new VirtualClock(0, wall);
    const woken: number[] = [];
    for (const durationMs of [30, 10, 5_000]) void clock.sleep(durationMs).then(() => woken.push(clock.now()));
    const other = async () => {
      while (woken.length < 2) await new Promise((resolve) => setImmediate(resolve));
    };

    await clock.run(clock.alongside(other()));

    expect(woken).toEqual([10, 30]);
  });

  test("that fails lets go of time, too", async () => {
    const clock = new VirtualClock(0, aWall());
    await expect(clock.run(clock.alongside(Promise.reject(new Error("no luck"))))).rejects.toThrow("no luck");
    await clock.run(clock.sleep(3_600_000));
    expect(clock.now()).toBeGreaterThanOrEqual(3_600_000);
  });
});

test("no time passes while somebody holds it, and no timer wakes", async () => {
  const clock = new VirtualClock(0);
  const woken: number[] = [];
  let turns = 0;
  clock.holdWhile(() => turns < 20);
  const count = async () => {
    for (; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect([clock.now(), woken]).toEqual([0, []]);
  };
  void clock.sleep(10).then(() => woken.push(clock.now()));
  const counting = count();
  await clock.advance(100);
  await counting;
  expect(woken).toEqual([10]);
});
