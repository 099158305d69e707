/** What a caller may do at a vendor. `update` is Pictograph's, `rename`, `delete` and `image` are Pictify's; `other` is any path that neither knows. */
export type Operation =
  | "list"
  | "create"
  | "get"
  | "update"
  | "rename"
  | "revoke"
  | "delete"
  | "image"
  | "datasets"
  | "dataset"
  | "download"
  | "annotations"
  | "upload"
  | "annotate"
  | "export"
  | "deleteImage"
  | "deleteExport"
  | "other";

/** One way in which a vendor can misbehave on one call. Every parameter has a default; times are milliseconds unless the name says otherwise. */
export type Fault =
  /** Nothing is done and nobody answers: the connection breaks `afterMs` [30,000] later, or when the caller gives up. */
  | { readonly kind: "silence"; readonly afterMs?: number }
  /** The work is done, and then as `silence`: the caller can't know whether it was. */
  | { readonly kind: "commit-then-silence"; readonly afterMs?: number }
  /** The work is done only `delayMs` [60,000] later, and nobody answers: a caller who gave up and looked saw nothing yet. */
  | { readonly kind: "commit-late"; readonly delayMs?: number }
  /** Nothing is done; the answer is `status` [500]. */
  | { readonly kind: "server-error"; readonly status?: number }
  /** The work is done; the answer is `status` [500] all the same. */
  | { readonly kind: "commit-then-server-error"; readonly status?: number }
  /** Nothing is done; 503, with Retry-After when `retryAfterSeconds` is given. */
  | { readonly kind: "unavailable"; readonly retryAfterSeconds?: number }
  /** Nothing is done; 429 with Retry-After `retryAfterSeconds` [30]; null: without the header (and without the body's hint). */
  | { readonly kind: "rate-limited"; readonly retryAfterSeconds?: number | null }
  /** The work is done; the answer has its status and type, and a body that breaks off in the middle of its JSON. */
  | { readonly kind: "not-json" }
  /** The work is done; the answer has its status and a web page in place of its body. */
  | { readonly kind: "html" }
  /** The work is done; the answer is JSON without `fields`, at any depth [without every field: `{}`]. */
  | { readonly kind: "missing-fields"; readonly fields?: readonly string[] }
  /** create: the new key works only `delayMs` [120,000] after its making, whatever the propagation is. */
  | { readonly kind: "activate-late"; readonly delayMs?: number }
  /** list: the keys as they were `ageMs` [60,000] ago. */
  | { readonly kind: "stale-list"; readonly ageMs?: number }
  /** create: two keys of that name are made; the answer is about the first, nobody ever sees the second's value. */
  | { readonly kind: "create-twice" }
  /** list: every key is shown twice. */
  | { readonly kind: "list-items-twice" }
  /** list: the keys whose id `omits` names are left out [all are]; what is said of pages and total fits what is left. */
  | { readonly kind: "list-omits"; readonly omits?: (keyId: string) => boolean }
  /** list: it is cut off after `keep` [1] keys, and says that it ends there. */
  | { readonly kind: "list-cut"; readonly keep?: number }
  /** list: newest first. */
  | { readonly kind: "list-reversed" }
  /** list: a page but the first one shows what the page before it has. */
  | { readonly kind: "page-repeated" }
  /** list: pages but the first one are as they were `ageMs` [60,000] ago: keys made or deleted since move others across their borders. */
  | { readonly kind: "pages-stale"; readonly ageMs?: number }
  /** Nothing is done: the store of keys is down, so that every key is unknown, the admin's too; 401 in the vendor's own form. */
  | { readonly kind: "auth-store-down" }
  /**
   * Nothing is done: an edge on the way answers `status` [403] with `body` [`html`]: its web page; a gateway's `{"message"}` or
   * `{"error"}`, which are in nobody's documents; or nothing.
   */
  | { readonly kind: "edge"; readonly status?: number; readonly body?: "html" | "message" | "error" | "empty" }
  /** The vendor's clock is `skewMs` [600,000] ahead (negative: behind) in this call: its Date header and the created time of a key it makes. */
  | { readonly kind: "clock-skew"; readonly skewMs?: number }
  /** revoke: answered as a success, and not done. */
  | { readonly kind: "revoke-not-done" }
  /** update, rename: answered as a success, with the key as it was, and not done. */
  | { readonly kind: "change-not-done" }
  /** create, update, rename: the vendor keeps only the first `length` [20] characters of the name. */
  | { readonly kind: "name-truncated"; readonly length?: number }
  /** create, update, rename: the vendor adds `suffix` [" (2)"] to the name. */
  | { readonly kind: "name-suffixed"; readonly suffix?: string }
  /** The work is done at once, and answered `delayMs` [10,000] later. */
  | { readonly kind: "slow"; readonly delayMs?: number };

export type FaultKind = Fault["kind"];

/** The script of a vendor's misbehaviour. */
export interface Hostility {
  /**
   * Plans `fault` for the next `times` [1] calls of `operation`, after those planned before it. One call meets one fault.
   * A kind alone stands for the fault with its defaults; `Infinity` times lasts until `clear`.
   * @throws RangeError when the fault can't happen in that operation, or `times` is not a positive number
   */
  next(operation: Operation | "any", fault: Fault | FaultKind, times?: number): void;
  /** What is still to come, in order. Empty: every planned fault has happened. */
  pending(): readonly PlannedFault[];
  /** Forgets all that is planned: from now on the vendor behaves. */
  clear(): void;
}

export interface PlannedFault {
  readonly operation: Operation | "any";
  readonly fault: Fault;
  readonly times: number;
}

/** Faults that make sense in some operations only; all others fit every one. */
const OPERATIONS_OF: { readonly [kind in FaultKind]?: readonly Operation[] } = {
  "activate-late": ["create"],
  "create-twice": ["create"],
  "stale-list": ["list"],
  "list-items-twice": ["list"],
  "list-omits": ["list"],
  "list-cut": ["list"],
  "list-reversed": ["list"],
  "page-repeated": ["list"],
  "pages-stale": ["list"],
  "revoke-not-done": ["revoke"],
  "change-not-done": ["update", "rename"],
  "name-truncated": ["create", "update", "rename"],
  "name-suffixed": ["create", "update", "rename"],
};

/** Whether a fault of that kind can happen in an operation. */
export const fits = (kind: FaultKind, operation: Operation | "any"): boolean =>
  OPERATIONS_OF[kind]?.some((fitting) => fitting === operation) ?? true;

const check = (operation: Operation | "any", { kind }: Fault, times: number): void => {
  if (!(times >= 1)) throw new RangeError(`A fault is planned for 1 call or more, not for ${times}.`);
  if (fits(kind, operation)) return;
  throw new RangeError(
    `The fault "${kind}" can't happen in "${operation}": plan it for ${OPERATIONS_OF[kind]?.join(", ")}.`,
  );
};

/** The script together with the vendor's side of it: `take` gives each call its fault, if one is planned for it. */
export class FaultPlan implements Hostility {
  #planned: PlannedFault[] = [];

  next(operation: Operation | "any", fault: Fault | FaultKind, times = 1): void {
    // More kinds than the compiler tells apart; each is whole without its parameters.
    const whole = typeof fault === "string" ? ({ kind: fault } as Fault) : fault;
    check(operation, whole, times);
    this.#planned.push({ operation, fault: whole, times });
  }

  pending(): readonly PlannedFault[] {
    return [...this.#planned];
  }

  clear(): void {
    this.#planned = [];
  }

  /** The first fault planned for `operation` or for any, which thereby has happened once. */
  take(operation: Operation): Fault | undefined {
    const found = this.#planned.find((planned) => planned.operation === operation || planned.operation === "any");
    if (!found) return undefined;
    this.#planned = this.#planned.flatMap((planned) => {
      if (planned !== found) return [planned];
      return planned.times > 1 ? [{ ...planned, times: planned.times - 1 }] : [];
    });
    return found.fault;
  }
}
