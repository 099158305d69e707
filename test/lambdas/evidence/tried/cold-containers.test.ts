import { expect, test } from "vitest";
import { passes, unlimited } from "../../reconciliation/passes.ts";
import { DAY_MS, HOUR_MS, type Stand } from "../../stand.ts";

const ENDLESS = Number.POSITIVE_INFINITY;
const requests = ({ pictify }: Stand): number => pictify.calls().reduce((sum, { count }) => sum + count, 0);

/** Two containers of reconcile: whoever calls its answer decides which of them takes the next pass. */
const twoContainers = (stand: Stand): ((n: number) => void) => {
  const { functions } = stand.account;
  const create = functions.create.bind(functions);
  const made: Parameters<typeof create>[0][] = [];
  const noting: typeof create = (definition) => {
    made.push(definition);
    return create(definition);
  };
  Object.assign(functions, { create: noting });
  for (const _ of [1, 2]) stand.anotherService("prod");
  const both = made.filter(({ name }) => name.endsWith("reconcile"));
  return (n) => {
    const next = both[n % 2];
    if (next) create(next);
  };
};

const BUDGET = 100;

/** What is spent is known to a container alone; what is tried again goes by the age of the label, so that it stays little without that, too. */
test.each([
  ["one container", BUDGET],
  ["two warm containers in turns", 3 * BUDGET],
  ["a new container for each pass", 3 * BUDGET],
])("a given-up key that cannot be revoked costs few requests a day: %s", async (how, most) => {
  const stand = await unlimited({ connections: { pictify: { reconcileRequestsPerDay: BUDGET } } });
  const arn = await stand.deploy();
  await stand.deploy({ name: "api" });
  await stand.clock.advance(HOUR_MS);
  stand.pictify.hostile.next("create", { kind: "activate-late", delayMs: 5 * DAY_MS }, 3);
  await stand.rotate(arn);
  await stand.clock.advance(7 * HOUR_MS);
  for (const operation of ["revoke", "delete"] as const) stand.pictify.hostile.next(operation, "server-error", ENDLESS);
  const turn = how.startsWith("two") ? twoContainers(stand) : () => {};
  await passes(stand, 24);
  const before = requests(stand);

  for (let n = 0; n < 288; n++) {
    turn(n);
    if (how.startsWith("a new")) stand.anotherService("prod");
    await passes(stand, 1);
  }

  const hourly = 24 * 3;
  const rotations = 4 * 12;
  expect(requests(stand) - before).toBeLessThan(most + hourly + rotations);
});
