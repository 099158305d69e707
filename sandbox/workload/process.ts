import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { WorkloadVendor } from "./vendor-request.ts";
import type { Workload, WorkloadCounts } from "./workload.ts";

export interface WorkloadProcessOptions {
  readonly secretId: string;
  readonly vendor: WorkloadVendor;
  readonly vendorUrl: string;
  readonly everyMs: number;
  readonly cacheMs: number;
  /** The variables by which it finds Secrets Manager. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onFailure: (reason: string) => void;
}

interface Report {
  readonly counts: WorkloadCounts;
  readonly failure?: string;
}

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

const start = (options: WorkloadProcessOptions): ChildProcess =>
  fork(MAIN, [], {
    execArgv: ["--import", "tsx/esm"],
    env: {
      ...options.environment,
      SECRET_ID: options.secretId,
      VENDOR: options.vendor,
      VENDOR_URL: options.vendorUrl,
      EVERY_MS: String(options.everyMs),
      CACHE_MS: String(options.cacheMs),
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });

/** Starts a workload as a process of its own. One that ends before it is stopped counts as a failure. */
export const startWorkloadProcess = (options: WorkloadProcessOptions): Workload => {
  let counts: WorkloadCounts = { requests: 0, failures: 0, throttled: 0 };
  let stopping = false;
  const child = start(options);
  child.on("message", (message) => {
    const report = message as Report;
    counts = report.counts;
    if (report.failure) options.onFailure(report.failure);
  });
  child.on("exit", (code) => {
    if (stopping) return;
    counts = { ...counts, failures: counts.failures + 1 };
    options.onFailure(`the workload's process ended with ${code ?? "a signal"}`);
  });
  return {
    counts: () => counts,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.send("stop");
      await once(child, "exit");
    },
  };
};
