import { describe, expect, test } from "vitest";
import type { Grants } from "../../../lambdas/contracts/grants.ts";
import type { ReconcileRequest } from "../../../lambdas/contracts/reconcile.ts";
import { decideStrays } from "../../../lambdas/reconciliation/decide/strays.ts";
import type { StoredKey } from "../../../lambdas/stored.ts";
import type { VendorKey } from "../../../lambdas/vendors/vendor.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../stand.ts";
import { type Given, GRANTS, NOW, observed, SERVICE_ID, storedKey, vendorKey } from "./observed.ts";

const decided = (listed: readonly VendorKey[], request: ReconcileRequest = {}, grants: Partial<Grants> = {}) =>
  decideStrays({
    observation: observed({ stages: {}, listed }).observation,
    grants: { ...GRANTS, ...grants },
    request,
  }).lives.map(({ state, keyId, reason }) => (state === "due" ? `revoke ${keyId}` : `${state} ${keyId}: ${reason}`));

const strayActions = (given: Given) =>
  decideStrays({ observation: observed(given).observation, grants: GRANTS, request: {} }).actions;

const born = (agoMs: number) => ({ createdAtMs: NOW - agoMs });

describe("a person who names a stray", () => {
  test("lets it go past the brake, and no other one", () => {
    const listed = Array.from({ length: 8 }, (_, n) => vendorKey(`stray-${n}`, `version-${n}`));
    const actions = decided(listed, { revokeStrays: ["stray-0", "stray-1"] });

    expect(actions.filter((one) => one.startsWith("revoke"))).toEqual(["revoke stray-0", "revoke stray-1"]);
    expect(actions.filter((one) => one.startsWith("held"))).toHaveLength(6);
  });

  test("does not let go what may still be on its way into its version", () => {
    const listed = [vendorKey("young", "v", born(HOUR_MS))];
    expect(decided(listed, { revokeStrays: ["young"] })).toEqual([expect.stringMatching(/^held.*too young/)]);
  });

  test("does not let go what somebody uses", () => {
    const listed = [vendorKey("used", "v", { lastUse: NOW - HOUR_MS })];
    expect(decided(listed, { revokeStrays: ["used"] })).toEqual([expect.stringMatching(/^held.*it is in use/)]);
  });

  test("decides where the vendor tells neither age nor use", () => {
    const ageless = vendorKey("ageless", "v", { createdAtMs: undefined });
    const unknown = vendorKey("unknown", "w", { lastUse: "not told" });

    expect(decided([ageless, unknown])).toEqual([
      expect.stringMatching(/^held.*does not tell its age/),
      expect.stringMatching(/^held.*gives no last use/),
    ]);
    expect(decided([ageless, unknown], { revokeStrays: ["ageless", "unknown"] })).toEqual([
      "revoke ageless",
      "revoke unknown",
    ]);
  });
});

describe("a key without a version", () => {
  test("whose name the vendor cut off is for a person, whether somebody named it or not", () => {
    const listed = [vendorKey("cut", "v", { name: `web-kt-${SERVICE_ID}-0123` })];
    expect(decided(listed)).toEqual([expect.stringMatching(/^held cut: .*pictify cut its name off/)]);
    expect(decided(listed, { revokeStrays: ["cut"] })).toEqual([expect.stringMatching(/^held cut/)]);
  });

  test("is no stray while the function that minted it may still run, however short the stray age is", () => {
    const mintedAgo = (agoMs: number) => decided([vendorKey("k", "v", born(agoMs))], {}, { strayAge: MINUTE_MS });

    // The mint's timeout, the skew and the reporting delay are five minutes each.
    expect(mintedAgo(15 * MINUTE_MS - 1)).toEqual([expect.stringMatching(/^young k/)]);
    expect(mintedAgo(15 * MINUTE_MS)).toEqual(["revoke k"]);
  });

  test("that was used within the minutes of its minting was verified, not used", () => {
    const usedAfter = (afterMs: number) =>
      decided([vendorKey("k", "v", { ...born(2 * DAY_MS), lastUse: NOW - 2 * DAY_MS + afterMs })]);

    expect(usedAfter(10 * MINUTE_MS)).toEqual(["revoke k"]);
    expect(usedAfter(10 * MINUTE_MS + 1)).toEqual([expect.stringMatching(/^held.*it is in use/)]);
  });

  test("is a stray at another connection than the one of the key that its version holds", () => {
    const given = { stages: { v: ["AWSCURRENT"] }, listed: [vendorKey("k", "v")] };
    const elsewhere = { ...given, declaration: { connection: "pictograph" } };
    const strays = (stored: StoredKey) => strayActions({ ...elsewhere, stored: { v: stored } });

    expect(strayActions(given)).toEqual([]);
    expect(strays(storedKey("k"))).toEqual([]);
    expect(strays(storedKey("other", { vendor: "pictograph" }))).toMatchObject([{ kind: "revoke", keyId: "k" }]);
  });
});
