import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Redacted } from "../../lambdas/redacted.ts";
import type { Report } from "./child.ts";
import type { WorkloadVendor } from "./vendor-request.ts";
import type { Workload, WorkloadCounts } from "./workload.ts";

interface ProcessOptions {
  readonly vendor: WorkloadVendor;
  readonly vendorUrl: string;
  readonly everyMs: number;
  readonly onFailure: (reason: string) => void;
}

export interface WorkloadProcessOptions extends ProcessOptions {
  readonly secretId: string;
  readonly cacheMs: number;
  /** The variables by which it finds Secrets Manager. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface PodProcessOptions extends ProcessOptions {
  /** The variable in which it finds its key. */
  readonly keyVariable: string;
  /** What was injected into it. */
  readonly apiKey: Redacted;
}

export interface GroupProcessOptions extends ProcessOptions {
  readonly members: readonly { readonly name: string; readonly secretId: string }[];
  readonly longestHoldMs: number;
  readonly seed: number;
  /** The variables by which it finds Secrets Manager. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const start = (main: string, environment: Environment, { vendor, vendorUrl, everyMs }: ProcessOptions): ChildProcess =>
  fork(fileURLToPath(new URL(main, import.meta.url)), [], {
    execArgv: ["--import", "tsx/esm"],
    env: { ...environment, VENDOR: vendor, VENDOR_URL: vendorUrl, EVERY_MS: String(everyMs) },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });

const workloadOf = (child: ChildProcess, onFailure: (reason: string) => void): Workload => {
  let counts: WorkloadCounts = { requests: 0, failures: 0, throttled: 0 };
  let stopping = false;
  child.on("message", (message) => {
    const report = message as Report;
    counts = report.counts;
    if (report.failure) onFailure(report.failure);
  });
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  // "exit" may come before the last reports; "close" comes after them.
  const ended = new Promise<number | null>((done) => child.once("close", done));
  void ended.then((code) => {
    if (stopping) return;
    counts = { ...counts, failures: counts.failures + 1 };
    onFailure(`the workload's process ended with ${code ?? "a signal"}`);
  });
  return {
    counts: () => counts,
    async stop() {
      if (isRunning()) {
        stopping = true;
        if (child.connected) child.send("stop");
      }
      await ended;
    },
  };
};

/** Starts a workload that reads its secret, as a process of its own. One that ends before it is stopped counts as a failure. */
export const startWorkloadProcess = (options: WorkloadProcessOptions): Workload => {
  const { secretId, cacheMs, environment, onFailure } = options;
  const own = { SECRET_ID: secretId, CACHE_MS: String(cacheMs) };
  return workloadOf(start("./main.ts", { ...environment, ...own }, options), onFailure);
};

/** Starts what runs in a pod, as a process of its own: of this one's environment it gets PATH alone, and its key. */
export const startPodProcess = (options: PodProcessOptions): Workload => {
  const { keyVariable, apiKey, onFailure } = options;
  const environment = { PATH: process.env.PATH, KEY_VARIABLE: keyVariable, [keyVariable]: apiKey.reveal() };
  return workloadOf(start("./pod.ts", environment, options), onFailure);
};

/** Starts workloads of one vendor in one process: they read their secrets at times that are drawn with `seed`. */
export const startGroupProcess = (options: GroupProcessOptions): Workload => {
  const { members, longestHoldMs, seed, environment, onFailure } = options;
  const own = { MEMBERS: JSON.stringify(members), LONGEST_HOLD_MS: String(longestHoldMs), SEED: String(seed) };
  return workloadOf(start("./group-main.ts", { ...environment, ...own }, options), onFailure);
};
