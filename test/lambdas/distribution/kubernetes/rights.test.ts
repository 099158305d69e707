import { expect, test } from "vitest";
import { type PolicyRule, rulesOf } from "../../../../lambdas/targets/kubernetes/rules.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { serviceAccountKubeconfig } from "../../../kubernetes-api/service-account.ts";
import { createDaemonSet, createDeployment, createStatefulSet } from "../../../kubernetes-api/workloads.ts";
import { createDistribution, secretTarget } from "../stand.ts";

const restart = [
  { kind: "deployment", name: "web" },
  { kind: "statefulset", name: "db" },
  { kind: "daemonset", name: "agent" },
] as const;

const asPolicy = (rules: readonly PolicyRule[]) =>
  rules.map((rule) => ({
    apiGroups: [...rule.apiGroups],
    resources: [...rule.resources],
    verbs: [...rule.verbs],
    ...(rule.resourceNames ? { resourceNames: [...rule.resourceNames] } : {}),
  }));

const fullRules = asPolicy(rulesOf([secretTarget("any", { restart })])[0]?.rules ?? []);
const TAKEN = fullRules.flatMap(({ resources, verbs }) => verbs.map((verb) => [verb, resources[0] ?? ""] as const));

describeWithKubernetes("rights", (cluster: () => TestCluster) => {
  const startedWith = async (rules: ReturnType<typeof asPolicy>) => {
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
    const rules = fullRules.map((rule) =>
      rule.resources[0] === resource ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) } : rule,
    );
    const { stand, key, namespace } = await startedWith(rules.filter(({ verbs }) => verbs.length > 0));
    const result = await stand.apply(key);
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
});
