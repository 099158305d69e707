import type { Fault, Operation } from "../../sandbox/vendors/hostility.ts";
import { watchMints } from "../promises/mints.ts";
import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { answerAlarms } from "../stage/on-call.ts";
import { DAY_MS, HOUR_MS } from "../stage/settings.ts";
import { type Act, inChapters } from "./act.ts";

/*
 * What a vendor does to every mint for hours, so that none comes to anything.
 */
const MISTAKE_MS = 8 * HOUR_MS;
/** Two that AWS tries again within minutes, and then one whenever it has gone on for thrice as long. */
const MOST_IN_VAIN = 7;

type Blow = readonly [operation: Operation, fault: Fault];

/** The vendor is so for some hours, and then a person who saw the alarm rotates. */
const whileItIs =
  (blowsFor: (life: Life) => readonly Blow[]) =>
  async (life: Life): Promise<void> => {
    const { stage, person } = life;
    for (const [operation, fault] of blowsFor(life))
      stage.simulator.hostile.next(operation, fault, Number.POSITIVE_INFINITY);
    stage.trace.tell("what the vendor makes comes to nothing from now on");
    await watchMints(stage, MISTAKE_MS, MOST_IN_VAIN);
    stage.trace.tell("what the vendor makes is well again");
    stage.simulator.hostile.clear();
    await person.aws("RotateSecret", { SecretId: SECRET_NAME });
  };

/** Creates do not tell an id, and lists show nothing that was made since. */
const unnamed = ({ stage }: Life): readonly Blow[] => {
  const before = new Set(stage.simulator.keys().map(({ id }) => id));
  return [
    ["create", { kind: "missing-fields", fields: ["id"] }],
    ["list", { kind: "list-omits", omits: (keyId) => !before.has(keyId) }],
  ];
};

export const MINTS = {
  "new-keys-never-work": {
    what: "no key works that the vendor makes from now on, for hours",
    places: "few",
    fits: inChapters("rotation"),
    act: whileItIs(() => [["create", { kind: "activate-late", delayMs: 30 * DAY_MS }]]),
  },
  "new-names-altered": {
    what: "the vendor puts something behind the name of every key that it makes, for hours",
    places: "few",
    fits: inChapters("rotation"),
    act: whileItIs(() => [["create", { kind: "name-suffixed" }]]),
  },
  "new-keys-unnamed": {
    what: "the vendor tells no id of what it makes, and its lists stand still, for hours",
    places: "few",
    moreSlots: MOST_IN_VAIN,
    // More strays than the brake lets go are for a person to name.
    begin: answerAlarms,
    fits: inChapters("rotation"),
    act: whileItIs(unnamed),
  },
} as const satisfies Readonly<Record<string, Act>>;
