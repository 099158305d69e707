import type { Clock } from "../../lambdas/clock.ts";
import type { PodTemplate } from "./deployment-spec.ts";
import { environmentOf, type ReadSecretData, type Waiting } from "./environment.ts";

/** How long what a node does takes, in milliseconds. */
export interface NodeTimes {
  /** From a pod's making until its containers start, its image pulled. @default 2,000 */
  readonly startMs?: number;
  /** From then until it is ready. @default 1,000 */
  readonly readyMs?: number;
  /** From its deletion until it is gone, at most its grace period. @default 0 */
  readonly stopMs?: number;
  /** How soon containers that could not start are tried again. @default 10,000 */
  readonly retryMs?: number;
}

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  /** Of the Deployment that it belongs to. */
  readonly deployment: string;
  readonly templateHash: string;
  readonly template: PodTemplate;
  readonly createdMs: number;
  /** The variables that its container started with; absent: it has not started. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly startedMs?: number;
  readonly readyMs?: number;
  readonly waiting?: Waiting;
  /** When it was to be gone, by its grace period, once its deletion was asked for. */
  readonly deletedMs?: number;
}

export type PodEvent = "started" | "waiting" | "ready" | "stopping" | "gone";
export type PodListener = (pod: Pod, event: PodEvent) => void;

export interface PodsOptions {
  readonly clock: Clock;
  readonly times: NodeTimes;
  readonly readSecretData: ReadSecretData;
  /** Why an image cannot be pulled. @default each can */
  readonly imageFault?: (image: string) => string | undefined;
}

const DEFAULTS: Required<NodeTimes> = { startMs: 2_000, readyMs: 1_000, stopMs: 0, retryMs: 10_000 };

const pullFault = ({ spec }: PodTemplate, imageFault: (image: string) => string | undefined): Waiting | undefined => {
  for (const { image } of spec.containers) {
    const reason = imageFault(image);
    if (reason !== undefined) return { reason, message: `failed to pull and unpack image "${image}": not found` };
  }
  return undefined;
};

/** The pods of a cluster, and the nodes that run them. */
export class Pods {
  readonly #options: PodsOptions;
  readonly #times: Required<NodeTimes>;
  readonly #pods = new Map<string, Pod>();
  readonly #listeners: PodListener[] = [];
  #made = 0;

  constructor(options: PodsOptions) {
    this.#options = options;
    this.#times = { ...DEFAULTS, ...options.times };
  }

  onPod(listener: PodListener): void {
    this.#listeners.push(listener);
  }

  /** All of them, in the order in which they were made. */
  all(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  create(owner: Pick<Pod, "namespace" | "deployment" | "templateHash" | "template">): void {
    const suffix = (++this.#made).toString(36).padStart(5, "0");
    const name = `${owner.deployment}-${owner.templateHash}-${suffix}`;
    this.#pods.set(name, { ...owner, name, createdMs: this.#options.clock.now() });
    void this.#start(name, this.#times.startMs);
  }

  /** Deletes a pod as a controller does. One that runs nothing is gone at once. */
  delete(name: string): void {
    const pod = this.#pods.get(name);
    if (!pod || pod.deletedMs !== undefined) return;
    const graceMs = pod.template.spec.terminationGracePeriodSeconds * 1_000;
    const stopMs = pod.environment ? Math.min(this.#times.stopMs, graceMs) : 0;
    this.#change({ ...pod, deletedMs: this.#options.clock.now() + graceMs }, "stopping");
    void this.#after(stopMs, () => this.#end(name));
  }

  async #after(durationMs: number, act: () => void): Promise<void> {
    await this.#options.clock.sleep(durationMs);
    act();
  }

  async #start(name: string, afterMs: number): Promise<void> {
    await this.#options.clock.sleep(afterMs);
    const pod = this.#pods.get(name);
    if (!pod || pod.deletedMs !== undefined) return;
    const { clock, imageFault = () => undefined, readSecretData } = this.#options;
    const waiting = pullFault(pod.template, imageFault);
    const read = waiting ? { waiting } : environmentOf(pod, readSecretData);
    if ("waiting" in read) {
      if (JSON.stringify(read.waiting) !== JSON.stringify(pod.waiting)) this.#change({ ...pod, ...read }, "waiting");
      return this.#start(name, this.#times.retryMs);
    }
    const { waiting: _, ...started } = pod;
    this.#change({ ...started, ...read, startedMs: clock.now() }, "started");
    await this.#after(this.#times.readyMs, () => {
      const running = this.#pods.get(name);
      if (running && running.deletedMs === undefined) this.#change({ ...running, readyMs: clock.now() }, "ready");
    });
  }

  #end(name: string): void {
    const pod = this.#pods.get(name);
    this.#pods.delete(name);
    if (pod) this.#tell(pod, "gone");
  }

  #change(pod: Pod, event: PodEvent): void {
    this.#pods.set(pod.name, pod);
    this.#tell(pod, event);
  }

  #tell(pod: Pod, event: PodEvent): void {
    for (const listener of this.#listeners) listener(pod, event);
  }
}
