import { ownedName } from "../../lambdas/contracts/key-name.ts";
import { CURRENT, isRevoking, marks, ownMarks, PENDING } from "../../lambdas/contracts/labels.ts";
import type { KeyFacts } from "../../sandbox/vendors/simulator.ts";
import { currentIn, type SecretView, type StoredKey, storedIn, viewSecret } from "../stage/secret-view.ts";
import { MINUTE_MS, OVERLAP_MS, QUIET_MS, REPORTING_MS, SKEW_MS } from "../stage/settings.ts";
import type { Stage } from "../stage/stage.ts";
import { type Exceptions, noExceptions } from "./exceptions.ts";
import { TargetWitness } from "./target-witness.ts";

/** A generation that was current once. */
interface Reign {
  /** The secret: one that was deleted and made again is another. */
  readonly arn: string;
  readonly keyId: string;
  readonly apiKey: string;
  endedMs: number | undefined;
}

/** What a person did to the current key in the very minute in which a pass runs, it cannot have seen. */
const UNSEEN_MS = MINUTE_MS;

/** The same for two keys that one call made. */
const bornAs = ({ name, createdAt }: KeyFacts): string => `${name} ${createdAt}`;

/** What a managed key is to be like. */
export interface Declared {
  readonly name: string;
  readonly access: string;
  /** At which connection. @default the life's own */
  readonly at?: "own" | "other";
}

/** Whoever holds a key now, by a name. */
export type Holders = () => ReadonlyMap<string, string>;

/** The marks that say of a version that its key is to go. */
const LEAVING = ["retiring", "revoking", "abandoned", "compromised", "compromised-first"] as const;

/** What is kept after the overlap where the vendor shows no use. */
const UNSEEN_MARGIN_MS = QUIET_MS + REPORTING_MS + SKEW_MS;

const PROMISES = {
  early: "no key is revoked before its successor was verified and promoted",
  evidence: "a key is revoked on evidence",
  held: "a key that workloads may hold is valid",
  adopted: "no key is revoked before every target has adopted its successor",
  promoted: "a generation is verified before it is current",
  slots: "the vendor's slots are never exceeded",
  others: "the user's other keys are not touched",
  marks: "no mark leaves while the vendor has its key alive",
} as const;

/** Watches what truly is, at the vendor and in the secret, and tells of every promise that is broken. */
export class Witness {
  readonly #stage: Stage;
  readonly #holders: Holders;
  readonly exceptions: Exceptions = noExceptions();
  #keys: ReadonlyMap<string, KeyFacts>;
  readonly #planted: string;
  readonly #target: TargetWitness | undefined;
  #reigns: Reign[] = [];
  /** Keys whose revocation was decided, as the labels show it: what they were used since does not count. */
  readonly #decided = new Set<string>();
  /** The marks of each version that say its key is to go, as they were last seen. */
  #marks: { readonly arn: string; readonly keyIds: ReadonlyMap<string, string> } = { arn: "", keyIds: new Map() };
  #looking: Promise<void> = Promise.resolve();
  #current:
    | { readonly arn: string; readonly versionId: string; readonly stored: StoredKey; readonly sinceMs: number }
    | undefined;

  constructor(stage: Stage, holders: Holders) {
    this.#stage = stage;
    this.#holders = holders;
    this.#keys = this.#look();
    this.#planted = this.#plantedNow();
    this.#target = stage.cluster && new TargetWitness(stage, stage.cluster);
  }

  /** The current generation, as it was last seen. */
  get currentKeyId(): string | undefined {
    return this.#current?.stored.keyId;
  }

  /** The keys that are or were current. */
  get reigned(): readonly string[] {
    return this.#reigns.map(({ keyId }) => keyId);
  }

  /** Compares what is now with what was, and judges the difference: one look after the other. */
  observe(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#observe());
    return this.#looking;
  }

  async #observe(): Promise<void> {
    const before = this.#keys;
    this.#keys = this.#look();
    const view = await viewSecret(this.#stage);
    await this.#seeCurrent(view);
    if (view && !view.isDeleted) await this.#seeMarks(view);
    await this.#target?.observe(view, this.#current, (keyId) => this.#keys.get(keyId)?.active ?? false);
    for (const key of this.#keys.values())
      if (!key.active && before.get(key.id)?.active !== false) this.#seeRevoked(key);
    if (before !== this.#keys) this.#seeSlots();
    if (this.#plantedNow() !== this.#planted) this.#break("others", "one of them was changed, used or revoked");
  }

  #break(promise: keyof typeof PROMISES, what: string): void {
    this.#stage.trace.violation(PROMISES[promise], what);
  }

  /** The keys of the organizations that the life is about. */
  #look(): ReadonlyMap<string, KeyFacts> {
    const keys = this.#stage.homes.flatMap((simulator) => {
      const all = simulator.keys();
      const home = all.find(({ id }) => id === simulator.adminKeyId)?.organizationId;
      return all.filter((key) => key.organizationId === home);
    });
    return new Map(keys.map((key) => [key.id, key]));
  }

  #plantedNow(): string {
    const { plantedIds, homes } = this.#stage;
    const admins = new Set(homes.map(({ adminKeyId }) => adminKeyId));
    const facts = [...this.#keys.values()].filter(({ id }) => plantedIds.has(id));
    return JSON.stringify(
      facts.map(({ id, name, access, active, requests }) =>
        admins.has(id) ? [id, name, access, active] : [id, name, access, active, requests],
      ),
    );
  }

  /** What was decided is judged then, and a mark that leaves when it does. */
  async #seeMarks(view: SecretView): Promise<void> {
    const now = new Map<string, string>();
    // A secret that was made again has none of the versions before.
    const before = this.#marks.arn === view.arn ? this.#marks.keyIds : new Map<string, string>();
    for (const [versionId, labels] of Object.entries(view.stages)) {
      if (!LEAVING.some((mark) => marks(mark, labels).length > 0)) continue;
      const keyId = before.get(versionId) ?? (await storedIn(this.#stage, versionId))?.keyId;
      if (keyId === undefined) continue;
      now.set(versionId, keyId);
      if (isRevoking(labels)) this.#seeDecided(keyId);
    }
    for (const [versionId, keyId] of before) if (!now.has(versionId)) await this.#seeUnmarked(view, versionId, keyId);
    this.#marks = { arn: view.arn, keyIds: now };
  }

  #seeDecided(keyId: string): void {
    const key = this.#keys.get(keyId);
    if (this.#decided.has(keyId) || !key?.active) return;
    const reign = this.#reigns.findLast((one) => one.keyId === keyId);
    const isJudged = reign && keyId !== this.#current?.stored.keyId && !this.exceptions.compromised.has(keyId);
    if (isJudged) this.#judgeEvidence(key, reign);
    this.#decided.add(keyId);
  }

  /** A mark may go while its key lives only where another version keeps the key: one that is current, or to be. */
  async #seeUnmarked(view: SecretView, versionId: string, keyId: string): Promise<void> {
    if (!this.#keys.get(keyId)?.active || view.stages[versionId]?.includes(CURRENT)) return;
    for (const [otherId, labels] of Object.entries(view.stages)) {
      const isHeld = otherId !== versionId && labels.length > 0;
      if (isHeld && (await storedIn(this.#stage, otherId))?.keyId === keyId) return;
    }
    this.#break("marks", `the mark of ${keyId} went from version ${versionId}, and the vendor takes the key`);
  }

  async #seeCurrent(view: SecretView | undefined): Promise<void> {
    const versionId = currentIn(view);
    const isKnown = view?.arn === this.#current?.arn && versionId === this.#current?.versionId;
    if (!view || view.isDeleted || versionId === undefined || isKnown) return;
    const stored = await storedIn(this.#stage, versionId);
    if (!stored) return this.#break("promoted", `version ${versionId} became current without a value`);
    // A secret that was made again begins anew.
    const isFirst = this.#current?.arn !== view.arn;
    const outgoing = this.#reigns.at(-1);
    if (outgoing) outgoing.endedMs = this.#stage.clock.now();
    this.#reigns.push({ arn: view.arn, keyId: stored.keyId, apiKey: stored.apiKey, endedMs: undefined });
    this.#current = { arn: view.arn, versionId, stored, sinceMs: this.#stage.clock.now() };
    this.#stage.trace.tell(`      ${stored.keyId} is current now`);
    const { putByHand, revokedByHand } = this.exceptions;
    if (putByHand.has(versionId) || revokedByHand.has(stored.keyId)) return;
    const key = this.#keys.get(stored.keyId);
    if (!key?.active) return this.#break("promoted", `${stored.keyId} became current and is not active`);
    if (!isFirst && !this.#stage.proven.has(stored.apiKey))
      this.#break("promoted", `${stored.keyId} became current and nobody had seen it work`);
  }

  #seeRevoked(key: KeyFacts): void {
    const { plantedIds, trace } = this.#stage;
    trace.tell(`      ${key.id} (${key.name}) is revoked now`);
    const { isDestroyed, revokedByHand } = this.exceptions;
    if (plantedIds.has(key.id)) this.#break("others", `${key.id} (${key.name}) was revoked`);
    else if (this.exceptions.isSecretAway) this.#judgeLeftOver(key);
    else if (!isDestroyed && !revokedByHand.has(key.id) && !this.#isNeighbours(key)) this.#judgeRevoked(key);
  }

  /** Whether a key is another service's, or another managed key's. */
  #isNeighbours({ name }: KeyFacts): boolean {
    const owned = ownedName(name);
    const { neighbours, furtherKeys } = this.exceptions;
    return neighbours.has(owned?.serviceId ?? "") || furtherKeys.has(owned?.name ?? "");
  }

  #judgeRevoked(key: KeyFacts): void {
    const compromised = this.exceptions.compromised.get(key.id);
    if (compromised === "first") return;
    const current = this.#current?.stored.keyId;
    if (key.id === current) this.#break("early", `${key.id} was revoked while it was current`);
    if (key.id === current) return;
    const reign = this.#reigns.findLast(({ keyId }) => keyId === key.id);
    if (!reign) return;
    if (reign.arn === this.#current?.arn) this.#judgeReplaced(key, reign);
    else this.#judgeLeftOver(key);
  }

  #judgeReplaced(key: KeyFacts, reign: Reign): void {
    const current = this.#current?.stored.keyId;
    if (!this.#hasSuccessor(reign))
      this.#break("early", `${key.id} was revoked before anybody had seen ${current} work`);
    const behind = this.#isJustPut() ? undefined : this.#current && this.#target?.notAdopted(this.#current);
    if (behind !== undefined) this.#break("adopted", `${key.id} was revoked, and ${behind}`);
    if (!this.exceptions.compromised.has(key.id)) this.#judgeEvidence(key, reign);
  }

  #judgeEvidence(key: KeyFacts, reign: Reign): void {
    const nowMs = this.#stage.clock.now();
    if (reign.endedMs === undefined || nowMs < reign.endedMs + OVERLAP_MS)
      this.#break("evidence", `${key.id} was revoked before its overlap was over`);
    if (this.exceptions.hidesUse) this.#judgeUnseen(key, reign);
    else if (this.#decided.has(key.id)) this.#judgeHeld(key);
    else this.#judgeSeen(key);
  }

  #judgeHeld({ id }: KeyFacts): void {
    const holder = this.#holders().get(id);
    if (holder) this.#break("held", `${id} was revoked while the ${holder} held it`);
  }

  /** Whether the call that the vendor saw last was reconcile's own, which tries whether calls are shown. */
  #isOwnCall(keyId: string, usedMs: number): boolean {
    return this.#stage.seen.some((line) => {
      if (!line.includes('"action":"use.tried"') || !line.includes(keyId)) return false;
      const { timestamp } = JSON.parse(line) as { timestamp: string };
      return Math.abs(Date.parse(timestamp) - usedMs) <= SKEW_MS;
    });
  }

  #judgeSeen(key: KeyFacts): void {
    this.#judgeHeld(key);
    const { id, lastUsedAt } = key;
    const usedMs = Date.parse(lastUsedAt ?? "");
    const sinceMs = this.#stage.clock.now() - usedMs;
    // A pod that goes calls a last time, which may not be shown yet: that no pod is left is the evidence then.
    const isLastCall = this.#target !== undefined && sinceMs < REPORTING_MS + SKEW_MS;
    if (sinceMs < QUIET_MS && !isLastCall && !this.#isOwnCall(id, usedMs))
      this.#break("evidence", `${id} was revoked although it was used at ${lastUsedAt}`);
  }

  #judgeUnseen({ id }: KeyFacts, { endedMs = Number.POSITIVE_INFINITY }: Reign): void {
    this.exceptions.retiredUnseen.add(id);
    if (this.#stage.clock.now() < endedMs + OVERLAP_MS + UNSEEN_MARGIN_MS)
      this.#break("evidence", `${id} was revoked before the margin that takes the place of evidence was over`);
  }

  /** A key whose secret a person has deleted: it goes when nobody can have read it. */
  #judgeLeftOver(key: KeyFacts): void {
    const holder = this.#holders().get(key.id);
    if (holder) this.#break("held", `${key.id} was revoked while the ${holder} held it, after its secret was deleted`);
  }

  /** Whether a generation that was current after it is known to work; the current one most of all. */
  #hasSuccessor(reign: Reign): boolean {
    const later = this.#reigns.slice(this.#reigns.lastIndexOf(reign) + 1);
    return later.some(
      ({ keyId, apiKey }) =>
        (this.#keys.get(keyId)?.active || this.#hasJustGoneByHand(keyId)) && this.#stage.proven.has(apiKey),
    );
  }

  #isJustPut(): boolean {
    const { versionId = "", sinceMs = 0 } = this.#current ?? {};
    return this.exceptions.putByHand.has(versionId) && this.#stage.clock.now() < sinceMs + UNSEEN_MS;
  }

  #hasJustGoneByHand(keyId: string): boolean {
    const { revokedByHand, compromised } = this.exceptions;
    const revokedAt = compromised.get(keyId) === "first" ? this.#keys.get(keyId)?.revokedAt : undefined;
    const atMs = revokedAt ? Date.parse(revokedAt) : revokedByHand.get(keyId);
    return atMs !== undefined && this.#stage.clock.now() < atMs + UNSEEN_MS;
  }

  #seeSlots(): void {
    const { slotLimit: limit, simulator } = this.#stage;
    const own = new Set(simulator.keys().map(({ id }) => id));
    const active = [...this.#keys.values()].filter((key) => key.active && own.has(key.id));
    const asked = this.exceptions.makesTwins ? new Set(active.map(bornAs)) : active;
    const taken = [...asked].length;
    if (taken > limit) this.#break("slots", `${taken} keys are active, the plan allows ${limit}`);
  }

  #isNamed({ id, name }: KeyFacts, declared: string): boolean {
    const owned = ownedName(name);
    if (owned?.name === declared && owned.addition === "") return true;
    const isTold = (line: string) => ['"drift.found"', '"renamed"', id].every((part) => line.includes(part));
    return this.exceptions.changesNames && this.#stage.seen.some(isTold);
  }

  /** A mark that a version may have for as long as it is current. */
  #isToStay(label: string, labels: readonly string[]): boolean {
    const isOfWording = marks("listed-otherwise", [label]).length > 0;
    return isOfWording && this.exceptions.wordsAccess && labels.includes(CURRENT);
  }

  /** Whether a key is at the connection that is declared. */
  #isAtHome({ id }: KeyFacts, { at = "own" }: Declared): boolean {
    const { other, simulator } = this.#stage;
    const home = at === "other" ? other?.simulator : simulator;
    return home?.keys().some((key) => key.id === id) ?? false;
  }

  /** What still keeps the life from being at rest: one sentence each. */
  async unrest(declared: Declared): Promise<readonly string[]> {
    const view = await viewSecret(this.#stage);
    const active = [...this.#look().values()].filter(
      (key) => key.active && !this.#stage.plantedIds.has(key.id) && !this.#isNeighbours(key),
    );
    if (this.exceptions.isDestroyed) return active.map(({ id }) => `${id} is active, although its key is destroyed`);
    const current = this.#current?.stored.keyId;
    const found = active
      .filter(({ id }) => id !== current && !this.exceptions.madeByHand.has(id))
      .map(({ id, name }) => `${id} (${name}) is active and not current`);
    const key = active.find(({ id }) => id === current);
    if (!key) return [...found, "there is no current key that is active"];
    // A key that was adopted keeps the name that people gave it.
    const isAdopted = this.exceptions.madeByHand.has(key.id);
    if (!isAdopted && !this.#isNamed(key, declared.name)) found.push(`the current key is called ${key.name}`);
    if (!this.#isAtHome(key, declared)) found.push(`the current key ${key.id} is at another connection than declared`);
    if (key.access !== declared.access) found.push(`the current key has ${key.access}, declared is ${declared.access}`);
    for (const [versionId, labels] of Object.entries(view?.stages ?? {})) {
      if (labels.includes(PENDING) && !labels.includes(CURRENT)) found.push(`version ${versionId} is pending`);
      for (const label of ownMarks(labels).filter((one) => !this.#isToStay(one, labels)))
        found.push(`version ${versionId} has the label ${label}`);
    }
    if (!view?.rotationEnabled) found.push("its rotation is not turned on");
    if (this.#target && this.#current) found.push(...this.#target.unrest(this.#current));
    return found;
  }
}
