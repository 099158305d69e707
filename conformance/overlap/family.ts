import { seededRandom } from "../../sandbox/vendors/random-source.ts";
import type { Effect } from "../effects/effect.ts";
import { drawOne, type Family } from "../family.ts";
import { watchTwice } from "../promises/twice.ts";
import { LOOKS_TO_REST, MINUTE_MS } from "../stage/settings.ts";
import type { TwistKind } from "../twist.ts";

/*
 * Passes of reconcile each minute, whose calls take long, so that several run at once: each in a container of its own, which knows nothing of
 * the others.
 */
const INTERVAL_MS = MINUTE_MS;

/** How long calls to AWS may take: longer than an interval, and so that a pass still ends within its five minutes. */
const AWS_MS = [500, 2_000, 8_000, 20_000] as const;
/** A vendor is not waited for longer than ten seconds. */
const VENDOR_MS = [500, 3_000, 8_000] as const;

const SEEDS = 8;

const textOf = (seed: number): string => `overlap=${seed}`;

const isSlow = ({ by }: Effect): boolean => by === "reconcile";

/** `overlap=<seed>`: passes overlap, and a seed says how long each of their calls takes. */
export const overlapTwist: TwistKind = (argument) => {
  if (!/^[1-9]\d{0,8}$/.test(argument))
    throw new Error(`"${argument}" is no seed of passes that overlap; one is such as overlap=1`);
  const random = seededRandom(Number(argument));
  let twice: ReturnType<typeof watchTwice> | undefined;
  return {
    reconcileMs: INTERVAL_MS,
    looksToRest: 3 * LOOKS_TO_REST,
    begin(life) {
      twice = watchTwice(life);
    },
    async beforeEffect(effect, { stage }) {
      if (isSlow(effect))
        await stage.clock.sleep(drawOne(effect.connection === undefined ? AWS_MS : VENDOR_MS, random));
      twice?.note(effect);
    },
    judge: () => twice?.judge(),
  };
};

/** Passes that overlap do nothing twice that costs requests. */
export const overlaps: Family = {
  name: "overlapping passes",
  what: "reconcile runs each minute, and its passes take minutes",
  inFull: ({ chapter, vendor, twists }) =>
    Array.from({ length: SEEDS }, (_, n) => ({ chapter, vendor, twists: [...twists, textOf(n + 1)] })),
  draw: (_, random) => ({ twist: textOf(1 + Math.floor(random() * 1_000_000)) }),
};
