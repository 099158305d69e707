import type { Stage } from "../stage/stage.ts";

/** Sees for a while how many keys are minted, and tells when there are more than so many. */
export const watchMints = async (
  { simulator, clock, trace }: Pick<Stage, "simulator" | "clock" | "trace">,
  durationMs: number,
  most: number,
): Promise<void> => {
  const isMinted = ({ name }: { readonly name: string }): boolean => name.includes("-kt-");
  const before = new Set(simulator.keys().map(({ id }) => id));
  await clock.sleep(durationMs);
  const minted = simulator.keys().filter((key) => isMinted(key) && !before.has(key.id));
  if (minted.length > most)
    trace.violation("no mint is repeated in vain", `${minted.length} keys were minted, ${most} are allowed`);
};
