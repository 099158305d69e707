import { describe, expect, test } from "vitest";
import { markLabel } from "../../../lambdas/contracts/labels.ts";
import { connectionsMissing, versionsToRead } from "../../../lambdas/reconciliation/observe/values.ts";
import { DAY_MS, HOUR_MS } from "../stand.ts";
import { type Given, GRANTS, NOW, observed, storedKey, vendorKey } from "./observed.ts";

const read = (given: Given) => {
  const { observation, key } = observed(given);
  return versionsToRead(observation, key, GRANTS);
};

const retiringSince = (ms: number) => markLabel("retiring", NOW - ms);
const marked = (mark: "abandoned" | "destroyed" | "compromised") => markLabel(mark, NOW - HOUR_MS);
const listed = [vendorKey("held", "v")];

describe("the value is read before a decision about", () => {
  test.each<[string, Given]>([
    ["a retiring version whose overlap is over", { stages: { v: [retiringSince(2 * DAY_MS)] }, listed }],
    ["a version that was given up", { stages: { v: [marked("abandoned")] }, listed }],
    ["a compromised version", { stages: { v: ["AWSCURRENT", marked("compromised")] }, listed }],
    ["a version of a destroyed key", { stages: { v: ["AWSCURRENT", marked("destroyed")] }, listed }],
    ["an old key of a version that is only pending", { stages: { v: ["AWSPENDING"] }, listed }],
    ["two keys of one name", { stages: { v: ["AWSCURRENT"] }, listed: [...listed, vendorKey("second", "v")] }],
    ["a current version of which no key is listed", { stages: { v: ["AWSCURRENT"] }, listed: [] }],
    ["a replaced version of which no key is listed: it may be adopted", { stages: { v: ["AWSPREVIOUS"] }, listed: [] }],
    [
      "a current version whose access is not listed",
      { stages: { v: ["AWSCURRENT"] }, listed: [vendorKey("held", "v", { access: undefined })] },
    ],
    [
      "a key with another name before its generation",
      { stages: { v: ["AWSCURRENT"] }, listed, declaration: { name: "shop" } },
    ],
    [
      "a key at another connection than is declared",
      { stages: { v: ["AWSCURRENT"] }, listed: [], elsewhere: { pictograph: listed } },
    ],
  ])("%s", (_, given) => {
    expect(read(given)).toEqual(["v"]);
  });

  test("all of a secret of which something may be revoked: no other version may hold the same key", () => {
    const stages = { c: ["AWSCURRENT"], p: ["AWSPENDING"], v: [retiringSince(2 * DAY_MS)], none: [] };
    expect(read({ stages, listed: [...listed, vendorKey("current", "c")] })).toEqual(["c", "p", "v"]);
  });

  test.each<[string, Given]>([
    ["a current version with its one key", { stages: { v: ["AWSCURRENT"] }, listed }],
    ["a retiring version in its overlap", { stages: { v: ["AWSPREVIOUS", retiringSince(HOUR_MS)] }, listed }],
    [
      "a replaced version whose key is listed as revoked",
      { stages: { v: ["AWSPREVIOUS"] }, listed: [vendorKey("held", "v", { active: false })] },
    ],
    ["a pending version without a key", { stages: { v: ["AWSPENDING"] }, listed: [] }],
    [
      "a young key of a version that is pending",
      { stages: { v: ["AWSPENDING"] }, listed: [vendorKey("young", "v", { createdAtMs: NOW - HOUR_MS })] },
    ],
    ["a secret marked for deletion", { stages: { v: [retiringSince(2 * DAY_MS)] }, listed, deletedAtMs: NOW }],
    [
      "a key whose connection was not listed",
      { stages: { v: ["AWSCURRENT"] }, listed: [], declaration: { connection: "pictograph" } },
    ],
  ])("nothing, and no value read: %s", (_, given) => {
    expect(read(given)).toEqual([]);
  });
});

describe("before a key can be called gone", () => {
  const missing = (stored: Given["stored"], given: Partial<Given> = {}) => {
    const { observation } = observed({ stages: { v: ["AWSCURRENT"] }, listed: [], ...given, stored: stored ?? {} });
    return [...connectionsMissing(observation, GRANTS)];
  };

  test("every other connection to its vendor is listed", () => {
    expect(missing({ v: storedKey("elsewhere") })).toEqual(["pictify-eu"]);
    expect(missing({ v: storedKey("elsewhere", { vendor: "pictograph" }) })).toEqual(["pictograph"]);
  });

  test("no other is, when it is known to be revoked", () => {
    expect(missing({ v: storedKey("held") }, { listed: [vendorKey("held", "v", { active: false })] })).toEqual([]);
  });
});
