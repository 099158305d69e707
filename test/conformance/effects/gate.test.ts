import { expect, test } from "vitest";
import type { Effect } from "../../../conformance/effects/effect.ts";
import { Gate, type Kill, type Run } from "../../../conformance/effects/gate.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

const CREATE = { name: "create key", changes: true };

const stand = (kills: readonly Kill[], beforeEffect: () => Promise<void> | undefined = () => undefined) => {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const told: string[] = [];
  const gate = new Gate(clock, {
    beforeEffect,
    onEffect: async ({ number }: Effect) => void told.push(`done ${number}`),
    onKill: ({ number }) => void told.push(`killed ${number}`),
    onZombie: ({ name }) => void told.push(`zombie ${name}`),
  });
  gate.startCounting(kills);
  const run: Run = {
    by: "rotate",
    task: "createSecret",
    number: 1,
    remainingMs: () => 60_000,
    onDeath: () => void told.push("dead"),
    isDead: false,
    isBuried: false,
  };
  const call = () => {
    let hasSettled = false;
    const settle = () => {
      hasSettled = true;
    };
    gate.pass(run, CREATE, async () => calls.push("create")).then(settle, settle);
    return () => hasSettled;
  };
  return { clock, calls, told, gate, run, call };
};

test("a call that nobody kills is made, numbered and answered", async () => {
  const { clock, calls, told, call } = stand([]);
  const hasSettled = call();
  await clock.advance(0);
  expect([calls, told, hasSettled()]).toEqual([["create"], ["done 1"], true]);
});

test("killed before a call, it is not made and never settles", async () => {
  const { clock, calls, told, call } = stand([{ at: 1, moment: "before" }]);
  const hasSettled = call();
  await clock.advance(3_600_000);
  expect([calls, told, hasSettled()]).toEqual([[], ["dead", "killed 1"], false]);
});

test("killed after a call, the other side did it and the answer is lost", async () => {
  const { clock, calls, told, call } = stand([{ at: 1, moment: "after" }]);
  const hasSettled = call();
  await clock.advance(3_600_000);
  expect([calls, told, hasSettled()]).toEqual([["create"], ["done 1", "dead", "killed 1"], false]);
});

test("what a dead run tries later is refused, and told as the kit's own failure", async () => {
  const { clock, calls, told, call } = stand([{ at: 1, moment: "before" }]);
  call();
  await clock.advance(1);
  call();
  expect(calls).toEqual([]);
  expect(told).toContain("zombie create key");
});

test("what was begun side by side with the deadly call is refused in silence", async () => {
  const { clock, calls, told, call } = stand([{ at: 1, moment: "before" }]);
  call();
  call();
  await clock.advance(1);
  expect([calls, told]).toEqual([[], ["dead", "killed 1"]]);
});

test("a call that waited for its turn when its run died is refused in silence", async () => {
  let giveTurn = () => {};
  const turns = [
    new Promise<void>((resolve) => {
      giveTurn = resolve;
    }),
    Promise.resolve(),
  ];
  const { clock, calls, told, call } = stand([{ at: 2, moment: "before" }], () => turns.shift());
  call();
  call();
  await clock.advance(1);
  giveTurn();
  await clock.advance(1);
  expect([calls, told]).toEqual([[], ["dead", "killed 2"]]);
});

test("no time passes for a dead run", async () => {
  const { clock, gate, run, call } = stand([{ at: 1, moment: "before" }]);
  let hasWoken = false;
  void gate.sleep(run, 1_000).then(() => {
    hasWoken = true;
  });
  call();
  await clock.advance(3_600_000);
  expect(hasWoken).toBe(false);
});
