import type { ObjectValue } from "../../provider/wire/value.ts";
import type { Life } from "../stage/life.ts";
import { endObject, makeObject } from "./objects.ts";

const SECOND_MS = 1_000;

/** A destroy waits for half a minute; a create that runs at the same time asks within that. */
const AT_THE_SAME_TIME_MS = 10 * SECOND_MS;

/** What becomes of the object that has the key. @returns what there is then */
type Act = (life: Life, object: ObjectValue) => Promise<ObjectValue>;

const replace: Act = async (life, object) => {
  const next = await makeObject(life);
  await endObject(life, object);
  return next;
};

/** What happens to objects, by its word. */
export const OBJECT_ACTS: Readonly<Record<string, Act>> = {
  /** With create_before_destroy; a taint and replace_triggered_by are the same to a provider. */
  replace,
  "replace-twice": async (life, object) => replace(life, await replace(life, object)),
  /** Two provider blocks have the two addresses, so that no plan can tell. */
  rename: async (life, object) => {
    const ending = endObject(life, object);
    await life.stage.clock.sleep(AT_THE_SAME_TIME_MS);
    const [next] = await Promise.all([makeObject(life), ending]);
    return next;
  },
  /** Another state has the key, too, and is destroyed. */
  "second-state": async (life, object) => {
    await endObject(life, await makeObject(life));
    return object;
  },
};

/** What is not safe where functions may be away for long: a destroy does not wait for longer than half a minute. */
export const NEEDS_TIME: ReadonlySet<string> = new Set(["rename"]);
