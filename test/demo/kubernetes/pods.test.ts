import { expect, test } from "vitest";
import { Redacted } from "../../../lambdas/redacted.ts";
import type { SecretRevision } from "../../../sandbox/demo/kubernetes/injected-value.ts";
import { createPods, type SeenPod } from "../../../sandbox/demo/kubernetes/pods.ts";

/** Pods whose programs do nothing but count one request, and everything that happens, in one list. */
const somePods = () => {
  const calls: string[] = [];
  const pods = createPods({
    start(pod, apiKey) {
      calls.push(`start ${pod} ${apiKey.reveal()}`);
      return {
        counts: () => ({ requests: 1, failures: pod === "bad" ? 1 : 0, throttled: 0 }),
        stop: async () => void calls.push(`stop ${pod}`),
      };
    },
    onSecret: ({ resourceVersion }) => calls.push(`secret ${resourceVersion}`),
    onStarted: (pod, { resourceVersion }) => calls.push(`${pod} started with ${resourceVersion}`),
    onGone: (pod, { resourceVersion }) => calls.push(`${pod} gone with ${resourceVersion}`),
  });
  return { pods, calls };
};

const secret = (resourceVersion: string, apiKey?: string): SecretRevision => ({
  resourceVersion,
  versionId: apiKey,
  value: apiKey === undefined ? undefined : new Redacted(apiKey),
});

const pod = (name: string, facts: Partial<SeenPod> = {}): SeenPod => ({
  uid: name,
  name,
  resourceVersion: "5",
  isRunning: true,
  startedWith: undefined,
  ...facts,
});

test("a pod's program starts with the value of when it was started, and keeps it while the Secret changes", () => {
  const { pods, calls } = somePods();
  pods.secretSeen(secret("1", "old"));
  pods.podSeen(pod("a"));
  pods.secretSeen(secret("9", "new"));
  pods.podSeen(pod("a", { resourceVersion: "12" }));

  expect(calls).toEqual(["secret 1", "start a old", "a started with 1", "secret 9"]);
  expect(pods.running().map(({ resourceVersion }) => resourceVersion)).toEqual(["1"]);
});

test("a pod that waits for its Secret starts when it is there, and runs", () => {
  const { pods, calls } = somePods();
  pods.podSeen(pod("a", { isRunning: false }));
  pods.secretSeen(secret("9", "first"));
  expect(pods.running()).toEqual([]);

  pods.podSeen(pod("a", { resourceVersion: "12" }));

  expect(calls).toEqual(["secret 9", "start a first", "a started with 9"]);
});

test("a pod that was started with a revision which is not seen yet waits for it, and takes no other", () => {
  const { pods, calls } = somePods();
  pods.secretSeen(secret("1", "old"));
  pods.podSeen(pod("a", { startedWith: "9" }));
  expect(pods.running()).toEqual([]);

  pods.secretSeen(secret("9", "new"));

  expect(calls.slice(2)).toEqual(["start a new", "a started with 9"]);
});

test("a pod that is being deleted runs on until it is gone", () => {
  const { pods, calls } = somePods();
  pods.secretSeen(secret("1", "old"));
  pods.podSeen(pod("a"));
  pods.podSeen(pod("a", { resourceVersion: "20" }));
  expect(pods.running()).toHaveLength(1);

  pods.podGone("a");

  expect(calls.slice(-2)).toEqual(["stop a", "a gone with 1"]);
  expect(pods.running()).toEqual([]);
});

test("a pod whose containers have ended runs no more", () => {
  const { pods, calls } = somePods();
  pods.secretSeen(secret("1", "old"));
  pods.podSeen(pod("a"));
  pods.podSeen(pod("a", { isRunning: false }));

  expect(calls.at(-1)).toBe("a gone with 1");
});

test("a pod that is gone before its program started is forgotten", () => {
  const { pods, calls } = somePods();
  pods.podSeen(pod("a"));
  pods.podGone("a");
  pods.secretSeen(secret("1", "old"));

  expect(calls).toEqual(["secret 1"]);
});

test("what a resumed watch tells again changes nothing", () => {
  const { pods, calls } = somePods();
  for (let time = 0; time < 2; time++) {
    pods.secretSeen(secret("1", "old"));
    pods.podSeen(pod("a"));
  }
  expect(calls).toEqual(["secret 1", "start a old", "a started with 1"]);
});

test("requests are counted over all pods, those that are gone included", async () => {
  const { pods } = somePods();
  pods.secretSeen(secret("1", "old"));
  for (const name of ["a", "bad", "c"]) pods.podSeen(pod(name));
  pods.podGone("bad");
  expect(pods.counts()).toEqual({ requests: 3, failures: 1, throttled: 0 });

  await pods.stop();

  expect(pods.counts()).toEqual({ requests: 3, failures: 1, throttled: 0 });
  expect(pods.running()).toEqual([]);
});
