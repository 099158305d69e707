import { cpus, loadavg, totalmem } from "node:os";

/** What the figures were taken on: they say as much of the machine as of the code. */
export const circumstances = (rounds: number): string => {
  const [cpu] = cpus();
  const machine = `${cpus().length} cores (${cpu?.model.trim() || "unknown"}), ${Math.round(totalmem() / 1e9)} GB`;
  return `Node.js ${process.version} on ${process.platform}, ${machine}, load ${(loadavg()[0] ?? 0).toFixed(1)} at the end; medians of ${rounds} rounds. What runs in AWS is nodejs22.x.`;
};
