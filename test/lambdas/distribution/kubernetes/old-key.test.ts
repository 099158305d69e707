import type { V1Container, V1PodSpec } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { keyFile, keyVariable, type PodTemplateOptions } from "../../../kubernetes-api/pod-template.ts";
import { createDeployment } from "../../../kubernetes-api/workloads.ts";
import { base64, createDistribution, secretTarget } from "../stand.ts";

const NAME = "pictify-credentials";
const OLD = "api-key_OLD";
const restart = [{ kind: "deployment", name: "web" }] as const;

const variable = (optional = false) => ({ env: [keyVariable("PICTIFY_API_KEY_OLD", { key: OLD, optional })] });
const initContainer = (changes: Partial<V1Container>): PodTemplateOptions => ({
  pod: { initContainers: [{ name: "init", image: "busybox:1.37", ...changes }] },
});
const volume = (source: object): Partial<V1PodSpec> => ({ volumes: [{ name: "key", ...source }] });
const items = [{ key: OLD, path: "old" }];
const singleFile: Partial<V1Container> = { volumeMounts: [{ name: "key", mountPath: "/etc/old", subPath: OLD }] };

const REQUIRING: readonly (readonly [string, PodTemplateOptions])[] = [
  ["a variable", { container: variable() }],
  ["a variable of an init container", initContainer(variable())],
  ["a variable of a sidecar", initContainer({ ...variable(), restartPolicy: "Always" })],
  ["an item of a volume", keyFile({ key: OLD })],
  ["an item of a projected volume", { pod: volume({ projected: { sources: [{ secret: { name: NAME, items } }] } }) }],
  ["a single file of a volume (subPath)", { container: singleFile, pod: volume({ secret: { secretName: NAME } }) }],
];

const NOT_REQUIRING: readonly (readonly [string, PodTemplateOptions])[] = [
  ["an optional variable", { container: variable(true) }],
  ["an optional variable of an init container", initContainer(variable(true))],
  ["an item of an optional volume", keyFile({ key: OLD, optional: true })],
  [
    "an item of an optional projected volume",
    { pod: volume({ projected: { sources: [{ secret: { name: NAME, optional: true, items } }] } }) },
  ],
  ["a volume of all of the Secret", { pod: volume({ secret: { secretName: NAME } }) }],
  ["variables of all of the Secret (envFrom)", { container: { envFrom: [{ secretRef: { name: NAME } }] } }],
];

describeWithKubernetes("the old data key of a revoked key", (cluster: () => TestCluster) => {
  /** What is in the Secret, and what is said of it, once a Deployment's old key is revoked. */
  const afterRetirement = async (consuming: PodTemplateOptions) => {
    const namespace = await cluster().freshNamespace();
    await createDeployment(cluster(), { namespace, ...consuming });
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig });
    const key = await stand.declare([secretTarget(namespace, { restart })]);
    await stand.apply(key);
    await stand.rotate(key);
    await stand.apply(key);
    await stand.retire(key);
    const { note } = await stand.apply(key);
    const { data } = await cluster().core.readNamespacedSecret({ name: NAME, namespace });
    return { data, note, current: base64(key.apiKey) };
  };

  test.each(REQUIRING)("stays, with the current value, for a workload that requires it by %s", async (_, consuming) => {
    const { data, note, current } = await afterRetirement(consuming);
    expect(data).toEqual({ "api-key": current, "api-key_NEW": current, [OLD]: current });
    expect(note).toContain(`${OLD} stays, with the current value, as deployment/web requires it`);
  });

  test.each(NOT_REQUIRING)("goes from under a workload that has it by %s", async (_, consuming) => {
    const { data, note, current } = await afterRetirement(consuming);
    expect(data).toEqual({ "api-key": current, "api-key_NEW": current });
    expect(note ?? "").not.toContain(OLD);
  });

  test("is not all that somebody should know of a workload that has it by envFrom: its variable cannot be read", async () => {
    const { note } = await afterRetirement({ container: { envFrom: [{ secretRef: { name: NAME } }] } });
    expect(note).toContain("deployment/web: envFrom makes of the data key api-key a variable");
  });
});
