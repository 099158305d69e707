import type { Clock } from "../../lambdas/clock.ts";
import { type DeploymentSpec, deploymentSpecOf } from "./deployment-spec.ts";
import { timeOf } from "./field-owners.ts";
import { type JsonObject, objectOnce } from "./json.ts";
import type { ObjectStore, Place } from "./object-store.ts";
import type { Pod, Pods } from "./pods.ts";

/*
 * The controller of Deployments. Written from the Kubernetes documentation of Deployments ("Rolling Update Deployment",
 * "Deployment status", "Progress Deadline Seconds", "Pausing and Resuming") and of ReplicaSets ("Scaling down"). ReplicaSets are
 * no objects here: a pod knows its Deployment and its template. Leaves out: the strategy Recreate, minReadySeconds, rollbacks,
 * fewer replicas than before, and the deletion of a Deployment.
 */
interface Progress {
  /** The latest moment at which a pod was made, became ready or went. */
  atMs: number;
  text: string;
  /** The deadline for progress is over. */
  isOver: boolean;
}

const isReady = ({ readyMs, deletedMs }: Pod): boolean => readyMs !== undefined && deletedMs === undefined;

interface Look {
  readonly place: Place;
  readonly spec: DeploymentSpec;
  /** Pods of the latest template and of older ones, without those that are being deleted. */
  readonly fresh: readonly Pod[];
  readonly old: readonly Pod[];
  readonly available: number;
}

const isComplete = ({ spec, fresh, old, available }: Look): boolean =>
  fresh.length === spec.replicas && old.length === 0 && available >= spec.replicas;

export class Deployments {
  readonly #clock: Clock;
  readonly #store: ObjectStore;
  readonly #pods: Pods;
  readonly #awaited = new Set<string>();
  readonly #progress = new Map<string, Progress>();

  /** @param delayMs how long after a change the controller sees it */
  constructor(clock: Clock, store: ObjectStore, pods: Pods, delayMs: number) {
    this.#clock = clock;
    this.#store = store;
    this.#pods = pods;
    store.onChange((place) => {
      if (place.resource === "deployments") void this.#look(place, delayMs);
    });
    pods.onPod(({ namespace, deployment }) => {
      void this.#look({ resource: "deployments", namespace, name: deployment }, delayMs);
    });
  }

  async #look(place: Place, afterMs: number): Promise<void> {
    const key = `${place.namespace}/${place.name} ${afterMs}`;
    if (this.#awaited.has(key)) return;
    this.#awaited.add(key);
    await this.#clock.sleep(afterMs);
    this.#awaited.delete(key);
    this.#tend(place);
  }

  #see(place: Place): Look | undefined {
    const stored = this.#store.get(place);
    if (!stored) return undefined;
    const spec = deploymentSpecOf(objectOnce(stored.leaves));
    const { namespace, name } = place;
    const mine = this.#pods
      .all()
      .filter((pod) => pod.namespace === namespace && pod.deployment === name && pod.deletedMs === undefined);
    const fresh = mine.filter(({ templateHash }) => templateHash === spec.templateHash);
    const old = mine.filter((pod) => !fresh.includes(pod));
    return { place, spec, fresh, old, available: mine.filter(isReady).length };
  }

  #tend(place: Place): void {
    let look = this.#see(place);
    while (look && this.#roll(look)) look = this.#see(place);
    if (look) this.#tell(look);
  }

  /** One step of a rollout. True when something was done. */
  #roll({ place, spec, fresh, old, available }: Look): boolean {
    const { namespace, name: deployment } = place;
    const { replicas, template, templateHash } = spec;
    if (spec.paused) return false;
    const room = replicas + spec.surge - fresh.length - old.length;
    if (fresh.length < replicas && room > 0) {
      this.#pods.create({ namespace, deployment, template, templateHash });
      return true;
    }
    const leastAvailable = replicas - spec.unavailable;
    const unready = fresh.filter((pod) => !isReady(pod)).length;
    const mayGo = fresh.length + old.length - leastAvailable - unready;
    // Those that do not run go first; of the others the newest.
    const failing = old.find((pod) => !isReady(pod));
    const next = failing ?? (available > leastAvailable ? old.at(-1) : undefined);
    if (!next || mayGo <= 0) return false;
    this.#pods.delete(next.name);
    return true;
  }

  #tell(look: Look): void {
    const { place, spec, fresh, old, available } = look;
    const stored = this.#store.get(place);
    if (!stored) return;
    this.#store.writeStatus(place, {
      observedGeneration: stored.generation,
      replicas: fresh.length + old.length,
      updatedReplicas: fresh.length,
      readyReplicas: available,
      availableReplicas: available,
      unavailableReplicas: Math.max(0, spec.replicas - available),
      conditions: [this.#progressing(look)],
    });
  }

  #progressing(look: Look): JsonObject {
    const { place, spec } = look;
    const nowMs = this.#clock.now();
    const progress = this.#progressOf(look);
    const condition = (status: string, reason: string): JsonObject => ({
      type: "Progressing",
      status,
      reason,
      lastTransitionTime: timeOf(progress.atMs),
    });
    if (isComplete(look)) return condition("True", "NewReplicaSetAvailable");
    if (progress.isOver) return condition("False", "ProgressDeadlineExceeded");
    if (spec.paused) return condition("Unknown", "DeploymentPaused");
    void this.#look(place, progress.atMs + spec.progressDeadlineMs - nowMs);
    return condition("True", "ReplicaSetUpdated");
  }

  /** A Deployment that is paused after its deadline stays so. */
  #progressOf({ place, spec, fresh, old, available }: Look): Progress {
    const nowMs = this.#clock.now();
    const text = JSON.stringify([spec.templateHash, fresh.length, old.length, available]);
    const key = `${place.namespace}/${place.name}`;
    const known = this.#progress.get(key);
    const isKnown = known && (known.text === text || (spec.paused && known.isOver));
    const progress = isKnown ? known : { atMs: nowMs, text, isOver: false };
    if (!spec.paused && nowMs >= progress.atMs + spec.progressDeadlineMs) progress.isOver = true;
    this.#progress.set(key, progress);
    return progress;
  }
}
