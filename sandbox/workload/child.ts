import type { Workload, WorkloadCounts } from "./workload.ts";

/** What a workload's process tells its parent after every request. */
export interface Report {
  readonly counts: WorkloadCounts;
  readonly failure?: string | undefined;
}

export const report = (counts: WorkloadCounts, failure?: string): void => {
  process.send?.({ counts, failure } satisfies Report);
};

/** Has this process live as long as its workload: it ends when its parent says so, or goes away. */
export const liveFor = (workload: Workload): void => {
  process.on("SIGINT", () => {}); // the parent decides when to stop
  process.on("disconnect", () => process.exit(0));
  process.on("message", async (message) => {
    if (message !== "stop") return;
    await workload.stop();
    process.disconnect();
  });
};
