import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { read } from "../../../../lambdas/contracts/read.ts";
import { WORKLOAD_KINDS, type WorkloadKind } from "../../../../lambdas/contracts/targets.ts";
import { type PodObject, podObject, workloadObject } from "../../../../lambdas/targets/kubernetes/objects.ts";
import { NO_PODS, withPods } from "../../../../lambdas/targets/kubernetes/pods.ts";
import { replacedState, rolloutState } from "../../../../lambdas/targets/kubernetes/rollout-state.ts";

const ANNOTATION = "version.keyturn.dev/pictify-credentials";
const STAMP = "new";

interface Shape {
  readonly kind: WorkloadKind;
  readonly stamp: string;
  readonly generation: number;
  readonly observed: number;
  readonly wanted: number;
  readonly updated: number;
  readonly total: number;
  readonly available: number;
}

const workloadOf = (
  { kind, stamp, generation, observed, wanted, updated, total, available }: Shape,
  spec: object = {},
  status: object = {},
) =>
  read(
    workloadObject,
    {
      metadata: { name: "web", generation },
      spec: {
        replicas: wanted,
        selector: { matchLabels: { app: "web" } },
        template: { metadata: { annotations: { [ANNOTATION]: stamp } }, spec: { containers: [] } },
        ...spec,
      },
      status: {
        observedGeneration: observed,
        ...(kind === "daemonset"
          ? { desiredNumberScheduled: wanted, updatedNumberScheduled: updated, numberAvailable: available }
          : { replicas: total, updatedReplicas: updated, availableReplicas: available }),
        ...status,
      },
    },
    "a workload",
  );

const OWNERS = {
  deployment: ["ReplicaSet", "web-abc"],
  statefulset: ["StatefulSet", "web"],
  daemonset: ["DaemonSet", "web"],
} as const;

const podOf = (kind: WorkloadKind, stamp: string | undefined, status: object = {}, name = "web-1") => {
  const [ownerKind, owner] = OWNERS[kind];
  const annotations = stamp === undefined ? {} : { [ANNOTATION]: stamp };
  const metadata = {
    name,
    annotations,
    labels: { "pod-template-hash": "abc" },
    ownerReferences: [{ kind: ownerKind, name: owner }],
  };
  return read(podObject, { metadata, status: { phase: "Running", ...status } }, "a pod");
};

const complete = (kind: WorkloadKind): Shape => ({
  kind,
  stamp: STAMP,
  generation: 2,
  observed: 2,
  wanted: 1,
  updated: 1,
  total: 1,
  available: 1,
});
const MARK = { annotation: ANNOTATION, stamp: STAMP };

const pagesOf = (pods: readonly PodObject[], size: number): readonly (readonly PodObject[])[] =>
  Array.from({ length: Math.ceil(pods.length / size) }, (_, page) => pods.slice(page * size, (page + 1) * size));

/** As pages of that many pods say it. */
const tallyOf = (kind: WorkloadKind, pods: readonly PodObject[], size = 2) =>
  pagesOf(pods, size).reduce((tally, page) => withPods(tally, { kind, name: "web" }, page, MARK), NO_PODS);

const stateOf = (shape: Shape, pods: readonly PodObject[], spec: object = {}, status: object = {}) =>
  rolloutState({ kind: shape.kind, name: "web" }, workloadOf(shape, spec, status), tallyOf(shape.kind, pods), MARK);

describe.each(WORKLOAD_KINDS)("a rollout of a %s", (kind) => {
  test("is done when all its pods are new and available", () => {
    expect(stateOf(complete(kind), [podOf(kind, STAMP)])).toMatchObject({ done: true });
  });

  test("is as old as its first pod that is ready, however often pods are added", () => {
    const readyAt = (lastTransitionTime: string) => ({
      conditions: [{ type: "Ready", status: "True", lastTransitionTime }],
    });
    const pods = ["2026-11-21T12:00:00Z", "2026-11-21T18:00:00Z"].map((at) => podOf(kind, STAMP, readyAt(at)));
    expect(stateOf(complete(kind), pods)).toEqual({ done: true, sinceMs: Date.UTC(2026, 10, 21, 12) });
  });

  test("is never done with an old pod, an unseen change, or too few available", () => {
    const shape = fc.record({
      kind: fc.constant(kind),
      stamp: fc.constantFrom(STAMP, "old"),
      generation: fc.nat(3),
      observed: fc.nat(3),
      wanted: fc.nat(3),
      updated: fc.nat(3),
      total: fc.nat(3),
      available: fc.nat(3),
    });
    const pods = fc.array(
      fc.constantFrom(STAMP, "old", undefined).map((stamp) => podOf(kind, stamp)),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(shape, pods, (one, some) => {
        if (!stateOf(one, some).done) return;
        expect(one.stamp).toBe(STAMP);
        expect(one.observed).toBeGreaterThanOrEqual(one.generation);
        expect(one.available).toBeGreaterThanOrEqual(one.wanted);
        expect(one.updated).toBeGreaterThanOrEqual(one.wanted);
        if (kind !== "daemonset") expect(one.updated).toBeGreaterThanOrEqual(one.total);
        expect(some.every(({ metadata }) => metadata.annotations[ANNOTATION] === STAMP)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test("is judged the same however its pods are spread over pages", () => {
    const waiting = { waiting: { reason: "ErrImagePull", message: "" } };
    const ready = { type: "Ready", status: "True", lastTransitionTime: "2026-11-21T12:00:00Z" };
    const status = fc.constantFrom<object>(
      {},
      { containerStatuses: [{ name: "c", state: waiting }] },
      { conditions: [ready] },
      { conditions: [{ ...ready, lastTransitionTime: "2026-11-21T11:00:00Z" }] },
    );
    const pod = fc.record({ stamp: fc.constantFrom(STAMP, "old", undefined), status });
    fc.assert(
      fc.property(fc.array(pod, { maxLength: 12 }), fc.integer({ min: 1, max: 12 }), (some, size) => {
        const pods = some.map((one, index) => podOf(kind, one.stamp, one.status, `web-${index}`));
        expect(tallyOf(kind, pods, size)).toEqual(tallyOf(kind, pods, pods.length + 1));
      }),
    );
  });

  test("names the first three old pods, and counts the others", () => {
    const pods = Array.from({ length: 5 }, (_, index) => podOf(kind, "old", {}, `web-${index}`));
    expect(stateOf(complete(kind), pods)).toMatchObject({
      reason: expect.stringContaining("web-0, web-1, web-2 and 2 more"),
    });
  });

  test("is not judged by the conditions of the one before", () => {
    const conditions = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }];
    const unseen = { ...complete(kind), observed: 1 };
    expect(stateOf(unseen, [], {}, { conditions })).toMatchObject({ done: false, code: "ROLLING" });
  });

  test("does not wait for old pods that have ended, nor for those of others", () => {
    const ended = podOf(kind, "old", { phase: "Failed" });
    const others = podOf(kind === "deployment" ? "daemonset" : "deployment", "old");
    expect(stateOf(complete(kind), [podOf(kind, STAMP), ended, others])).toMatchObject({ done: true });
  });

  test("waits for a pod that is being deleted", () => {
    expect(stateOf(complete(kind), [podOf(kind, STAMP), podOf(kind, "old", {}, "web-0")])).toMatchObject({
      code: "ROLLING",
      reason: expect.stringContaining("web-0"),
    });
  });

  test("names what keeps a pod from starting, in its init containers and in its scheduling too", () => {
    const waiting = { waiting: { reason: "ErrImagePull", message: "" } };
    const unscheduled = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message: "0/3 nodes are available",
    };
    const shape = { ...complete(kind), available: 0 };
    const initPod = podOf(kind, STAMP, { initContainerStatuses: [{ name: "init", state: waiting }] });
    const waitingPod = podOf(kind, STAMP, { phase: "Pending", conditions: [unscheduled] });
    expect(stateOf(shape, [initPod])).toMatchObject({ code: "STUCK", reason: expect.stringContaining("ErrImagePull") });
    expect(stateOf(shape, [waitingPod])).toMatchObject({
      code: "STUCK",
      reason: expect.stringContaining("Unschedulable: 0/3 nodes are available"),
    });
  });

  test("is kept from its end by an old pod that never starts only where its controller waits for that one", () => {
    const waiting = { waiting: { reason: "CrashLoopBackOff", message: "" } };
    const oldPod = podOf(kind, "old", { containerStatuses: [{ name: "c", state: waiting }] });
    const state = stateOf({ ...complete(kind), updated: 0 }, [oldPod]);
    expect(state).toMatchObject({ done: false, code: kind === "statefulset" ? "STUCK" : "ROLLING" });
  });

  test("tells no key that a message of the kubelet holds", () => {
    const key = `pk_live_${"x".repeat(32)}`;
    const waiting = { waiting: { reason: "CreateContainerError", message: `bad argument ${key}` } };
    const pod = podOf(kind, STAMP, { containerStatuses: [{ name: "c", state: waiting }] });
    const state = stateOf({ ...complete(kind), available: 0 }, [pod]);
    expect(state).toMatchObject({ code: "STUCK", reason: expect.stringContaining("bad argument [redacted]") });
  });
});

describe("a workload that loses its mark again and again", () => {
  const AFTER_MS = Date.UTC(2026, 10, 22, 12);
  const WEB = { kind: "deployment", name: "web" } as const;
  const madeAt = (seconds: number, stamp?: string, status: object = {}) => {
    const pod = podOf("deployment", stamp, status, `web-${seconds}`);
    const creationTimestamp = new Date(AFTER_MS + seconds * 1_000).toISOString();
    return { ...pod, metadata: { ...pod.metadata, creationTimestamp } };
  };
  const standing = (pods: readonly PodObject[], changes: Partial<Shape> = {}) => {
    const tally = withPods(NO_PODS, WEB, pods, { ...MARK, madeAfterMs: AFTER_MS });
    return replacedState(WEB, workloadOf({ ...complete("deployment"), stamp: "none", ...changes }), tally, "the tool");
  };

  test("has adopted when all its pods were made later than the value was there, and is told all the same", () => {
    expect(standing([madeAt(1), madeAt(60, "old")])).toMatchObject({ done: true, replaced: "the tool" });
  });

  test.each([0, -1])("has not with a pod that was made %d s after that, which is named", (seconds) => {
    const state = standing([madeAt(1), madeAt(seconds, "old")]);
    expect(state).toMatchObject({ done: false, code: "REPLACED" });
    expect(state).toMatchObject({ reason: expect.stringMatching(/are to be deleted: web-(0|-1); the tool$/) });
  });

  test("has not where a pod does not tell when it was made", () => {
    expect(standing([podOf("deployment", undefined)])).toMatchObject({ done: false, code: "REPLACED" });
  });

  test("goes by the mark of its pods alone where it is not known since when the value is there", () => {
    const tally = (pod: PodObject) => withPods(NO_PODS, WEB, [pod], MARK).old;
    expect([madeAt(3_600), madeAt(-3_600, STAMP)].map(tally)).toEqual([1, 0]);
  });

  test.each([
    ["too few are new", { updated: 0 }],
    ["its controller has not seen it yet", { observed: 1 }],
  ])("has not while %s", (_, changes) => {
    expect(standing([madeAt(1)], changes)).toMatchObject({ done: false, code: "REPLACED" });
  });

  test("is stuck where its pods do not start, and says both", () => {
    const waiting = { waiting: { reason: "ErrImagePull", message: "" } };
    const pod = madeAt(1, undefined, { containerStatuses: [{ name: "c", state: waiting }] });
    expect(standing([pod], { available: 0 })).toMatchObject({
      code: "STUCK",
      reason: expect.stringMatching(/ErrImagePull; the tool$/),
    });
  });
});
