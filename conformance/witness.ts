import { ownedName } from "../lambdas/contracts/key-name.ts";
import { CURRENT, ownMarks, PENDING } from "../lambdas/contracts/labels.ts";
import type { KeyFacts } from "../sandbox/vendors/simulator.ts";
import { currentIn, type SecretView, type StoredKey, storedIn, viewSecret } from "./secret-view.ts";
import { OVERLAP_MS, QUIET_MS } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { slotLimits } from "./vendors.ts";

/** What a person did that allows more than is allowed else. Each is asserted as such. */
export interface Exceptions {
  /** Compromised keys by their id: `first` ones go before their successor works, others without an overlap. */
  readonly compromised: Map<string, "first" | "replaced first">;
  isDestroyed: boolean;
}

/** A generation that was current once. */
interface Reign {
  readonly keyId: string;
  endedMs: number | undefined;
}

/** Whoever holds a key now, by a name. */
export type Holders = () => ReadonlyMap<string, string>;

const PROMISES = {
  early: "no key is revoked before its successor was verified and promoted",
  evidence: "a key is revoked on evidence",
  held: "a key that workloads may hold is valid",
  promoted: "a generation is verified before it is current",
  slots: "the vendor's slots are never exceeded",
  others: "the user's other keys are not touched",
} as const;

/** Watches what truly is, at the vendor and in the secret, and tells of every promise that is broken. */
export class Witness {
  readonly #stage: Stage;
  readonly #holders: Holders;
  readonly exceptions: Exceptions = { compromised: new Map(), isDestroyed: false };
  #keys: ReadonlyMap<string, KeyFacts>;
  readonly #planted: string;
  #reigns: Reign[] = [];
  #current: { readonly versionId: string; readonly stored: StoredKey } | undefined;

  constructor(stage: Stage, holders: Holders) {
    this.#stage = stage;
    this.#holders = holders;
    this.#keys = this.#look();
    this.#planted = this.#plantedNow();
  }

  /** The current generation, as it was last seen. */
  get currentKeyId(): string | undefined {
    return this.#current?.stored.keyId;
  }

  /** Compares what is now with what was, and judges the difference. */
  async observe(): Promise<void> {
    const before = this.#keys;
    this.#keys = this.#look();
    const view = await viewSecret(this.#stage);
    await this.#seeCurrent(view);
    for (const key of this.#keys.values())
      if (!key.active && before.get(key.id)?.active !== false) this.#seeRevoked(key);
    if (before !== this.#keys) this.#seeSlots();
    if (this.#plantedNow() !== this.#planted) this.#break("others", "one of them was changed, used or revoked");
  }

  #break(promise: keyof typeof PROMISES, what: string): void {
    this.#stage.trace.violation(PROMISES[promise], what);
  }

  #look(): ReadonlyMap<string, KeyFacts> {
    return new Map(this.#stage.simulator.keys().map((key) => [key.id, key]));
  }

  #plantedNow(): string {
    const { plantedIds, simulator } = this.#stage;
    const facts = [...this.#keys.values()].filter(({ id }) => plantedIds.has(id));
    return JSON.stringify(
      facts.map(({ id, name, access, active, requests }) =>
        id === simulator.adminKeyId ? [id, name, access, active] : [id, name, access, active, requests],
      ),
    );
  }

  async #seeCurrent(view: SecretView | undefined): Promise<void> {
    const versionId = currentIn(view);
    if (!view || view.isDeleted || versionId === undefined || versionId === this.#current?.versionId) return;
    const stored = await storedIn(this.#stage, versionId);
    if (!stored) return this.#break("promoted", `version ${versionId} became current without a value`);
    const isFirst = this.#current === undefined;
    const outgoing = this.#reigns.at(-1);
    if (outgoing) outgoing.endedMs = this.#stage.clock.now();
    this.#reigns.push({ keyId: stored.keyId, endedMs: undefined });
    this.#current = { versionId, stored };
    this.#stage.trace.tell(`      ${stored.keyId} is current now`);
    const key = this.#keys.get(stored.keyId);
    if (!key?.active) return this.#break("promoted", `${stored.keyId} became current and is not active`);
    if (!isFirst && !this.#stage.proven.has(stored.apiKey))
      this.#break("promoted", `${stored.keyId} became current and nobody had seen it work`);
  }

  #seeRevoked(key: KeyFacts): void {
    const { plantedIds, trace } = this.#stage;
    trace.tell(`      ${key.id} (${key.name}) is revoked now`);
    if (plantedIds.has(key.id)) this.#break("others", `${key.id} (${key.name}) was revoked`);
    else if (!this.exceptions.isDestroyed) this.#judgeRevoked(key);
  }

  #judgeRevoked(key: KeyFacts): void {
    const { clock } = this.#stage;
    const compromised = this.exceptions.compromised.get(key.id);
    if (compromised === "first") return;
    const current = this.#current?.stored.keyId;
    if (key.id === current) this.#break("early", `${key.id} was revoked while it was current`);
    if (key.id === current) return;
    const reign = this.#reigns.findLast(({ keyId }) => keyId === key.id);
    if (!reign) return;
    const successor = this.#keys.get(current ?? "");
    if (!successor?.active || !this.#stage.proven.has(this.#current?.stored.apiKey ?? ""))
      this.#break("early", `${key.id} was revoked before anybody had seen ${current} work`);
    if (compromised) return;
    const holder = this.#holders().get(key.id);
    if (holder) this.#break("held", `${key.id} was revoked while the ${holder} held it`);
    const nowMs = clock.now();
    if (reign.endedMs === undefined || nowMs < reign.endedMs + OVERLAP_MS)
      this.#break("evidence", `${key.id} was revoked before its overlap was over`);
    if (key.lastUsedAt !== null && nowMs < Date.parse(key.lastUsedAt) + QUIET_MS)
      this.#break("evidence", `${key.id} was revoked although it was used at ${key.lastUsedAt}`);
  }

  #seeSlots(): void {
    const limit = slotLimits(this.#stage.vendor);
    const taken = [...this.#keys.values()].filter(({ active }) => active).length;
    if (taken > limit) this.#break("slots", `${taken} keys are active, the plan allows ${limit}`);
  }

  /** What still keeps the life from being at rest: one sentence each. */
  async unrest(declared: { readonly name: string; readonly access: string }): Promise<readonly string[]> {
    const view = await viewSecret(this.#stage);
    const active = [...this.#look().values()].filter(({ id, active }) => active && !this.#stage.plantedIds.has(id));
    if (this.exceptions.isDestroyed) return active.map(({ id }) => `${id} is active, although its key is destroyed`);
    const current = this.#current?.stored.keyId;
    const found = active
      .filter(({ id }) => id !== current)
      .map(({ id, name }) => `${id} (${name}) is active and not current`);
    const key = active.find(({ id }) => id === current);
    if (!key) return [...found, "there is no current key that is active"];
    if (ownedName(key.name)?.name !== declared.name) found.push(`the current key is called ${key.name}`);
    if (key.access !== declared.access) found.push(`the current key has ${key.access}, declared is ${declared.access}`);
    for (const [versionId, labels] of Object.entries(view?.stages ?? {})) {
      if (labels.includes(PENDING) && !labels.includes(CURRENT)) found.push(`version ${versionId} is pending`);
      for (const label of ownMarks(labels)) found.push(`version ${versionId} has the label ${label}`);
    }
    if (!view?.rotationEnabled) found.push("its rotation is not turned on");
    return found;
  }
}
