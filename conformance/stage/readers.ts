import { startWorkload, type Workload } from "../../sandbox/workload/workload.ts";
import type { Exceptions } from "../promises/exceptions.ts";
import { PodCallers } from "../target/pod-callers.ts";
import { SECRET_NAME } from "./declared.ts";
import type { StoredKey } from "./secret-view.ts";
import { PROMPT_READER_MS, SLOW_READER_MS, WORKLOAD_CALL_MS } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { workloadRequest } from "./workload-request.ts";

const READERS = { "prompt workload": PROMPT_READER_MS, "slow workload": SLOW_READER_MS } as const;

/** What a workload holds that has read nothing yet, or a value that does not say its key's id. */
const NO_KEY_ID = "nothing with an id";

/** The workloads that live on the managed key: the pods of its target, or such that read its secret. These read its secret, keep what they read for a while, and call with it all the time. */
export class Readers {
  readonly #stage: Stage;
  readonly #exceptions: () => Exceptions;
  readonly #held = new Map<string, string>();
  /** In place of them where the key has a target. */
  readonly #pods: PodCallers | undefined;
  #workloads: readonly Workload[] = [];

  constructor(stage: Stage, exceptions: () => Exceptions) {
    this.#stage = stage;
    this.#exceptions = exceptions;
    this.#pods = stage.cluster && new PodCallers(stage, stage.cluster, exceptions);
  }

  start(): void {
    if (this.#pods) this.#pods.start();
    else this.#workloads = Object.entries(READERS).map(([name, cacheMs]) => this.#startOne(name, cacheMs));
  }

  /** One more workload, which reads the secret now and then every `cacheMs`. */
  startAnother(name: string, cacheMs: number): void {
    this.#workloads = [...this.#workloads, this.#startOne(name, cacheMs)];
  }

  /** All requests so far. */
  get requests(): number {
    return this.#workloads.reduce((sum, workload) => sum + workload.counts().requests, this.#pods?.requests ?? 0);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#pods?.stop(), ...this.#workloads.map((workload) => workload.stop())]);
    this.#held.clear();
  }

  /** Which workload holds which key now, by the key's id. */
  holders(): ReadonlyMap<string, string> {
    return new Map([
      ...(this.#pods?.holders() ?? []),
      ...[...this.#held].map(([name, keyId]) => [keyId, name] as const),
    ]);
  }

  #startOne(name: string, cacheMs: number): Workload {
    const { clock, aws } = this.#stage;
    const readKey = async (): Promise<string> => {
      const { SecretString } = await aws<{ SecretString: string }>("GetSecretValue", { SecretId: SECRET_NAME });
      const { apiKey, keyId } = JSON.parse(SecretString) as StoredKey;
      this.#held.set(name, keyId ?? NO_KEY_ID);
      return apiKey;
    };
    const onCounts = (_: unknown, failure?: string) => failure !== undefined && this.#failed(name, failure);
    const request = workloadRequest(this.#stage);
    return startWorkload({ clock, readKey, request, everyMs: WORKLOAD_CALL_MS, cacheMs, onCounts });
  }

  /** Whoever holds a key that is compromised, or that a person revoked, is cut off: that is what was asked for. */
  #failed(name: string, failure: string): void {
    const keyId = this.#held.get(name) ?? NO_KEY_ID;
    const { compromised, revokedByHand, retiredUnseen, isSecretAway } = this.#exceptions();
    const isExpected =
      isSecretAway || [compromised, revokedByHand, retiredUnseen].some((excepted) => excepted.has(keyId));
    if (!isExpected) this.#stage.trace.violation("no request fails", `the ${name}, which holds ${keyId}: ${failure}`);
  }
}
