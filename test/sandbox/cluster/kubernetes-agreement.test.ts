import fc from "fast-check";
import { expect, test } from "vitest";
import { podList, workloadObject } from "../../../lambdas/targets/kubernetes/objects.ts";
import { NO_PODS, withPods } from "../../../lambdas/targets/kubernetes/pods.ts";
import { rolloutState } from "../../../lambdas/targets/kubernetes/rollout-state.ts";
import { describeWithKubernetes } from "../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../kubernetes-api/eventually.ts";
import { FAKE_NODE } from "../../kubernetes-api/fake-node.ts";
import { keyVariable, podTemplate } from "../../kubernetes-api/pod-template.ts";
import {
  type Ask,
  type AskedRequest,
  BROKEN_IMAGE,
  readAnswer,
  resourceVersionOf,
  type TwoClusters,
  twoClusters,
} from "./two-clusters.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

interface SecretStep {
  readonly kind: "get" | "apply" | "merge";
  readonly manager: string;
  /** By data key; null: taken away, by a merge patch. */
  readonly data: Readonly<Record<string, string | null>>;
  readonly annotation?: string;
  readonly force: boolean;
  /** With which resourceVersion: none, that of the latest answer, that of the first, or one that no object has. */
  readonly version: "none" | "latest" | "first" | "1";
}

/** Does the same steps on one side, with the resourceVersions of that side, and returns what Keyturn reads of the answers. */
const outcomes = async (ask: Ask, place: { namespace: string; name: string }, steps: readonly SecretStep[]) => {
  const versions: string[] = [];
  const path = `/api/v1/namespaces/${place.namespace}/secrets/${place.name}`;
  const read: unknown[] = [];
  for (const { kind, manager, data, annotation, force, version } of steps) {
    const known = { none: undefined, latest: versions.at(-1), first: versions[0], 1: "1" }[version];
    const metadata = {
      ...place,
      ...(known === undefined ? {} : { resourceVersion: known }),
      ...(annotation === undefined ? {} : { annotations: { "keyturn.dev/version": annotation } }),
    };
    const body = {
      ...(kind === "apply" ? { apiVersion: "v1", kind: "Secret" } : {}),
      metadata,
      data: Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, value === null ? null : base64(value)]),
      ),
    };
    const query = new URLSearchParams({ fieldManager: manager, ...(kind === "apply" ? { force: String(force) } : {}) });
    const request: AskedRequest = kind === "get" ? { path } : { path: `${path}?${query}`, [kind]: body };
    const answer = await ask(request);
    const isNew = answer.status < 300 && resourceVersionOf(answer) !== versions.at(-1);
    if (isNew) versions.push(resourceVersionOf(answer));
    read.push({ ...readAnswer(answer), isNew });
  }
  return read;
};

const agree = async ({ namespace, real, simulated }: TwoClusters, name: string, steps: readonly SecretStep[]) => {
  const place = { namespace, name };
  expect(await outcomes(simulated, place, steps)).toEqual(await outcomes(real, place, steps));
};

const applying = (data: SecretStep["data"], more: Partial<SecretStep> = {}): SecretStep => ({
  kind: "apply",
  manager: "keyturn",
  data,
  force: false,
  version: "latest",
  ...more,
});
const editing = (data: SecretStep["data"], more: Partial<SecretStep> = {}): SecretStep =>
  applying(data, { kind: "merge", manager: "kubectl-edit", version: "none", ...more });
const getting: SecretStep = { ...applying({}), kind: "get" };

const keys = fc.constantFrom("api-key", "api-key_NEW", "api-key_OLD");
const values = fc.constantFrom("one", "two");
const step: fc.Arbitrary<SecretStep> = fc.oneof(
  fc.record({
    kind: fc.constant("apply" as const),
    manager: fc.constantFrom("keyturn", "keyturn", "argocd"),
    data: fc.dictionary(keys, values, { minKeys: 1 }),
    annotation: fc.constantFrom("a", "b"),
    force: fc.boolean(),
    version: fc.constantFrom("none", "latest", "first"),
  }),
  fc.record({
    kind: fc.constant("merge" as const),
    manager: fc.constantFrom("keyturn", "kubectl-edit"),
    data: fc.dictionary(keys, fc.option(values), { minKeys: 1, maxKeys: 1 }),
    force: fc.constant(false),
    version: fc.constantFrom("none", "none", "latest", "first"),
  }),
  fc.constant(getting),
);

const template = (annotations: Readonly<Record<string, string>>, image?: string) =>
  podTemplate("web", {
    annotations,
    container: {
      env: [keyVariable("KEY"), keyVariable("OLD", { key: "api-key_OLD", optional: true })],
      ...(image ? { image } : {}),
    },
  });

const WORKLOAD = { kind: "deployment", name: "web" } as const;

describeWithKubernetes("a real API server and the simulated cluster agree", (cluster) => {
  test("on a Secret that is made, changed, edited, fought for and read", async () => {
    const both = await twoClusters(cluster());
    await agree(both, "pictify-credentials", [
      getting,
      editing({ "api-key": "one" }),
      applying({ "api-key": "one", "api-key_NEW": "one" }, { version: "1", annotation: "v1" }),
      applying({ "api-key": "one" }, { version: "1" }),
      applying({ "api-key": "one", "api-key_NEW": "one" }, { annotation: "v1" }),
      applying({ "api-key": "two", "api-key_NEW": "two", "api-key_OLD": "one" }, { annotation: "v2" }),
      applying({ "api-key": "three" }, { version: "first" }),
      editing({ "api-key": "by hand" }),
      applying({ "api-key": "two", "api-key_NEW": "two" }, { annotation: "v2" }),
      applying({ "api-key": "two", "api-key_NEW": "two" }, { annotation: "v2", force: true }),
      applying({ "api-key_OLD": "theirs" }, { manager: "argocd", version: "none" }),
      applying({ "api-key": "two", "api-key_NEW": "two", "api-key_OLD": "ours" }),
      applying({ "api-key": "two", "api-key_NEW": "two" }),
      editing({ "api-key_NEW": null }),
      editing({ "api-key_NEW": "x" }, { version: "first" }),
      getting,
    ]);
  });

  test("on a Secret in a namespace that is not there", async () => {
    const { real, simulated } = await twoClusters(cluster());
    const place = { namespace: "keyturn-test-nowhere", name: "pictify-credentials" };
    const steps = [getting, applying({ "api-key": "one" }, { version: "1" })];
    expect(await outcomes(simulated, place, steps)).toEqual(await outcomes(real, place, steps));
  });

  test("on any sequence of such requests", { timeout: 120_000 }, async () => {
    const both = await twoClusters(cluster());
    const begun = [applying({ "api-key": "one" }, { version: "1" }), editing({ theirs: "kept" }, { manager: "owner" })];
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), (steps) =>
        agree(both, `random-${runs++}`, [...begun, ...steps]),
      ),
      { numRuns: 60 },
    );
  });
});

describeWithKubernetes(
  "a real cluster and the simulated one agree",
  (cluster) => {
    test("on how Deployments are rolled out, as Keyturn reads it", { timeout: 120_000 }, async () => {
      const both = await twoClusters(cluster());
      const { namespace, real, simulated, clock } = both;
      const workloads = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;

      const look = async (ask: Ask, stamp: string) => {
        const object = workloadObject.parse((await ask({ path: workloads })).body);
        const selected = `/api/v1/namespaces/${namespace}/pods?limit=500&labelSelector=app%3Dweb`;
        const pods = podList.parse((await ask({ path: selected })).body).items;
        const { observedGeneration, conditions, ...counts } = object.status;
        const mark = { annotation: "stamp", stamp };
        const state = rolloutState(WORKLOAD, object, withPods(NO_PODS, WORKLOAD, pods, mark), mark);
        return {
          isSeen: observedGeneration === object.metadata.generation,
          generation: object.metadata.generation,
          replicas: counts.replicas ?? 0,
          updated: counts.updatedReplicas ?? 0,
          available: counts.availableReplicas ?? 0,
          progressing: conditions
            .filter(({ type }) => type === "Progressing")
            .map(({ status, reason }) => [status, reason]),
          state: state.done ? "done" : state.code,
          pods: pods
            .map(({ metadata, status }) => ({
              stamp: metadata.annotations.stamp,
              isStopping: metadata.deletionTimestamp !== undefined,
              phase: status.phase,
              isReady: status.conditions.some((one) => one.type === "Ready" && one.status === "True"),
              waiting: status.containerStatuses.map(({ state: its }) => its?.waiting),
            }))
            .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
        };
      };

      const same = async (what: string, stamp: string) => {
        await clock.advance(600_000);
        const wanted = await look(simulated, stamp);
        const isSame = async () => JSON.stringify(await look(real, stamp)) === JSON.stringify(wanted);
        await eventually(what, isSame).catch(() => {});
        expect(await look(real, stamp), what).toEqual(wanted);
        return wanted;
      };
      const both2 = async (request: AskedRequest) => {
        await real(request);
        await simulated(request);
      };
      const marking = (spec: object) => both2({ path: `${workloads}?fieldManager=keyturn`, merge: { spec } });
      const stamped = (stamp: string, more: object = {}) => ({ metadata: { annotations: { stamp, ...more } } });

      const spec = { replicas: 2, selector: { matchLabels: { app: "web" } }, template: template({}) };
      const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace }, spec };
      await both2({ path: `${workloads}?fieldManager=kubectl`, apply: deployment });
      expect((await same("pods wait for their Secret", "")).pods[0]?.waiting[0]?.reason).toBe(
        "CreateContainerConfigError",
      );

      const data = { "api-key": base64("one"), "api-key_NEW": base64("one") };
      const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "pictify-credentials", namespace }, data };
      const secrets = `/api/v1/namespaces/${namespace}/secrets/pictify-credentials?fieldManager=keyturn`;
      await both2({ path: secrets, apply: secret });
      expect(await same("pods start with it", "one")).toMatchObject({ state: "BEHIND", available: 2 });

      await marking({ template: stamped("one") });
      expect(await same("the template is rolled out", "one")).toMatchObject({ state: "done", updated: 2 });

      const broken = template({ stamp: "two", [FAKE_NODE.waiting]: "ErrImagePull" }, BROKEN_IMAGE);
      await marking({ progressDeadlineSeconds: 1, template: broken });
      expect(await same("an image that cannot be pulled holds it up", "two")).toMatchObject({
        state: "STUCK",
        replicas: 3,
      });

      await marking({ paused: true, template: stamped("three") });
      expect(await same("a paused Deployment changes nothing", "three")).toMatchObject({ state: "STUCK", updated: 0 });

      const mended = template({ stamp: "three" });
      await marking({
        paused: false,
        template: { ...mended, metadata: { ...mended.metadata, annotations: { [FAKE_NODE.waiting]: null } } },
      });
      expect(await same("resumed and mended, it comes to its end", "three")).toMatchObject({ state: "done" });
    });
  },
  { ownServer: true },
);
