import type { Clock } from "../../lambdas/clock.ts";
import { type FieldOwner, managedFieldsOf, type Owned, timeOf } from "./field-owners.ts";
import { differences, isObject, type JsonObject, leavesOf, objectOnce, pathOf } from "./json.ts";

/** Where an object is. */
export interface Place {
  /** In the plural, as in its path: `secrets`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** An object without what the API server itself writes into it. */
export interface Stored extends Owned {
  readonly apiVersion: string;
  readonly kind: string;
  readonly resourceVersion: number;
  /** Counts the changes of its `spec`. */
  readonly generation: number;
  readonly createdMs: number;
  readonly status?: JsonObject;
}

export type ChangeListener = (place: Place, stored: Stored | undefined) => void;

/** Of `metadata`, what a writer says; the rest is the server's. */
const WRITTEN_METADATA = new Set(["labels", "annotations", "ownerReferences"]);

/** The fields of an object that a writer means. */
export const fieldsOf = (body: JsonObject): JsonObject => {
  const { apiVersion: _, kind: __, status: ___, metadata, ...rest } = body;
  const written = Object.entries(isObject(metadata) ? metadata : {}).filter(([field]) => WRITTEN_METADATA.has(field));
  return { ...rest, metadata: Object.fromEntries(written) };
};

const hasNewSpec = (one: Owned, other: Owned): boolean =>
  differences(one.leaves, other.leaves).some((text) => pathOf(text)[0] === "spec");

const ownersText = (owners: readonly FieldOwner[]): string =>
  JSON.stringify(owners.map(({ manager, operation, paths }) => [manager, operation, [...paths].sort()]).sort());

const textOf = ({ resource, namespace, name }: Place): string => `${resource}/${namespace}/${name}`;

/** etcd's counter stands far from its beginning in any cluster that runs. */
const FIRST_RESOURCE_VERSION = 1_000;

/** The objects of a cluster. */
export class ObjectStore {
  readonly #clock: Clock;
  readonly #objects = new Map<string, Stored>();
  readonly #listeners: ChangeListener[] = [];
  readonly #rendered = new WeakMap<Stored, JsonObject>();
  #resourceVersion = FIRST_RESOURCE_VERSION;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  get(place: Place): Stored | undefined {
    return this.#objects.get(textOf(place));
  }

  /** Makes an object, or changes its fields. What changes nothing leaves its resourceVersion as it is. */
  write(place: Place, type: Pick<Stored, "apiVersion" | "kind">, next: Owned): Stored {
    const live = this.get(place);
    if (
      live &&
      differences(live.leaves, next.leaves).length === 0 &&
      ownersText(live.owners) === ownersText(next.owners)
    )
      return live;
    const generation = live ? live.generation + (hasNewSpec(live, next) ? 1 : 0) : 1;
    const { apiVersion, kind } = type;
    const createdMs = live?.createdMs ?? this.#clock.now();
    return this.#put(place, { ...live, apiVersion, kind, generation, createdMs, ...next });
  }

  /** Writes what a controller says of an object. The same again changes nothing. */
  writeStatus(place: Place, status: JsonObject): void {
    const live = this.get(place);
    if (!live || differences(leavesOf(live.status ?? {}), leavesOf(status)).length === 0) return;
    this.#put(place, { ...live, status });
  }

  delete(place: Place): void {
    if (this.#objects.delete(textOf(place))) this.#tell(place, undefined);
  }

  /** An object as the API server answers it. */
  render(place: Place, stored: Stored): JsonObject {
    const rendered = this.#rendered.get(stored) ?? this.#render(place, stored);
    this.#rendered.set(stored, rendered);
    return rendered;
  }

  #render(place: Place, stored: Stored): JsonObject {
    const { apiVersion, kind, resourceVersion, generation, createdMs, leaves, owners, status } = stored;
    const { metadata, ...fields } = objectOnce(leaves);
    const { namespace, name } = place;
    return {
      apiVersion,
      kind,
      metadata: {
        ...(isObject(metadata) ? metadata : {}),
        name,
        namespace,
        resourceVersion: String(resourceVersion),
        ...(fields.spec === undefined ? {} : { generation }),
        creationTimestamp: timeOf(createdMs),
        managedFields: managedFieldsOf(owners, apiVersion),
      },
      ...fields,
      ...(status ? { status } : {}),
    };
  }

  #put(place: Place, next: Omit<Stored, "resourceVersion">): Stored {
    const stored = { ...next, resourceVersion: ++this.#resourceVersion };
    this.#objects.set(textOf(place), stored);
    this.#tell(place, stored);
    return stored;
  }

  #tell(place: Place, stored: Stored | undefined): void {
    for (const listener of this.#listeners) listener(place, stored);
  }
}
