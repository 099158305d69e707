import { expect, test } from "vitest";
import { FAULTS, isFitting, operationAt } from "../../../conformance/hostile-vendor/faults.ts";
import { type FaultKind, fits, type Operation } from "../../../sandbox/vendors/hostility.ts";

/** Every way in which a simulator can misbehave; the compiler holds that none is forgotten. */
const KINDS: Readonly<Record<FaultKind, true>> = {
  silence: true,
  "commit-then-silence": true,
  "commit-late": true,
  "server-error": true,
  "commit-then-server-error": true,
  unavailable: true,
  "rate-limited": true,
  "not-json": true,
  html: true,
  "missing-fields": true,
  "activate-late": true,
  "stale-list": true,
  "create-twice": true,
  "list-items-twice": true,
  "list-omits": true,
  "list-cut": true,
  "list-reversed": true,
  "page-repeated": true,
  "pages-stale": true,
  "auth-store-down": true,
  edge: true,
  "clock-skew": true,
  "revoke-not-done": true,
  "change-not-done": true,
  "name-truncated": true,
  "name-suffixed": true,
  slow: true,
};

test("each way in which a simulator can misbehave is a fault of the kit's", () => {
  const named = new Set(Object.values(FAULTS).map(({ kind }) => kind));
  expect(Object.keys(KINDS).filter((kind) => !named.has(kind as FaultKind))).toEqual([]);
});

test("a fault is only where the simulator takes it", () => {
  const operations: readonly Operation[] = ["list", "create", "update", "rename", "revoke", "delete", "datasets"];
  for (const [name, { kind }] of Object.entries(FAULTS))
    for (const operation of operations) if (isFitting(name, operation)) expect(fits(kind, operation)).toBe(true);
});

test("each fault fits some call of the functions", () => {
  const operations: readonly Operation[] = ["list", "create", "update", "rename", "revoke", "datasets"];
  for (const name of Object.keys(FAULTS)) expect(operations.some((one) => isFitting(name, one))).toBe(true);
});

test("workloads' calls are none that a vendor is hostile to", () => {
  expect(operationAt("pictify", "render image")).toBeUndefined();
  expect(operationAt("pictify", "update key")).toBe("rename");
  expect(operationAt("pictograph", "update key")).toBe("update");
});
