import { describe, expect, test } from "vitest";
import { observeRollouts } from "../../../../lambdas/targets/kubernetes/rollout.ts";
import { selectorText } from "../../../../lambdas/targets/kubernetes/selector.ts";
import { readWorkloads } from "../../../../lambdas/targets/kubernetes/workloads.ts";
import { pagingCluster, placeOf, podOf, WANTED } from "./paging-cluster.ts";

describe("the pods of a workload", () => {
  test("are all looked at, page by page", async () => {
    const podAt = (deployment: string, index: number) =>
      podOf(deployment, `web-${index + 1}`, index === 2 ? "old" : "new");
    const { api, asked } = pagingCluster(3, podAt, { page: 1 });
    const place = placeOf("web");
    const state = await observeRollouts(api, place, await readWorkloads(api, place), WANTED);
    expect(state).toMatchObject({ adopted: false, code: "ROLLING", reason: expect.stringContaining("web-3") });
    expect(asked.map((query) => query.get("continue"))).toEqual([null, "1", "2"]);
    expect(asked.map((query) => query.get("labelSelector"))).toEqual(["app=web", "app=web", "app=web"]);
  });

  test("are on few pages at once, however many workloads and targets are looked at", async () => {
    let [open, most] = [0, 0];
    const beforePage = async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => void setImmediate(resolve));
      open--;
    };
    const podAt = (deployment: string, index: number) => podOf(deployment, `${deployment}-${index}`, "new");
    const { api, asked } = pagingCluster(3, podAt, { page: 1, pagesAtOnce: 2, beforePage });
    const places = [placeOf("a", "b", "c"), placeOf("d", "e", "f")];
    const states = await Promise.all(
      places.map(async (place) => observeRollouts(api, place, await readWorkloads(api, place), WANTED)),
    );
    expect(states.map(({ adopted }) => adopted)).toEqual([true, true]);
    expect(asked).toHaveLength(18);
    expect(most).toBe(2);
  });
});

describe("a workload's selector", () => {
  test("is asked with all of it", () => {
    const matchExpressions = [
      { key: "tier", operator: "In", values: ["a", "b"] },
      { key: "track", operator: "NotIn", values: ["canary"] },
      { key: "app", operator: "Exists", values: [] },
      { key: "legacy", operator: "DoesNotExist", values: [] },
    ];
    expect(selectorText({ matchLabels: { app: "web" }, matchExpressions })).toBe(
      "app=web,tier in (a,b),track notin (canary),app,!legacy",
    );
  });

  test("that cannot be understood is an error, not a guess", () => {
    const matchExpressions = [{ key: "tier", operator: "Like", values: ["a"] }];
    expect(() => selectorText({ matchLabels: {}, matchExpressions })).toThrow(/the operator Like/);
  });
});
