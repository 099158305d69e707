import { expect, test } from "vitest";
import { type PolicyRule, rulesOf } from "../../../../lambdas/targets/kubernetes/rules.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { rulesWithout } from "../../../kubernetes-api/policy-rules.ts";
import { serviceAccountKubeconfig } from "../../../kubernetes-api/service-account.ts";
import { createDaemonSet, createDeployment, createStatefulSet } from "../../../kubernetes-api/workloads.ts";
import { createDistribution, secretTarget } from "../stand.ts";

const restart = [
  { kind: "deployment", name: "web" },
  { kind: "statefulset", name: "db" },
  { kind: "daemonset", name: "agent" },
] as const;

const fullRules = rulesOf([secretTarget("any", { restart })])[0]?.rules ?? [];
const TAKEN = fullRules.flatMap(({ resources, verbs }) => verbs.map((verb) => [verb, resources[0] ?? ""] as const));

describeWithKubernetes("rights", (cluster: () => TestCluster) => {
  const startedWith = async (rules: readonly PolicyRule[]) => {
    const namespace = await cluster().freshNamespace();
    await createDeployment(cluster(), { namespace });
    await createStatefulSet(cluster(), { namespace, name: "db" });
    await createDaemonSet(cluster(), { namespace, name: "agent" });
    const kubeconfig = await serviceAccountKubeconfig(cluster(), { namespace, rules });
    const stand = await createDistribution({ kubeconfig });
    return { stand, key: await stand.declare([secretTarget(namespace, { restart })]), namespace };
  };

  test("exactly those of the rules are enough", async () => {
    const { stand, key } = await startedWith(fullRules);
    await stand.apply(key);
    await eventually("it has adopted", async () => (await stand.observe(key)).adopted);
    await stand.rotate(key);
    await stand.apply(key);
    await eventually("it has adopted", async () => (await stand.observe(key)).adopted);
  });

  test.each(TAKEN)("without the right to %s %s the message names the rule to add", async (verb, resource) => {
    const { stand, key, namespace } = await startedWith(rulesWithout(fullRules, verb, resource));
    const result = await eventually("it is refused", async () => {
      const one = await stand.apply(key);
      return one.code !== "ROLLING" && one;
    });
    expect(result).toMatchObject({ adopted: false, code: "FORBIDDEN" });
    const [, text = "{}"] = /add (\{.*\}) in a Role of the namespace (\S+),/.exec(result.reason ?? "") ?? [];
    const named = JSON.parse(text) as PolicyRule;
    expect(named.resources).toEqual([resource]);
    expect(named.verbs).toContain(verb);
    expect(named.resourceNames).toEqual(fullRules.find(({ resources }) => resources[0] === resource)?.resourceNames);
    expect(result.reason).toContain(`in a Role of the namespace ${namespace}`);
  });

  test("a Secret of another name is out of reach", async () => {
    const { stand, namespace } = await startedWith(fullRules);
    const other = await stand.declare([secretTarget(namespace, { name: "other" })], "other");
    expect(await stand.apply(other)).toMatchObject({ adopted: false, code: "FORBIDDEN" });
  });

  test("a workload of another name is out of reach", async () => {
    const { stand, namespace } = await startedWith(fullRules);
    await createDeployment(cluster(), { namespace, name: "other" });
    const other = secretTarget(namespace, { restart: [{ kind: "deployment", name: "other" }] });
    const result = await stand.apply(await stand.declare([other], "other"));
    expect(result).toMatchObject({ adopted: false, code: "FORBIDDEN" });
    expect(result.reason).toContain(`deployments ${namespace}/other`);
  });

  test("that a quota leaves no room is told as the API server says it, and not as a missing right", async () => {
    const { stand, key, namespace } = await startedWith(fullRules);
    const { core } = cluster();
    const quota = { metadata: { name: "few" }, spec: { hard: { secrets: "0" } } };
    const body = await core.createNamespacedResourceQuota({ namespace, body: quota });
    // What the quota controller counts.
    const status = { hard: { secrets: "0" }, used: { secrets: "0" } };
    await core.replaceNamespacedResourceQuotaStatus({ name: "few", namespace, body: { ...body, status } });
    await eventually("the quota holds", () => {
      const another = { metadata: { name: "another" } };
      return core.createNamespacedSecret({ namespace, body: another, dryRun: "All" }).then(
        () => false,
        () => true,
      );
    });

    const result = await stand.apply(key);

    expect(result).toMatchObject({ adopted: false, code: "INVALID" });
    expect(result.reason).toMatch(/403 \(.*quota: few/);
    expect(result.reason).not.toContain("in a Role");
  });
});
