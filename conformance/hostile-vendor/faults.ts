import type { VendorOperation } from "../../sandbox/recorder/operation.ts";
import { type Fault, fits, type Operation } from "../../sandbox/vendors/hostility.ts";
import { HOUR_MS, MINUTE_MS, SKEW_MS } from "../stage/settings.ts";
import type { VendorName } from "../stage/vendors.ts";

/** What a vendor may do to one call, by the name that stands for it in a life's. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  silence: { kind: "silence" },
  "commits-then-silence": { kind: "commit-then-silence" },
  "commits-late": { kind: "commit-late", delayMs: MINUTE_MS },
  // Later than any run lives that asked for it.
  "commits-much-later": { kind: "commit-late", delayMs: 12 * MINUTE_MS },
  error: { kind: "server-error" },
  "commits-then-error": { kind: "commit-then-server-error" },
  unavailable: { kind: "unavailable" },
  "unavailable-for-long": { kind: "unavailable", retryAfterSeconds: 600 },
  "rate-limited": { kind: "rate-limited" },
  "rate-limited-without-hint": { kind: "rate-limited", retryAfterSeconds: null },
  "rate-limited-for-long": { kind: "rate-limited", retryAfterSeconds: 1_800 },
  "not-json": { kind: "not-json" },
  html: { kind: "html" },
  empty: { kind: "missing-fields" },
  "without-id": { kind: "missing-fields", fields: ["id"] },
  "without-value": { kind: "missing-fields", fields: ["key", "full_key"] },
  "without-name": { kind: "missing-fields", fields: ["name"] },
  "without-created": { kind: "missing-fields", fields: ["created_at", "createdAt"] },
  "without-access": { kind: "missing-fields", fields: ["role", "type"] },
  "activates-late": { kind: "activate-late" },
  "activates-much-later": { kind: "activate-late", delayMs: HOUR_MS },
  "stale-list": { kind: "stale-list", ageMs: SKEW_MS },
  "items-twice": { kind: "list-items-twice" },
  "omits-all": { kind: "list-omits" },
  "omits-some": { kind: "list-omits", omits: (keyId) => keyId.charCodeAt(keyId.length - 1) % 2 === 0 },
  "cut-short": { kind: "list-cut" },
  "newest-first": { kind: "list-reversed" },
  "page-repeated": { kind: "page-repeated" },
  "pages-stale": { kind: "pages-stale", ageMs: SKEW_MS },
  "auth-store-down": { kind: "auth-store-down" },
  // The list is answered, while every value is refused.
  "values-refused": { kind: "auth-store-down" },
  "edge-403": { kind: "edge" },
  "edge-401": { kind: "edge", status: 401 },
  "gateway-403": { kind: "edge", body: "message" },
  "gateway-401": { kind: "edge", status: 401, body: "error" },
  "edge-200": { kind: "edge", status: 200 },
  "created-twice": { kind: "create-twice" },
  "clock-ahead": { kind: "clock-skew", skewMs: SKEW_MS },
  "clock-behind": { kind: "clock-skew", skewMs: -SKEW_MS },
  "not-revoked": { kind: "revoke-not-done" },
  "not-changed": { kind: "change-not-done" },
  "name-truncated": { kind: "name-truncated" },
  "name-suffixed": { kind: "name-suffixed" },
  slow: { kind: "slow", delayMs: 5_000 },
};

const OPERATIONS: Readonly<Record<VendorName, Partial<Readonly<Record<VendorOperation, Operation>>>>> = {
  pictograph: {
    "list keys": "list",
    "create key": "create",
    "update key": "update",
    "revoke key": "revoke",
    "list datasets": "datasets",
  },
  pictify: {
    "list keys": "list",
    "create key": "create",
    "update key": "rename",
    "revoke key": "revoke",
    "delete key": "delete",
  },
};

/** What the vendor's simulator calls an operation; `undefined`: it is none of the functions'. */
export const operationAt = (vendor: VendorName, operation: string): Operation | undefined =>
  OPERATIONS[vendor][operation as VendorOperation];

/** Fields that only some answers have. */
const ANSWERED_BY_CREATE: ReadonlySet<string> = new Set(["without-value"]);
const LISTED: ReadonlySet<Operation> = new Set(["list", "create"]);

/** Whether a fault can happen in an operation, and makes a difference there. */
export const isFitting = (name: string, operation: Operation): boolean => {
  const fault = FAULTS[name];
  if (!fault || !fits(fault.kind, operation)) return false;
  if (ANSWERED_BY_CREATE.has(name)) return operation === "create";
  if (name === "values-refused") return operation === "datasets";
  return fault.kind !== "missing-fields" || fault.fields === undefined || LISTED.has(operation);
};
