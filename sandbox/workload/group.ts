import type { Clock } from "../../lambdas/clock.ts";
import type { SecretValue } from "../../lambdas/contracts/secret-value.ts";
import { createHeldKey } from "./held-key.ts";
import { startWorkload, type Workload, type WorkloadCounts } from "./workload.ts";

export interface GroupOptions {
  readonly clock: Clock;
  readonly members: readonly { readonly name: string; readonly secretId: string }[];
  readonly read: (secretId: string) => Promise<Pick<SecretValue, "apiKey" | "keyId">>;
  readonly request: (apiKey: string) => Promise<Response>;
  readonly everyMs: number;
  /** How long a key that was just read is used. */
  readonly holdMs: () => number;
  /** Told of a request that failed: whose, why, and with which key. */
  readonly onFailure: (reason: string) => void;
}

const sum = (counts: readonly WorkloadCounts[]): WorkloadCounts => {
  const of = (name: keyof WorkloadCounts): number => counts.reduce((total, one) => total + one[name], 0);
  return { requests: of("requests"), failures: of("failures"), throttled: of("throttled") };
};

/** Workloads of one vendor that run side by side, each on its own key. Their counts are those of all. */
export const startGroup = ({ members, read, onFailure, holdMs, ...common }: GroupOptions): Workload => {
  const workloads = members.map(({ name, secretId }) => {
    const held = createHeldKey({ clock: common.clock, read: () => read(secretId), holdMs });
    return startWorkload({
      ...common,
      readKey: held.key,
      cacheMs: 0,
      onCounts: (_, failure) => failure && onFailure(`${name}: ${failure}, with ${held.description()}`),
    });
  });
  return {
    counts: () => sum(workloads.map((workload) => workload.counts())),
    stop: async () => void (await Promise.all(workloads.map((workload) => workload.stop()))),
  };
};
