import type { Fault, Operation } from "../../sandbox/vendors/hostility.ts";
import { watchMints } from "../promises/mints.ts";
import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { answerAlarms } from "../stage/on-call.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../stage/settings.ts";
import { type Act, inChapters, tryOnce } from "./act.ts";
import { KEYS } from "./keys.ts";

/*
 * What a vendor does to every mint for hours, so that none comes to anything.
 */
const MISTAKE_MS = 8 * HOUR_MS;
/** Two that AWS tries again within minutes, and then one whenever it has gone on for thrice as long. */
const MOST_IN_VAIN = 7;

type Blow = readonly [operation: Operation, fault: Fault];

/** What people do meanwhile. */
interface Meanwhile {
  /** Told when it begins; it ends by itself. */
  readonly people?: (life: Life) => Promise<void>;
  /** Keys that may be minted in all. @default those that nobody asks for */
  readonly most?: number;
}

/** The vendor is so for some hours, and then a person who saw the alarm rotates. */
const whileItIs =
  (blowsFor: (life: Life) => readonly Blow[], { people, most = MOST_IN_VAIN }: Meanwhile = {}) =>
  async (life: Life): Promise<void> => {
    const { stage, person, witness } = life;
    witness.exceptions.newKeysFail = true;
    for (const [operation, fault] of blowsFor(life))
      stage.simulator.hostile.next(operation, fault, Number.POSITIVE_INFINITY);
    stage.trace.tell("what the vendor makes comes to nothing from now on");
    await Promise.all([watchMints(stage, MISTAKE_MS, most), people?.(life)]);
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

const neverWork = (): readonly Blow[] => [["create", { kind: "activate-late", delayMs: 30 * DAY_MS }]];

/** More often than tokens without a value are kept. */
const ROTATIONS_ASKED = 6;
/** Each is tried again by AWS. */
const MOST_ASKED = MOST_IN_VAIN + 5 * ROTATIONS_ASKED;

/** A person who does not read why the last one failed. */
const rotateHourly = async (life: Life): Promise<void> => {
  for (let asked = 0; asked < ROTATIONS_ASKED; asked++) {
    await life.stage.clock.sleep(HOUR_MS);
    await tryOnce(life, "RotateSecret", { SecretId: SECRET_NAME });
  }
};

const DEPLOYS_AGAIN = 12;
const DEPLOY_WAIT_MS = 20 * MINUTE_MS;

/** The workloads' key is dead, and one `terraform apply` asks again and again. */
const deployAgain = async (life: Life): Promise<void> => {
  const { clock, invoke, trace } = life.stage;
  await KEYS["revoke-current"].act(life);
  for (let asked = 0; asked < DEPLOYS_AGAIN; asked++) {
    await clock.sleep(DEPLOY_WAIT_MS);
    const { error } = await invoke("manage", { action: "ensure", secretId: SECRET_NAME, again: true });
    trace.tell(`a deploy asks again: ${error ?? "there is a key"}`);
  }
};

export const MINTS = {
  "new-keys-never-work": {
    what: "no key works that the vendor makes from now on, for hours",
    places: "few",
    fits: inChapters("rotation"),
    act: whileItIs(neverWork),
  },
  "current-dead-new-keys-never-work": {
    what: "no key works that the vendor makes from now on, for hours, in which the current one is revoked and a deploy asks again and again",
    places: "few",
    fits: inChapters("rotation"),
    act: whileItIs(neverWork, { people: deployAgain }),
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
  "new-keys-unnamed-asked": {
    what: "the vendor tells no id of what it makes, and its lists stand still, for hours in which a person rotates again and again",
    places: "few",
    moreSlots: MOST_ASKED,
    begin: answerAlarms,
    fits: inChapters("rotation"),
    act: whileItIs(unnamed, { people: rotateHourly, most: MOST_ASKED }),
  },
} as const satisfies Readonly<Record<string, Act>>;
