import { expect, test } from "vitest";
import { carryOut } from "../../../conformance/assignment.ts";
import { Gate, type Run } from "../../../conformance/effects/gate.ts";
import { order } from "../../../conformance/order/order.ts";
import type { Life } from "../../../conformance/stage/life.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

/** Runs side by side, each with three calls in turn, under an order. */
const stand = async (seed: number) => {
  const clock = new VirtualClock(0);
  const made: string[] = [];
  const twist = order(`${seed}`);
  const life = { stage: { clock } } as unknown as Life;
  await twist.begin?.(life);
  const gate = new Gate(clock, {
    beforeEffect: (effect) => twist.beforeEffect?.(effect, life),
    onEffect: async ({ name }) => void made.push(`${name} at ${clock.now()}`),
    onKill: () => {},
    onZombie: () => {},
  });
  gate.startCounting([]);
  const run = async (name: string): Promise<void> => {
    const self: Run = {
      by: "rotate",
      task: name,
      number: 1,
      remainingMs: () => 60_000,
      onDeath: () => {},
      isDead: false,
      isBuried: false,
    };
    for (let call = 1; call <= 3; call++)
      await gate.pass(self, { name: `${name}${call}`, changes: true }, async () => {});
  };
  return { clock, gate, made, run };
};

const playedUnder = async (seed: number): Promise<readonly string[]> => {
  const { clock, made, run } = await stand(seed);
  void Promise.all([run("a"), run("b")]);
  await clock.advance(1_000);
  return made;
};

test("every call is made, each run's in its turn, and no time passes while one waits for its leave", async () => {
  const made = await playedUnder(3);
  expect([...made].sort()).toEqual(["a1", "a2", "a3", "b1", "b2", "b3"].map((name) => `${name} at 0`));
  for (const name of ["a", "b"])
    expect(made.filter((one) => one.startsWith(name))).toEqual([1, 2, 3].map((call) => `${name}${call} at 0`));
});

test("other seeds make other orders", async () => {
  const orders = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(playedUnder));
  expect(new Set(orders.map((made) => made.join())).size).toBeGreaterThan(3);
});

test("a run that died while its call waited holds up nobody", async () => {
  const { clock, gate, made, run } = await stand(1);
  const dead: Run = {
    by: "manage",
    task: "ensure",
    number: 2,
    remainingMs: () => 60_000,
    onDeath: () => {},
    isDead: false,
    isBuried: false,
  };
  void gate.pass(dead, { name: "dead", changes: true }, async () => {});
  dead.isDead = true;
  void run("a");
  await clock.advance(1_000);
  expect(made).toEqual(["a1 at 0", "a2 at 0", "a3 at 0"]);
});

test("the same name plays the same life, and another order another one", async () => {
  const traceOf = async (seed: number): Promise<string> => {
    const twists = ["beside=two-looks@7", `order=${seed}`];
    return (await carryOut({ chapter: "rotation", vendor: "pictify", seed: 1, twists }, true)).trace.join("\n");
  };
  const first = await traceOf(7);
  expect(await traceOf(7)).toBe(first);
  const others = await Promise.all([8, 9, 10].map(traceOf));
  expect(others.some((other) => other !== first)).toBe(true);
});

test("what is no seed is refused", () => {
  expect(() => order("first")).toThrow('"first" is no order; one is a seed, such as order=77');
});
