import { SECRET_NAME } from "../stage/declared.ts";
import { ACCESSES } from "../stage/vendors.ts";
import type { Chapter } from "./chapter.ts";
import { distributed, TARGET_CHAPTERS } from "./distributed.ts";
import { beforeRotation, deployed, nothing, replaced } from "./parts.ts";

const firstKey: Chapter = {
  name: "first-key",
  arrange: nothing,
  act: (life) => life.deploy(),
  hasHappened: (life) => life.witness.currentKeyId !== undefined,
};

const rotation = (): Chapter => {
  const { remember, isReplaced } = replaced();
  return {
    name: "rotation",
    async arrange(life) {
      await beforeRotation(life);
      await remember(life);
    },
    act: nothing,
    hasHappened: isReplaced,
  };
};

const rename: Chapter = {
  name: "rename",
  arrange: deployed,
  async act(life) {
    life.declared = { ...life.declared, name: "webshop" };
    await life.person.retag({ name: "webshop" });
    await life.person.ask("update", "current");
  },
  hasHappened: () => true,
};

const roleChange: Chapter = {
  name: "role-change",
  arrange: deployed,
  async act(life) {
    const { kind, value } = ACCESSES[life.stage.vendor].changed;
    life.declared = { ...life.declared, access: value };
    await life.person.retag({ [kind]: value });
    await life.person.ask("update", "current");
  },
  hasHappened: () => true,
};

const compromise = (first: boolean): Chapter => {
  const { remember, keyBefore, isReplaced } = replaced();
  return {
    name: first ? "compromise-first" : "compromise",
    async arrange(life) {
      await deployed(life);
      await remember(life);
    },
    async act(life) {
      const keyId = keyBefore(life);
      life.witness.exceptions.compromised.set(keyId, first ? "first" : "replaced first");
      await life.person.ask("compromised", undefined, { keyId, ...(first ? { first } : {}) });
    },
    hasHappened: isReplaced,
  };
};

const destroy: Chapter = {
  name: "destroy",
  async arrange(life) {
    const { clock, aws, secretsManager } = life.stage;
    await deployed(life);
    await clock.run(aws("RotateSecret", { SecretId: SECRET_NAME }).then(() => secretsManager.idle()));
    await clock.run(life.readers.stop());
  },
  async act(life) {
    life.witness.exceptions.isDestroyed = true;
    await life.person.ask("delete", "destroyed");
    await life.person.aws("DeleteSecret", { SecretId: SECRET_NAME, RecoveryWindowInDays: 7 });
  },
  hasHappened: () => true,
};

/** Every chapter, each made anew for a run: they remember lives. */
export const CHAPTERS: readonly Chapter[] = [
  firstKey,
  rotation(),
  rename,
  roleChange,
  compromise(false),
  compromise(true),
  destroy,
  ...[firstKey, rotation(), compromise(false), destroy].map(distributed),
  ...TARGET_CHAPTERS,
];
