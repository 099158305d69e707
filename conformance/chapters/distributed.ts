import { LABELS } from "../../lambdas/targets/kubernetes/names.ts";
import type { Life } from "../stage/life.ts";
import { DOWNTIME_MS, HOUR_MS, MINUTE_MS, OVERLAP_MS } from "../stage/settings.ts";
import { resourceFor, SECRET } from "../target/target.ts";
import type { Chapter } from "./chapter.ts";
import { beforeRotation, deployed, replaced } from "./parts.ts";

/** The same chapter of a key that has a target. */
export const distributed = (chapter: Chapter): Chapter => ({
  ...chapter,
  name: `distributed-${chapter.name}`,
  hasTarget: true,
});

const STUCK = "a stuck rollout keeps the old key, and says why";

/** Long enough that the old key would be gone, and that whoever was away, be it twice, or the vendor for an hour, is back, and was looked at. */
const STUCK_MS = OVERLAP_MS + 2 * DOWNTIME_MS["after-overlap"] + HOUR_MS + 30 * MINUTE_MS;

const checkStuck = ({ stage }: Life, keyId: string, seenBefore: number): void => {
  const { simulator, trace, seen } = stage;
  if (!simulator.keys().some(({ id, active }) => id === keyId && active))
    trace.violation(STUCK, `${keyId} is not active any more`);
  const isTold = seen.slice(seenBefore).some((line) => line.includes(keyId) && /pod web-\S+ .*ErrImagePull/.test(line));
  if (!isTold) trace.violation(STUCK, `nothing says that ${keyId} stays, and for which pod`);
};

/** New pods cannot start, until a person sees to it: the old key stays, with its reason, and then it goes like any other. */
const stuck = (): Chapter => {
  const { remember, keyBefore, isReplaced } = replaced();
  const mended = new WeakSet<Life>();
  return {
    name: "distributed-stuck",
    hasTarget: true,
    async arrange(life) {
      await beforeRotation(life);
      await remember(life);
      if (life.stage.cluster) life.stage.cluster.canPull = false;
    },
    async act(life) {
      const { clock, cluster, seen } = life.stage;
      while (!isReplaced(life)) await clock.sleep(MINUTE_MS);
      const seenBefore = seen.length;
      await clock.sleep(STUCK_MS);
      checkStuck(life, keyBefore(life), seenBefore);
      if (cluster) cluster.canPull = true;
      mended.add(life);
    },
    hasHappened: (life) => mended.has(life),
  };
};

/** Another name is declared: what was written under the old name is still this key's, and says the new one. */
const rename: Chapter = {
  name: "distributed-rename",
  hasTarget: true,
  arrange: deployed,
  async act(life) {
    life.declared = { ...life.declared, name: "webshop" };
    await life.person.retag({ name: "webshop" });
    await life.person.ask("update", "current");
  },
  hasHappened: ({ stage, declared }) => stage.cluster?.label(resourceFor(stage.vendor), LABELS.key) === declared.name,
};

/** A person spoils what the target wrote, by hand: another value in the Secret, or an ExternalSecret that is not there any more. */
const repair: Chapter = {
  name: "distributed-repair",
  hasTarget: true,
  arrange: deployed,
  async act({ stage: { cluster, vendor } }) {
    if (!cluster) return;
    if (resourceFor(vendor) === "externalsecrets") return cluster.delete("externalsecrets", SECRET);
    const foreign = Buffer.from("put by hand").toString("base64");
    await cluster.edit("secrets", SECRET, { data: { "api-key": foreign } });
  },
  hasHappened: () => true,
};

/** The chapters that only a key with a target has. */
export const TARGET_CHAPTERS: readonly Chapter[] = [rename, stuck(), repair];
