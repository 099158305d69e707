import type { Clock } from "../../lambdas/clock.ts";
import {
  accepts,
  factsOf,
  type KeyDetails,
  type KeyRecord,
  type KeySnapshot,
  noteUse,
  type Reporting,
  snapshotAt,
} from "./key-record.ts";
import type { KeyFacts } from "./simulator.ts";

export interface KeyStoreSettings extends Reporting {
  readonly clock: Clock;
  readonly propagationMs: number;
  readonly revocationMs: number;
  /** Whether a revoked key stays in the lists. */
  readonly revokedKeysListed: boolean;
}

export interface KeyDraft extends KeyDetails {
  readonly id: string;
  readonly value: string;
  readonly organizationId: string;
  /** @default the settings' propagation */
  readonly propagationMs?: number;
  /** By the vendor's clock. @default now */
  readonly shownCreatedAtMs?: number;
}

/** Every key that a vendor ever made, in the order of their making. Nothing is ever forgotten: deleting only marks. */
export class KeyStore {
  #settings: KeyStoreSettings;
  #listsStopAtMs = Number.POSITIVE_INFINITY;
  readonly #byId = new Map<string, KeyRecord>();
  readonly #byValue = new Map<string, KeyRecord>();

  constructor(settings: KeyStoreSettings) {
    this.#settings = settings;
  }

  issue(draft: KeyDraft): KeyRecord {
    const { clock, clockSkewMs, propagationMs } = this.#settings;
    const nowMs = clock.now();
    const key: KeyRecord = {
      id: draft.id,
      value: draft.value,
      organizationId: draft.organizationId,
      createdAtMs: nowMs,
      shownCreatedAtMs: draft.shownCreatedAtMs ?? nowMs + clockSkewMs,
      worksFromMs: nowMs + (draft.propagationMs ?? propagationMs),
      details: [{ name: draft.name, access: draft.access, expiresAtMs: draft.expiresAtMs, sinceMs: nowMs }],
      revokedAtMs: null,
      refusedFromMs: null,
      deletedAtMs: null,
      inUse: false,
      lastUsedAtMs: null,
      usedAtMs: [],
      requests: 0,
      denied: 0,
    };
    this.#byId.set(key.id, key);
    this.#byValue.set(key.value, key);
    return key;
  }

  withId(id: string): KeyRecord | undefined {
    return this.#byId.get(id);
  }

  withValue(value: string): KeyRecord | undefined {
    return this.#byValue.get(value);
  }

  accepts(key: KeyRecord): boolean {
    return accepts(key, this.#settings.clock.now(), this.#settings.clockSkewMs);
  }

  change(key: KeyRecord, details: KeyDetails): void {
    key.details.push({ ...details, sinceMs: this.#settings.clock.now() });
  }

  /** Revokes at once for every list, and for the key's own calls after the settings' delay. A second time changes nothing. */
  revoke(key: KeyRecord): void {
    if (key.revokedAtMs !== null) return;
    key.revokedAtMs = this.#settings.clock.now();
    key.refusedFromMs = key.revokedAtMs + this.#settings.revocationMs;
    if (!this.#settings.revokedKeysListed) this.remove(key);
  }

  /** Takes the key out of every list from now on. */
  remove(key: KeyRecord): void {
    key.deletedAtMs ??= this.#settings.clock.now();
  }

  /** Lets a key be used all the time. */
  keepInUse(id: string, inUse: boolean): void {
    const key = this.#byId.get(id);
    if (key) key.inUse = inUse;
  }

  noteUse(key: KeyRecord): void {
    noteUse(key, this.#settings.clock.now(), this.#settings);
  }

  /** No use after `atMs` shows. Infinity: all do again, those in between too. */
  stopUsage(atMs: number): void {
    this.#settings = { ...this.#settings, usageStopsAtMs: atMs };
  }

  /** What changes at `atMs` or later does not show in lists. Infinity: they show again what is. */
  stopLists(atMs: number): void {
    this.#listsStopAtMs = atMs - 1;
  }

  /** All keys as a list shows them that was made `ageMs` ago, oldest first. */
  listed(ageMs: number): readonly KeySnapshot[] {
    const nowMs = this.#settings.clock.now();
    return this.snapshots(Math.max(ageMs, nowMs - this.#listsStopAtMs));
  }

  /** A key as the vendor would tell of it now; undefined once it is deleted. */
  snapshot(key: KeyRecord): KeySnapshot | undefined {
    return snapshotAt(key, this.#settings.clock.now(), this.#settings);
  }

  /** All keys as the vendor told of them `ageMs` ago, oldest first. */
  snapshots(ageMs = 0): readonly KeySnapshot[] {
    const atMs = this.#settings.clock.now() - ageMs;
    return [...this.#byId.values()].flatMap((key) => snapshotAt(key, atMs, this.#settings) ?? []);
  }

  facts(): readonly KeyFacts[] {
    return [...this.#byId.values()].map((key) => factsOf(key, this.#settings.clock.now(), this.#settings.clockSkewMs));
  }

  values(): readonly string[] {
    return [...this.#byValue.keys()];
  }
}
