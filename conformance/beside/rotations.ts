import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { MINUTE_MS } from "../stage/settings.ts";
import { type Act, notIn, tryOnce } from "./act.ts";

/*
 * A person at the rotation itself: starts one, or takes one back.
 */
/** AWS refuses while one is under way; they ask until it is taken. */
const rotate = (life: Life): Promise<void> => life.person.aws("RotateSecret", { SecretId: SECRET_NAME });

/** AWS starts none while AWSPENDING is left over; reconcile takes that off past the stuck age. */
const PATIENCE_TRIES = 60;
const BETWEEN_TRIES_MS = 12 * MINUTE_MS;

const turnOnAgain = async (life: Life): Promise<void> => {
  for (let tries = 0; tries < PATIENCE_TRIES; tries++) {
    await life.stage.clock.sleep(BETWEEN_TRIES_MS);
    if (await tryOnce(life, "RotateSecret", life.rotationOn())) return;
  }
  throw new Error(`the rotation could not be turned on again in ${PATIENCE_TRIES} tries`);
};

const cancel = async (life: Life): Promise<void> => {
  if (!(await tryOnce(life, "CancelRotateSecret", { SecretId: SECRET_NAME }))) return;
  await turnOnAgain(life);
  await life.person.aws("RotateSecret", { SecretId: SECRET_NAME });
};

export const ROTATIONS = {
  "rotate-by-hand": {
    runs: true,
    places: "few",
    what: "a person starts a rotation",
    fits: notIn("destroy", "first-key", "stuck", "repair"),
    act: rotate,
  },
  cancel: {
    places: "few",
    what: "a person takes the rotation back; a deploy turns it on again, and it is asked for again",
    fits: notIn("destroy", "first-key", "stuck", "repair"),
    act: cancel,
  },
} as const satisfies Readonly<Record<string, Act>>;
