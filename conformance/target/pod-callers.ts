import type { Pod } from "../../sandbox/cluster/pods.ts";
import { startWorkload, type Workload } from "../../sandbox/workload/workload.ts";
import type { Exceptions } from "../promises/exceptions.ts";
import { WORKLOAD_CALL_MS } from "../stage/settings.ts";
import type { Stage } from "../stage/stage.ts";
import { keyIdWith, workloadRequest } from "../stage/workload-request.ts";
import type { KitCluster } from "./kit-cluster.ts";
import { KEY_VARIABLE } from "./kit-workload.ts";

/**
 * The pods of the target's workload, as callers of the vendor: each with the value that it was started with, all the time. One that
 * is to end finishes its work in silence, and calls once more right before it is gone: only adoption keeps its key alive.
 */
export class PodCallers {
  readonly #stage: Stage;
  readonly #cluster: KitCluster;
  readonly #exceptions: () => Exceptions;
  readonly #calling = new Map<string, Workload>();
  readonly #request: (value: string) => Promise<Response>;
  #isOn = false;
  /** All requests so far. */
  requests = 0;

  constructor(stage: Stage, cluster: KitCluster, exceptions: () => Exceptions) {
    this.#stage = stage;
    this.#cluster = cluster;
    this.#exceptions = exceptions;
    this.#request = workloadRequest(stage);
    cluster.onPod((pod, event) => {
      if (!this.#isOn) return;
      if (event === "started") this.#start(pod);
      else if (event === "stopping") void this.#stop(pod);
      else if (event === "gone") void this.#callOnceMore(pod);
    });
  }

  start(): void {
    this.#isOn = true;
    for (const pod of this.#cluster.pods()) if (pod.environment && pod.deletedMs === undefined) this.#start(pod);
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    const calling = [...this.#calling.values()];
    this.#calling.clear();
    await Promise.all(calling.map((workload) => workload.stop()));
  }

  /** Which pod holds which key now, by the key's id. */
  holders(): ReadonlyMap<string, string> {
    if (!this.#isOn) return new Map();
    return new Map(
      this.#cluster.pods().flatMap((pod) => {
        const value = pod.environment?.[KEY_VARIABLE];
        return value === undefined ? [] : [[this.#keyIdOf(value), `pod ${pod.name}`]];
      }),
    );
  }

  #keyIdOf(value: string): string {
    return keyIdWith(this.#stage, value) ?? "a value that no vendor issued";
  }

  #start(pod: Pod): void {
    const value = pod.environment?.[KEY_VARIABLE];
    if (value === undefined || this.#calling.has(pod.name)) return;
    const { clock } = this.#stage;
    const onCounts = (_: unknown, failure?: string) => failure !== undefined && this.#failed(pod, failure);
    const workload = startWorkload({
      clock,
      readKey: async () => value,
      request: (apiKey) => this.#send(apiKey),
      everyMs: WORKLOAD_CALL_MS,
      cacheMs: Number.POSITIVE_INFINITY,
      onCounts,
    });
    this.#calling.set(pod.name, workload);
  }

  #send(value: string): Promise<Response> {
    this.requests++;
    return this.#request(value);
  }

  async #stop({ name }: Pod): Promise<void> {
    const workload = this.#calling.get(name);
    this.#calling.delete(name);
    await workload?.stop();
  }

  async #callOnceMore(pod: Pod): Promise<void> {
    const value = pod.environment?.[KEY_VARIABLE];
    if (value === undefined) return;
    const answer = await this.#send(value);
    if (!answer.ok && answer.status !== 429) this.#failed(pod, `its last call was answered ${answer.status}`);
  }

  /** Whoever holds a key that is to be revoked first, or that a person revoked, is cut off. A replacement is waited for else. */
  #failed({ name, environment }: Pod, failure: string): void {
    const keyId = this.#keyIdOf(environment?.[KEY_VARIABLE] ?? "");
    const { compromised, revokedByHand } = this.#exceptions();
    if (compromised.get(keyId) === "first" || revokedByHand.has(keyId)) return;
    this.#stage.trace.violation("no request fails", `the pod ${name}, which holds ${keyId}: ${failure}`);
  }
}
