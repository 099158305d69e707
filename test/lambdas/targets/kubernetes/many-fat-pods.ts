import { observeRollouts } from "../../../../lambdas/targets/kubernetes/rollout.ts";
import { readWorkloads } from "../../../../lambdas/targets/kubernetes/workloads.ts";
import { pagingCluster, placeOf, podOf, WANTED } from "./paging-cluster.ts";

/*
 * Looks at 20,000 pods of four Deployments, each pod with 10 kB in an annotation, and prints what came of it. A process of its own,
 * so that its heap can be limited.
 */
const PODS = 5_000;
const FAT = 10_000;

const { api, asked } = pagingCluster(PODS, (deployment, index) =>
  podOf(deployment, `${deployment}-${index}`, deployment === "d" && index === PODS - 1 ? "old" : "new", {
    "example.com/fat": `${index} ${"x".repeat(FAT)}`,
  }),
);
const place = placeOf("a", "b", "c", "d");
const state = await observeRollouts(api, place, await readWorkloads(api, place), WANTED);
process.stdout.write(JSON.stringify({ state, pages: asked.length }));
