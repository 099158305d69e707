import { OTHER } from "../other-connection/other.ts";
import type { TroubleName } from "../other-connection/trouble.ts";
import { isTrouble, TROUBLES } from "../other-connection/trouble.ts";
import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { DAY_MS, HOUR_MS, LOOKS_TO_REST } from "../stage/settings.ts";
import { ACCESSES, isVendor, VENDOR_NAMES, type VendorName } from "../stage/vendors.ts";
import type { Twist, TwistKind } from "../twist.ts";

/** Which of the two connections is in trouble while a key moves. */
export const WHERE = ["own", "other"] as const;
type Where = (typeof WHERE)[number];

export interface Move {
  /** That of the connection to which the key moves. */
  readonly vendor: VendorName;
  readonly trouble: TroubleName;
  readonly where: Where;
  /** Whether it moves back while the trouble lasts. */
  readonly isBack: boolean;
  /** Before which effect. */
  readonly at: number;
}

export const moveText = ({ vendor, trouble, where, isBack, at }: Move): string =>
  `moved=${vendor}:${trouble}:${where}${isBack ? ":back" : ""}@${at}`;

const isWhere = (text: string): text is Where => WHERE.some((where) => where === text);

/** @throws Error that says what it takes */
const moveOf = (argument: string): Move => {
  const [what = "", number = ""] = argument.split("@");
  const [vendor = "", trouble = "", where = "", back, ...more] = what.split(":");
  const isRead = more.length === 0 && (back === undefined || back === "back") && /^[1-9]\d*$/.test(number);
  if (isRead && isVendor(vendor) && isTrouble(trouble) && isWhere(where))
    return { vendor, trouble, where, isBack: back === "back", at: Number(number) };
  throw new Error(
    `"${argument}" is no move; write moved=<vendor>:<trouble>:<${WHERE.join("|")}>[:back]@<effect> with ${VENDOR_NAMES.join(", ")} and ${Object.keys(TROUBLES).join(", ")}`,
  );
};

/** How long the trouble lasts: longer than the overlap, and than what a retirement waits for. */
const TROUBLE_MS = 3 * HOUR_MS;
/** How long the key is declared elsewhere that moves back. */
const AWAY_MS = HOUR_MS;

/** Each move is a rotation, and both connections have something to retire. */
const LOOKS_OF_MOVES = 3 * LOOKS_TO_REST;

const TURNS_AHEAD = 2;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A person declares the key at a connection, and deploys: the tags of its access are the vendor's. */
const declareAt = async (life: Life, at: Where): Promise<void> => {
  const { vendor, other } = life.stage;
  const [from, to] = at === "own" ? [other?.vendor ?? vendor, vendor] : [vendor, other?.vendor ?? vendor];
  const { first } = ACCESSES[to];
  const access = from === to ? life.declared.access : first.value;
  life.declared = { ...life.declared, access, at };
  await life.person.retag({ vendor: at === "own" ? vendor : OTHER, [first.kind]: access });
  const { kind } = ACCESSES[from].first;
  if (kind !== first.kind)
    await life.person.aws("UntagResource", { SecretId: SECRET_NAME, TagKeys: [`keyturn:${kind}`] });
};

const isThere = ({ stage, witness }: Life): boolean =>
  stage.other?.simulator.keys().some(({ id }) => id === witness.currentKeyId) ?? false;

const PROMISE = "a key gets to a healthy connection, whatever the one is in that it leaves";

/** @throws Error when there is nothing to be in trouble */
const move = async (life: Life, { where, isBack }: Move): Promise<void> => {
  const { clock, troubles, trace } = life.stage;
  const trouble = troubles[where];
  if (!trouble) throw new Error("nothing is the matter with it");
  trouble.isOn = true;
  const endMs = clock.now() + TROUBLE_MS;
  await declareAt(life, "other");
  const moved = life.person.ask("ensure", "current");
  if (isBack) {
    await clock.sleep(AWAY_MS);
    await declareAt(life, "own");
  }
  const there = isBack ? life.person.ask("ensure", "current") : moved;
  await clock.sleep(endMs - clock.now());
  const isLate = where === "own" && !isBack && !isThere(life);
  trouble.isOn = false;
  await Promise.all([moved, there]);
  if (isLate) trace.violation(PROMISE, "hours later the key was not at its new connection");
};

/**
 * `moved=<vendor>:<trouble>:<own|other>[:back]@<effect>`: when that effect is about to be made, a person declares the key at another connection of the
 * service, while the one that it leaves, or the one that it goes to, is in trouble for some hours; and with `back` at the first one again.
 */
export const movedTwist: TwistKind = (argument): Twist => {
  const what = moveOf(argument);
  const { vendor, trouble, where, at } = what;
  let state: "to come" | "under way" | "over" = "to come";
  let failure: string | undefined;
  const play = async (life: Life): Promise<void> => {
    try {
      await move(life, what);
    } catch (error) {
      failure = `${argument}: ${error instanceof Error ? error.message : error}`;
      life.stage.trace.tell(failure);
    }
    state = "over";
  };
  return {
    other: { vendor, takesKey: true, ...(where === "other" ? { trouble } : {}) },
    ...(where === "own" ? { trouble } : {}),
    looksToRest: LOOKS_TO_REST + LOOKS_OF_MOVES,
    longestLifeMs: DAY_MS,
    begin({ stage }) {
      if (stage.troubles.other) stage.troubles.other.isOn = false;
    },
    async beforeEffect({ number }, life) {
      if (number !== at) return;
      state = "under way";
      life.stage.trace.tell(
        `BESIDE #${at}: the key is declared at another connection, and one of them ${TROUBLES[trouble].what}`,
      );
      void play(life);
      for (let turn = 0; turn < TURNS_AHEAD; turn++) await nextTurn();
    },
    isOver: () => state === "over",
    failure: () => failure ?? (state === "over" ? undefined : `${argument} is ${state} when the life ends`),
  };
};
