import { watchMints } from "../promises/mints.ts";
import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { HOUR_MS } from "../stage/settings.ts";
import { type Act, inChapters } from "./act.ts";

/*
 * What IAM and KMS take from the functions.
 */
const MISTAKE_MS = 3 * HOUR_MS;
/** One by the try that finds it, one by a run beside that. */
const MOST_IN_VAIN = 2;

/** The right to store is taken away, such as by a key policy, and given back hours later by whoever saw the alarm; they rotate then. */
const takeRightToStore = async ({ stage, person }: Life): Promise<void> => {
  stage.trace.tell("the functions may store no value any more");
  stage.storing.isDenied = true;
  await watchMints(stage, MISTAKE_MS, MOST_IN_VAIN);
  stage.trace.tell("the functions may store values again");
  stage.storing.isDenied = false;
  await person.aws("RotateSecret", { SecretId: SECRET_NAME });
};

export const RIGHTS = {
  "no-right-to-store": {
    what: "the functions may store no value, and may again hours later",
    places: "few",
    fits: inChapters("rotation"),
    act: takeRightToStore,
  },
} as const satisfies Readonly<Record<string, Act>>;
