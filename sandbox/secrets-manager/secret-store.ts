import { type Moment, remember, stateAt } from "./history.ts";
import { arnSuffix } from "./random-ids.ts";
import type { Labels, Secret } from "./secret.ts";
import { markedForDeletion, secretNotFound } from "./service-error.ts";
import type { Surroundings } from "./surroundings.ts";

const emptySecret = (arn: string, name: string, sequence: number, nowMs: number): Secret => ({
  arn,
  name,
  sequence,
  createdMs: nowMs,
  versions: new Map(),
  labels: new Map(),
  labelHistory: [],
  description: undefined,
  kmsKeyId: undefined,
  tags: undefined,
  lastChangedMs: nowMs,
  lastAccessedDayMs: undefined,
  deletion: undefined,
  rotation: undefined,
  attempt: undefined,
  policy: undefined,
  replicas: [],
});

/** The secrets of one account and region. Those whose deletion window is over vanish by themselves. */
export class SecretStore {
  /** What every ARN of this account and region begins with; the name and six characters follow. */
  readonly arnPrefix: string;
  readonly #world: Surroundings;
  readonly #byName = new Map<string, Secret>();
  readonly #byArn = new Map<string, Secret>();
  readonly #past = new Map<string, readonly Moment<Secret | undefined>[]>();
  #sequence = 0;

  constructor(world: Surroundings) {
    this.#world = world;
    this.arnPrefix = `arn:aws:secretsmanager:${world.region}:${world.accountId}:secret:`;
  }

  /** By name, ARN, or ARN without its last hyphen and six characters. */
  find(secretId: string): Secret | undefined {
    const name = secretId.startsWith(this.arnPrefix) ? secretId.slice(this.arnPrefix.length) : secretId;
    return this.#unlessExpired(this.#byArn.get(secretId) ?? this.#byName.get(name));
  }

  /** @throws ResourceNotFoundException */
  required(secretId: string): Secret {
    const secret = this.find(secretId);
    if (!secret) throw secretNotFound();
    return secret;
  }

  /** @throws ResourceNotFoundException, or InvalidRequestException when the secret is marked for deletion */
  active(secretId: string): Secret {
    const secret = this.required(secretId);
    if (secret.deletion) throw markedForDeletion();
    return secret;
  }

  /** Adds an empty secret. The name must be free. */
  add(name: string): Secret {
    const arn = `${this.arnPrefix}${name}-${arnSuffix(this.#world.random)}`;
    const secret = emptySecret(arn, name, this.#sequence++, this.#world.clock.now());
    this.#byName.set(name, secret);
    this.#byArn.set(arn, secret);
    return secret;
  }

  remove(secret: Secret): void {
    this.#byName.delete(secret.name);
    this.#byArn.delete(secret.arn);
    this.#recordForLists(secret.arn, undefined);
  }

  has(secret: Secret): boolean {
    return this.#unlessExpired(this.#byArn.get(secret.arn)) === secret;
  }

  /** In the order of creation. */
  all(): Secret[] {
    return [...this.#byArn.values()].filter((secret) => this.#unlessExpired(secret) !== undefined);
  }

  /** As ListSecrets sees them: late by `listLagMs`, in the order of creation. */
  listed(): Secret[] {
    const present = this.all();
    const { clock, parameters } = this.#world;
    if (parameters.listLagMs === 0) return present;
    const seenMs = clock.now() - parameters.listLagMs;
    return [...this.#past.values()].flatMap((history) => stateAt(history, seenMs) ?? []);
  }

  /** To be called after every change but a read: sets LastChangedDate. */
  changed(secret: Secret): void {
    secret.lastChangedMs = this.#world.clock.now();
    this.#recordForLists(secret.arn, { ...secret });
  }

  setLabels(secret: Secret, labels: Labels): void {
    secret.labels = labels;
    const { clock, parameters } = this.#world;
    if (parameters.labelLagMs === 0) return;
    const nowMs = clock.now();
    secret.labelHistory = remember(secret.labelHistory, { atMs: nowMs, state: labels }, nowMs - parameters.labelLagMs);
  }

  /** The labels as GetSecretValue sees them: late by `labelLagMs`. */
  seenLabels(secret: Secret): Labels {
    const { clock, parameters } = this.#world;
    if (parameters.labelLagMs === 0) return secret.labels;
    return stateAt(secret.labelHistory, clock.now() - parameters.labelLagMs) ?? new Map();
  }

  #recordForLists(arn: string, state: Secret | undefined): void {
    const { clock, parameters } = this.#world;
    if (parameters.listLagMs === 0) return;
    const nowMs = clock.now();
    const history = this.#past.get(arn) ?? [];
    this.#past.set(arn, remember(history, { atMs: nowMs, state }, nowMs - parameters.listLagMs));
  }

  #unlessExpired(secret: Secret | undefined): Secret | undefined {
    if (!secret?.deletion || secret.deletion.endMs > this.#world.clock.now()) return secret;
    this.remove(secret);
    return undefined;
  }
}
