import type { Clock } from "../../lambdas/clock.ts";
import type { Hostility, Operation } from "./hostility.ts";
import type { RandomSource } from "./random-source.ts";

/** What the simulator knows of one key: the truth, not what the vendor's API shows. Never the value. Times are ISO 8601 UTC by the injected clock, without delay or skew. */
export interface KeyFacts {
  readonly id: string;
  readonly name: string;
  /** Pictograph: its role. Pictify: `live`, `test` or `admin`. */
  readonly access: string;
  /** The organization that it belongs to; at Pictify the team, `team` unless told. */
  readonly organizationId: string;
  /** Neither revoked nor expired. A key that has not propagated yet is active. */
  readonly active: boolean;
  readonly createdAt: string;
  /** The latest call that counted as use; null: there was none. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  readonly deletedAt: string | null;
  /** All calls made with this key's value, refused ones included. */
  readonly requests: number;
  /** Those of them that were answered 401 or 403. */
  readonly denied: number;
}

export interface OperationCount {
  readonly operation: Operation;
  readonly count: number;
}

/** A key that a person makes in the vendor's dashboard. */
export interface IssueRequest {
  readonly name: string;
  /** Pictograph: `viewer`, `member`, `admin` or `owner`. Pictify: `live`, `test` or `admin`. */
  readonly access: string;
  /** Another organization or team, whose keys are listed to its own keys alone. @default the simulator's own */
  readonly organizationId?: string;
  /** How long until the key works. @default the simulator's propagation */
  readonly propagationMs?: number;
}

export interface IssuedKey {
  readonly id: string;
  readonly value: string;
}

/** A whole vendor in one object: its server, and the views and levers that only a simulator can offer. */
export interface VendorSimulator {
  readonly vendor: "pictograph" | "pictify";
  /** The server. Rejects, as `fetch` does, when the connection breaks, or with the signal's reason when the request's signal aborts. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The value of a key that may manage keys; it works from the start. */
  readonly adminKey: string;
  readonly adminKeyId: string;
  /** Pictograph: the organization (a UUID) that the admin key belongs to. */
  readonly organizationId?: string;
  /** Every value ever issued, the admin key's included: what a search for leaks looks for. */
  issuedValues(): readonly string[];
  /** Every key ever made, revoked and deleted ones included, oldest first. */
  keys(): readonly KeyFacts[];
  /** How often each operation was called, whatever was answered; operations never called are left out. */
  calls(): readonly OperationCount[];
  /** Makes a key as a person does. Plan limits don't apply. @throws RangeError for an access that the vendor doesn't have */
  issueKey(request: IssueRequest): IssuedKey;
  /** Makes one more key like the admin key, working at once; or that of another organization or team, which lists other keys. */
  issueAdminKey(name?: string, organizationId?: string): IssuedKey;
  /** Revokes a key as a person does; the admin key too. @throws RangeError for an id that the vendor never gave out */
  revokeKey(id: string): void;
  /** The vendor's reporting stands still: no use after `atMs` [now] shows in any list. Infinity: it has caught up. */
  stopUsage(atMs?: number): void;
  /** Its lists come from a copy that stands still: what changes at `atMs` [now] or later does not show. Infinity: it has caught up. */
  stopLists(atMs?: number): void;
  readonly hostile: Hostility;
}

/** What both simulators can be told. Every time is in milliseconds. */
export interface SimulatorOptions {
  readonly clock: Clock;
  /** From a key's making until it works; 401 until then. Exact, without jitter. @default Pictify 30,000 (S: "up to 30 seconds"), Pictograph 5,000 */
  readonly propagationMs?: number;
  /** From a revocation until it takes effect. @default 0 (S: both revoke immediately; P: Pictograph within 1,000) */
  readonly revocationMs?: number;
  /** Whether people use the admin key all the time, so that lists always show a use of it, as late as they show any. @default false */
  readonly adminKeyInUse?: boolean;
  /** From a call until lists show it as last use. @default 300,000 (S: Pictify, up to 5 minutes) */
  readonly usageDelayMs?: number;
  /** Lists move a last use on only where the new one is this much later, as vendors do that write it once an hour (I). @default 0 */
  readonly usageResolutionMs?: number;
  /** From when on no list shows a further use, by `clock`: see `stopUsage` (I). @default Infinity */
  readonly usageStopsAtMs?: number;
  /** How far the vendor's clock is ahead of `clock`: seen in its Date header and in every time that it shows. @default 0 */
  readonly clockSkewMs?: number;
  /** The longest name it takes, in characters (I). @default 255 */
  readonly maxNameLength?: number;
  /** @default unpredictable; `seededRandom` repeats a run */
  readonly random?: RandomSource;
}
