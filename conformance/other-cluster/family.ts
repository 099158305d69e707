import { BESIDE } from "../effects/effect.ts";
import type { Recorded } from "../effects/recorded.ts";
import { drawOne, type Family } from "../family.ts";
import type { LifeName } from "../life-name.ts";
import { declareReplaced } from "../other-connection/declare.ts";
import { deathsIn } from "../other-connection/family.ts";
import { watchRepairs } from "../promises/repair.ts";
import type { Life } from "../stage/life.ts";
import type { Stage } from "../stage/stage.ts";
import type { TwistKind } from "../twist.ts";
import { CLUSTER_TROUBLES, isClusterTrouble, otherTargetTags } from "./other-cluster.ts";

const textOf = (trouble: string): string => `cluster=${trouble}`;

const PROMISE = "no key is revoked before every target has adopted its successor";

/** Its two generations. */
const SLOTS_OF_BESIDE = 2;

const declareBeside = (stage: Stage): Promise<string> => {
  const { vendor, simulator } = stage;
  const at = { vendor, simulator, connection: vendor, mintedAt: vendor };
  return declareReplaced(stage, { ...at, name: BESIDE, tags: otherTargetTags() });
};

const isActive = ({ stage }: Life, keyId: string): boolean =>
  stage.simulator.keys().some(({ id, active }) => id === keyId && active);

/** `cluster=<trouble>`: the service has a second cluster, which is in trouble for the whole life; another key's target lies there. */
export const otherClusterTwist: TwistKind = (argument) => {
  if (!isClusterTrouble(argument))
    throw new Error(
      `"${argument}" is nothing that is the matter with a cluster; there are ${Object.keys(CLUSTER_TROUBLES).join(", ")}`,
    );
  let life: Life | undefined;
  let oldKeyId = "";
  let repairs: ReturnType<typeof watchRepairs> | undefined;
  return {
    clusterTrouble: argument,
    moreSlots: SLOTS_OF_BESIDE,
    async begin(begun) {
      life = begun;
      repairs = watchRepairs(begun);
      begun.witness.exceptions.furtherKeys.add(BESIDE);
      oldKeyId = await declareBeside(begun.stage);
    },
    beforeEffect: () => repairs?.note(),
    judge() {
      if (life && !isActive(life, oldKeyId))
        life.stage.trace.violation(PROMISE, `${oldKeyId} was revoked, whose target is in the other cluster`);
      repairs?.judge();
    },
  };
};

const livesOf = (recorded: Recorded, trouble: string): readonly LifeName[] => {
  const { chapter, vendor, twists } = recorded;
  const with_ = (...more: readonly string[]) => ({ chapter, vendor, twists: [...twists, textOf(trouble), ...more] });
  return [with_(), ...deathsIn(recorded).map((death) => with_(death))];
};

const hasTarget = ({ effects }: Recorded): boolean => effects.some(({ by }) => by === "distribute");

/** The service has a second cluster, which hangs, throttles, fails, lies or is away. */
export const otherClusters: Family = {
  name: "other clusters",
  what: "another cluster of the service is in trouble all the while",
  inFull: (recorded) =>
    hasTarget(recorded) ? Object.keys(CLUSTER_TROUBLES).flatMap((trouble) => livesOf(recorded, trouble)) : [],
  draw: (recorded, random) =>
    hasTarget(recorded) ? { twist: textOf(drawOne(Object.keys(CLUSTER_TROUBLES), random)) } : undefined,
};
