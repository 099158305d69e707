import type { Life } from "../stage/life.ts";
import { HOUR_MS } from "../stage/settings.ts";

/** Nothing is done: what happens, happens of itself. */
export const nothing = async (): Promise<void> => {};

/** The key is there, and whoever lives on it; a target has adopted its first generation. */
export const deployed = async (life: Life): Promise<void> => {
  const { clock, cluster } = life.stage;
  await clock.run(life.deploy());
  if (cluster) await clock.advance(HOUR_MS);
};

/** The key is there, and a rotation by schedule is just about to begin. */
export const beforeRotation = async (life: Life): Promise<void> => {
  await deployed(life);
  await life.stage.clock.run(life.readers.stop());
  await life.untilRotation();
  life.readers.start();
};

/** Remembers the current key when the chapter begins, to see when another one is. */
export const replaced = () => {
  const before = new WeakMap<Life, string>();
  return {
    remember: async (life: Life) => void before.set(life, await life.currentKeyId()),
    keyBefore: (life: Life) => before.get(life) ?? "",
    isReplaced: (life: Life) => life.witness.reigned.some((keyId) => keyId !== before.get(life)),
  };
};
