import * as z from "zod";
import type { Clock } from "../../lambdas/clock.ts";
import { timeOf, updated } from "./field-owners.ts";
import { type JsonObject, leavesOf, objectOnce } from "./json.ts";
import type { ObjectStore, Place } from "./object-store.ts";

/*
 * The External Secrets Operator, as far as a target of Keyturn needs it. Written from its documentation, v1.3 (API:
 * ExternalSecret; Provider: AWS Secrets Manager), and from Kubernetes' conventions for conditions. Leaves out: stores and their
 * authentication, templates, `dataFrom`, decoding, every policy but `Owner`, and backing off.
 */
const schema = z.object({
  refreshInterval: z.string().regex(/^\d+s$/),
  target: z.object({ name: z.string() }),
  data: z.array(
    z.object({
      secretKey: z.string(),
      remoteRef: z.object({ key: z.string(), property: z.string(), version: z.string().startsWith("uuid/") }),
    }),
  ),
});
type Spec = z.output<typeof schema>;

export interface OperatorOptions {
  readonly clock: Clock;
  readonly store: ObjectStore;
  /** Reads one version of a secret in Secrets Manager; `undefined`: there is none. */
  readonly readVersion: (secretName: string, versionId: string) => Promise<string | undefined>;
  /** How long after a change of an ExternalSecret the operator has read the values, in milliseconds. */
  readonly delayMs: number;
}

const RESOURCE = "externalsecrets";
const MANAGER = "externalsecrets.external-secrets.io";

type Values = Readonly<Record<string, string>>;

export class ExternalSecretsOperator {
  readonly #options: OperatorOptions;
  /** Counts what was asked for of each ExternalSecret, so that what was asked before is dropped. */
  readonly #latest = new Map<string, number>();
  readonly #seen = new Map<string, string>();
  /** By the name of an ExternalSecret, that of the Secret which it owns. */
  readonly #written = new Map<string, string>();

  constructor(options: OperatorOptions) {
    this.#options = options;
    options.store.onChange((place, stored) => {
      if (place.resource !== RESOURCE) return;
      if (!stored) return this.#forget(place);
      const { metadata, spec } = objectOnce(stored.leaves);
      const text = JSON.stringify([metadata, spec]);
      if (this.#seen.get(place.name) === text) return;
      this.#seen.set(place.name, text);
      void this.#syncAfter(place, options.delayMs);
    });
  }

  /** Kubernetes deletes what an object owned together with it ("Garbage Collection"). */
  #forget({ namespace, name }: Place): void {
    const { store } = this.#options;
    this.#latest.delete(name);
    this.#seen.delete(name);
    store.delete({ resource: "secrets", namespace, name: this.#written.get(name) ?? name });
  }

  async #syncAfter(place: Place, delayMs: number): Promise<void> {
    const { clock, store } = this.#options;
    const mine = (this.#latest.get(place.name) ?? 0) + 1;
    this.#latest.set(place.name, mine);
    await clock.sleep(delayMs);
    const stored = store.get(place);
    if (!stored || this.#latest.get(place.name) !== mine) return;
    const spec = schema.parse(objectOnce(stored.leaves).spec);
    await this.#sync(place, spec);
    void this.#syncAfter(place, Number(spec.refreshInterval.slice(0, -1)) * 1_000);
  }

  async #sync(place: Place, spec: Spec): Promise<void> {
    const values: Record<string, string> = {};
    for (const { secretKey, remoteRef } of spec.data) {
      const value = await this.#read(remoteRef);
      if (value === undefined) return this.#tell(place, false);
      values[secretKey] = Buffer.from(value).toString("base64");
    }
    this.#write(place, spec, values);
    this.#tell(place, true);
  }

  async #read({ key, property, version }: Spec["data"][number]["remoteRef"]): Promise<string | undefined> {
    const text = await this.#options.readVersion(key, version.slice("uuid/".length));
    const value = text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>)[property];
    return typeof value === "string" ? value : undefined;
  }

  /** The whole Secret is the operator's: what is not among the values goes. */
  #write({ namespace, name }: Place, { target }: Spec, values: Values): void {
    const { clock, store } = this.#options;
    const place = { resource: "secrets", namespace, name: target.name };
    const ownerReferences = [{ apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name, controller: true }];
    const wanted = leavesOf({ metadata: { ownerReferences }, data: values });
    const live = store.get(place) ?? { leaves: new Map(), owners: [] };
    const next = updated(live, wanted, { manager: MANAGER, nowMs: clock.now() });
    this.#written.set(name, target.name);
    store.write(place, { apiVersion: "v1", kind: "Secret" }, next);
  }

  #tell(place: Place, isSynced: boolean): void {
    const time = timeOf(this.#options.clock.now());
    const ready: JsonObject = isSynced
      ? { type: "Ready", status: "True", reason: "SecretSynced", message: "secret synced", lastTransitionTime: time }
      : { type: "Ready", status: "False", reason: "SecretSyncedError", message: "could not get secret data" };
    this.#options.store.writeStatus(place, { refreshTime: time, conditions: [ready] });
  }
}
