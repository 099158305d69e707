import { watchMints } from "../promises/mints.ts";
import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { HOUR_MS, MINUTE_MS } from "../stage/settings.ts";
import { type Act, inChapters, tryOnce } from "./act.ts";

/*
 * What IAM and KMS take from the functions.
 */
const MISTAKE_MS = 3 * HOUR_MS;
/** One by the try that finds it, one by a run beside that. */
const MOST_IN_VAIN = 2;

/** The right to store is taken away, such as by a key policy, and given back hours later by whoever saw the alarm; they rotate then. */
const takeRightToStore =
  (most: number, people?: (life: Life) => Promise<void>) =>
  async (life: Life): Promise<void> => {
    const { stage, person } = life;
    stage.trace.tell("the functions may store no value any more");
    stage.storing.isDenied = true;
    await Promise.all([watchMints(stage, MISTAKE_MS, most), people?.(life)]);
    stage.trace.tell("the functions may store values again");
    stage.storing.isDenied = false;
    await person.aws("RotateSecret", { SecretId: SECRET_NAME });
  };

/** More often than tokens without a value are kept, and sooner than reconcile lets them go. */
const ASKED = 8;
const ASK_AGAIN_MS = 0.75 * MINUTE_MS;

/** Somebody who does not read why the last one failed. */
const askAgain = async (life: Life): Promise<void> => {
  for (let asked = 0; asked < ASKED; asked++) {
    await life.stage.clock.sleep(ASK_AGAIN_MS);
    await tryOnce(life, "RotateSecret", { SecretId: SECRET_NAME });
  }
};

export const RIGHTS = {
  "no-right-to-store": {
    what: "the functions may store no value, and may again hours later",
    places: "few",
    fits: inChapters("rotation"),
    act: takeRightToStore(MOST_IN_VAIN),
  },
  "no-right-to-store-asked": {
    what: "the functions may store no value, while a person rotates again and again, and may again hours later",
    places: "few",
    fits: inChapters("rotation"),
    act: takeRightToStore(MOST_IN_VAIN + ASKED, askAgain),
  },
} as const satisfies Readonly<Record<string, Act>>;
