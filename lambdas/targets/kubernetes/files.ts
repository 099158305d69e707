import type { KubernetesPlace } from "../../contracts/targets.ts";
import type { TargetState } from "../target.ts";

/** Whether mounted files show a value that was written at `writtenMs`. Where no workload is rolled out, nothing tells it but time. */
export const filesState = ({ delayMs }: KubernetesPlace, writtenMs: number, nowMs: number): TargetState => {
  const readMs = writtenMs + delayMs;
  if (nowMs >= readMs) return { adopted: true, sinceMs: readMs };
  return {
    adopted: false,
    code: "WAITING",
    reason: `mounted files have the value by ${new Date(readMs).toISOString()}`,
  };
};
