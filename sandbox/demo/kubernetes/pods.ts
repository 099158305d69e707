import type { Redacted } from "../../../lambdas/redacted.ts";
import type { Workload, WorkloadCounts } from "../../workload/workload.ts";
import { injectedRevision, type SecretRevision } from "./injected-value.ts";

/** A pod, as its cluster shows it at one moment. */
export interface SeenPod {
  readonly uid: string;
  readonly name: string;
  readonly resourceVersion: string;
  /** Whether its containers run. One that is being deleted runs on until it is gone. */
  readonly isRunning: boolean;
  /** The Secret's resourceVersion as they started, where the node tells it. */
  readonly startedWith: string | undefined;
}

/** What is told of a pod whose program has started or ended: its name, and what it was started with. */
export type PodListener = (pod: string, revision: SecretRevision) => void;

export interface PodsOptions {
  /** Starts what runs in a pod, with the value that was injected into it. */
  readonly start: (pod: string, apiKey: Redacted) => Workload;
  readonly onSecret: (revision: SecretRevision) => void;
  readonly onStarted: PodListener;
  readonly onGone: PodListener;
}

/** The programs in the pods of one workload: a kubelet starts them, and they live on the value that they were started with. */
export interface Pods {
  secretSeen(revision: SecretRevision): void;
  podSeen(pod: SeenPod): void;
  podGone(uid: string): void;
  /** What each program that runs now was started with. */
  running(): readonly SecretRevision[];
  /** Of all programs that there were. */
  counts(): WorkloadCounts;
  stop(): Promise<void>;
}

interface Program {
  readonly pod: string;
  readonly revision: SecretRevision;
  readonly workload: Workload;
}

const sumOf = (all: readonly WorkloadCounts[]): WorkloadCounts => ({
  requests: all.reduce((sum, { requests }) => sum + requests, 0),
  failures: all.reduce((sum, { failures }) => sum + failures, 0),
  throttled: all.reduce((sum, { throttled }) => sum + throttled, 0),
});

export const createPods = ({ start, onSecret, onStarted, onGone }: PodsOptions): Pods => {
  const history: SecretRevision[] = [];
  const firstSeen = new Map<string, string>();
  /** Pods that run and whose program has not started, as the Secret was not seen yet as they saw it. */
  const starting = new Map<string, SeenPod>();
  const programs = new Map<string, Program>();
  const ended: Workload[] = [];

  const startThose = (): void => {
    for (const [uid, { name, startedWith, resourceVersion }] of starting) {
      const revision = injectedRevision(history, { firstSeen: firstSeen.get(uid) ?? resourceVersion, startedWith });
      if (!revision?.value) continue;
      starting.delete(uid);
      programs.set(uid, { pod: name, revision, workload: start(name, revision.value) });
      onStarted(name, revision);
    }
  };

  const end = (uid: string): void => {
    starting.delete(uid);
    const program = programs.get(uid);
    if (!program) return;
    programs.delete(uid);
    ended.push(program.workload);
    void program.workload.stop();
    onGone(program.pod, program.revision);
  };

  return {
    secretSeen(revision) {
      if (history.at(-1)?.resourceVersion === revision.resourceVersion) return; // a watch that was resumed says it again
      history.push(revision);
      onSecret(revision);
      startThose();
    },
    podSeen(pod) {
      if (!firstSeen.has(pod.uid)) firstSeen.set(pod.uid, pod.resourceVersion);
      if (!pod.isRunning) return end(pod.uid);
      if (programs.has(pod.uid)) return;
      starting.set(pod.uid, pod);
      startThose();
    },
    podGone: end,
    running: () => [...programs.values()].map(({ revision }) => revision),
    counts: () =>
      sumOf([...ended, ...[...programs.values()].map(({ workload }) => workload)].map((one) => one.counts())),
    async stop() {
      for (const uid of [...programs.keys()]) end(uid);
      await Promise.all(ended.map((workload) => workload.stop()));
    },
  };
};
