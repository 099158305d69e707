import { expect, test } from "vitest";
import { openDistributionScene, untilAdopted } from "../../bench/distribution-scene.ts";
import { describeWithKubernetes } from "../kubernetes-api/describe-with-kubernetes.ts";

const TARGETS = 3;

const sum = (calls: Readonly<Record<string, number>>) =>
  Object.values(calls).reduce((total, count) => total + count, 0);

describeWithKubernetes("distribution to targets with one Deployment each", () => {
  test("takes four calls a target for a new generation, and three for a look", async () => {
    const scene = await openDistributionScene(TARGETS);
    try {
      await scene.ask("apply", scene.keys);
      await untilAdopted(scene, scene.keys);
      await scene.rotate(scene.keys);
      const applied = await scene.ask("apply", scene.keys);
      await untilAdopted(scene, scene.keys);
      const looked = await scene.ask("observe", scene.keys);
      expect(applied.targets).toHaveLength(TARGETS);
      expect(sum(applied.calls)).toBe(4 * TARGETS);
      expect(applied.awsCalls.DescribeSecret).toBe(3 * TARGETS);
      expect(sum(looked.calls)).toBe(3 * TARGETS);
      expect(looked.targets.every(({ adopted }) => adopted)).toBe(true);
    } finally {
      await scene.close();
    }
  });
});
