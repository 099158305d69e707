import { isCompromised, marks, PREVIOUS, versionWith } from "../../lambdas/contracts/labels.ts";
import { ANNOTATIONS, newKeyOf, oldKeyOf } from "../../lambdas/targets/kubernetes/names.ts";
import { type SecretView, type StoredKey, storedIn } from "../stage/secret-view.ts";
import { MINUTE_MS } from "../stage/settings.ts";
import type { Stage } from "../stage/stage.ts";
import type { KitCluster } from "../target/kit-cluster.ts";
import { KEY_VARIABLE } from "../target/kit-workload.ts";
import { DATA_KEY, NAMESPACE, resourceFor } from "../target/target.ts";

interface Current {
  readonly versionId: string;
  readonly stored: StoredKey;
}

interface Status {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
}

/** Two passes of reconcile: by then what was not written as it is to be has been written anew. */
const REPAIRED_MS = 12 * MINUTE_MS;

/** Watches what truly is in the cluster, past all that Keyturn reads of it. */
export class TargetWitness {
  readonly #stage: Stage;
  readonly #cluster: KitCluster;
  #withoutOldSinceMs: number | undefined;
  #held: string | undefined;
  /** Values that were current, in the order in which they first were. */
  readonly #values: string[] = [];

  constructor(stage: Stage, cluster: KitCluster) {
    this.#stage = stage;
    this.#cluster = cluster;
  }

  /** @param isActive whether the vendor takes a key, by its id */
  async observe(
    view: SecretView | undefined,
    current: Current | undefined,
    isActive: (keyId: string) => boolean,
  ): Promise<void> {
    if (!view || view.isDeleted || !current) return;
    this.#seeValue(current);
    await this.#seeOld(view, current, isActive);
  }

  /** Why the target has not adopted the current key; `undefined`: it has. */
  notAdopted({ stored }: Current): string | undefined {
    const data = this.#cluster.data();
    if (data?.[DATA_KEY] !== stored.apiKey) return "the Secret does not hold its value";
    const other = this.#cluster
      .pods()
      .find(({ environment }) => environment && environment[KEY_VARIABLE] !== stored.apiKey);
    return other && `the pod ${other.name} runs another value`;
  }

  /** What still keeps the target from being at rest: one sentence each. */
  unrest(current: Current): readonly string[] {
    const found: string[] = [];
    const behind = this.notAdopted(current);
    if (behind !== undefined) found.push(`the target has not adopted ${current.stored.keyId}: ${behind}`);
    const data = this.#cluster.data() ?? {};
    if (data[newKeyOf(DATA_KEY)] !== current.stored.apiKey) found.push(`${newKeyOf(DATA_KEY)} has another value`);
    if (oldKeyOf(DATA_KEY) in data) found.push(`${oldKeyOf(DATA_KEY)} is left over`);
    const written = this.#cluster.annotation(resourceFor(this.#stage.vendor), ANNOTATIONS.version);
    if (written !== current.versionId) found.push("the target says another version");
    if (!this.#isRolledOut()) found.push("its workload is not rolled out");
    return found;
  }

  #isRolledOut(): boolean {
    const object = this.#cluster.object("deployments", NAMESPACE, "web");
    const { generation } = (object?.metadata ?? {}) as { generation?: number };
    const { replicas } = (object?.spec ?? {}) as { replicas?: number };
    const status = (object?.status ?? {}) as Status;
    const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
    return status.observedGeneration === generation && counts.every((count) => count === replicas);
  }

  /** An older value never comes over the current one; where a person moves AWSCURRENT back, which is older is a matter of time. */
  #seeValue({ stored }: Current): void {
    const before = this.#held;
    this.#held = this.#cluster.data()?.[DATA_KEY];
    if (!this.#values.includes(stored.apiKey)) this.#values.push(stored.apiKey);
    const isMovedBack = this.#values.at(-1) !== stored.apiKey;
    const isOlder = this.#held !== undefined && this.#values.slice(0, -1).includes(this.#held);
    if (isMovedBack || before !== stored.apiKey || !isOlder) return;
    this.#stage.trace.violation("an older value never replaces a newer one", "the Secret had the current value before");
  }

  /** In the overlap the Secret holds the replaced value, too. */
  async #seeOld(view: SecretView, current: Current, isActive: (keyId: string) => boolean): Promise<void> {
    const data = this.#cluster.data();
    const previous = versionWith(view.stages, PREVIOUS);
    const labels = view.stages[previous ?? ""] ?? [];
    const isOverlap = marks("retiring", labels).length > 0 && !isCompromised(labels);
    const old = previous !== undefined && isOverlap ? await storedIn(this.#stage, previous) : undefined;
    const isMissing =
      old !== undefined &&
      isActive(old.keyId) &&
      data?.[DATA_KEY] === current.stored.apiKey &&
      data[oldKeyOf(DATA_KEY)] !== old.apiKey;
    const nowMs = this.#stage.clock.now();
    this.#withoutOldSinceMs = isMissing ? (this.#withoutOldSinceMs ?? nowMs) : undefined;
    const sinceMs = Math.max(this.#withoutOldSinceMs ?? nowMs, this.#stage.backMs());
    if (isMissing && nowMs > sinceMs + REPAIRED_MS)
      this.#stage.trace.violation(
        "in the overlap a target has the old value, too",
        `${old.keyId} is active and not in it`,
      );
  }
}
