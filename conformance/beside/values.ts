import type { Recorded } from "../effects/recorded.ts";
import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { currentIn, storedIn, viewSecret } from "../stage/secret-view.ts";
import { HOUR_MS, MINUTE_MS } from "../stage/settings.ts";
import { type Act, hasKey, inChapters, notIn, tryOnce } from "./act.ts";

/*
 * A person puts a value as AWSCURRENT, as the run-book tells them to do when all else fails.
 */
/** Puts a value as AWSCURRENT. @returns whether AWS took it */
const put = async (life: Life, value: object): Promise<boolean> => {
  const ClientRequestToken = `put-by-hand-${String(life.witness.exceptions.putByHand.size).padStart(20, "0")}`;
  life.witness.exceptions.putByHand.add(ClientRequestToken);
  return tryOnce(life, "PutSecretValue", {
    SecretId: SECRET_NAME,
    ClientRequestToken,
    SecretString: JSON.stringify(value),
  });
};

/** Break glass: a key made in the vendor's dashboard, and its value put. @returns the key's id */
const breakGlass = async (life: Life): Promise<string> => {
  const { simulator } = life.stage;
  const { id, value } = simulator.issueKey({ name: "break-glass", access: life.declared.access, propagationMs: 0 });
  life.witness.exceptions.madeByHand.add(id);
  life.stage.trace.tell(`a person makes the key ${id} at the vendor`);
  await put(life, { apiKey: value });
  return id;
};

/** Reconcile looks at the vendor once an hour; and it may be away for a while. */
const UNTIL_SEEN_MS = 65 * MINUTE_MS;
const LONGEST_UNTIL_SEEN_MS = 4 * HOUR_MS;

const isDriftTold = ({ stage }: Life): boolean =>
  stage.seen.some((line) => line.includes('"drift.found"') && line.includes("none of Keyturn's"));

const isPutCurrent = async ({ stage, witness }: Life): Promise<boolean> =>
  witness.exceptions.putByHand.has(currentIn(await viewSecret(stage)) ?? "");

/** Waits as a person does who put a value: until they are told that it is none of Keyturn's, as long as it is current. */
const untilTold = async (life: Life): Promise<void> => {
  for (let waitedMs = 0; waitedMs < LONGEST_UNTIL_SEEN_MS; waitedMs += UNTIL_SEEN_MS) {
    await life.stage.clock.sleep(UNTIL_SEEN_MS);
    if (isDriftTold(life) || !(await isPutCurrent(life))) return;
  }
  throw new Error("nobody was told that the current value is none of Keyturn's");
};

const rotateNow = (life: Life): Promise<void> => life.person.aws("RotateSecret", { SecretId: SECRET_NAME });

const thenRotate = async (life: Life): Promise<void> => {
  await breakGlass(life);
  await untilTold(life);
  await rotateNow(life);
};

const thenAdopt = async (life: Life): Promise<void> => {
  const keyId = await breakGlass(life);
  await untilTold(life);
  // A rotation that was on its way may have replaced it.
  if (!(await isPutCurrent(life))) return;
  const ask = () => life.person.ask("adopt", "current", { keyId });
  await Promise.all([ask(), ask()]);
};

/** Writes the current value anew, as a person does who wants to be sure; AWS counts that as a rotation. */
const putSame = async (life: Life): Promise<void> => {
  const versionId = currentIn(await viewSecret(life.stage));
  const stored = versionId === undefined ? undefined : await storedIn(life.stage, versionId);
  if (stored) await put(life, { ...stored, note: "put by hand" });
  await life.stage.clock.sleep(UNTIL_SEEN_MS);
  await rotateNow(life);
};

/**
 * A person who says that a key is no secret any more, or destroys it, puts no other; and a rotation can be asked for. A target that was
 * written under another name is this key's by its version: two puts take the last label off that.
 */
const turnedOn = (recorded: Recorded): boolean =>
  notIn("first-key", "destroy", "compromise", "compromise-first", "stuck", "repair")(recorded) &&
  recorded.chapter !== "distributed-rename";

export const VALUES = {
  "put-and-rotate": {
    what: "a person puts a key of their own, and rotates when all is well again",
    moreSlots: 1,
    fits: turnedOn,
    act: thenRotate,
  },
  "put-and-adopt": {
    runs: true,
    places: "few",
    what: "a person puts a key of their own, and two people have it taken over",
    moreSlots: 1,
    fits: (recorded, effect) => (turnedOn(recorded) || inChapters("first-key")(recorded)) && hasKey(recorded, effect),
    act: thenAdopt,
  },
  "put-same": {
    what: "a person puts the current value anew, and rotates later",
    fits: turnedOn,
    act: putSame,
  },
} as const satisfies Readonly<Record<string, Act>>;
