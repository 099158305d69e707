import { effectsToKillAt, type Recorded } from "../effects/recorded.ts";
import { drawOne, type Family, type Random } from "../family.ts";
import type { LifeName } from "../life-name.ts";
import { MODULES, MOMENTS, RETRIES } from "./crash-point.ts";

/** The latest second kill, in effects after the first. */
const LATEST_SECOND_KILL = 40;
/** How many of the drawn lives die twice. */
const SECOND_KILLS = 0.5;

/** Every crash point of a recorded life. */
export const crashPoints = (recorded: Recorded): readonly LifeName[] => {
  const { chapter, vendor, twists } = recorded;
  return effectsToKillAt(recorded.effects).flatMap(({ number: effect }) =>
    MOMENTS.flatMap((moment) =>
      MODULES.flatMap((module) =>
        RETRIES.map((retry) => ({
          chapter,
          vendor,
          twists,
          point: { chapter, vendor, effect, moment, module, retry },
        })),
      ),
    ),
  );
};

const drawPoint = ({ chapter, vendor, effects }: Recorded, random: Random) => ({
  chapter,
  vendor,
  effect: drawOne(effectsToKillAt(effects), random).number,
  moment: drawOne(MOMENTS, random),
  module: drawOne(MODULES, random),
  retry: drawOne(RETRIES, random),
  ...(random() < SECOND_KILLS ? { again: 1 + Math.floor(random() * LATEST_SECOND_KILL) } : {}),
});

/** A function dies, before or after one of its effects. */
export const kills: Family = {
  name: "crash points",
  what: "a function dies before or after an effect",
  inFull: crashPoints,
  draw: (recorded, random) => ({ point: drawPoint(recorded, random) }),
};
