import { recordRotation } from "./recorded-rotation.ts";
import { alternate } from "./rounds.ts";

/*
 * Runs by itself, bundled: prints what processor time a rotation by the engine takes, and the same calls bare, in
 * milliseconds: nothing is waited for, and what else the machine does is not in it. Argument: rounds.
 */
const ROTATIONS_A_TURN = 50;

const timed = async (run: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage();
  for (let rotation = 0; rotation < ROTATIONS_A_TURN; rotation++) await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / ROTATIONS_A_TURN;
};

const measure = async (rounds: number): Promise<void> => {
  const { rotate, bare, calls } = await recordRotation("pictify");
  await timed(rotate);
  const medians = await alternate(rounds, { rotation: () => timed(rotate), bare: () => timed(bare) });
  console.log(JSON.stringify({ ...medians, calls }));
};

void measure(Number(process.argv[2]));
