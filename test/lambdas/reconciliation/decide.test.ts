import { describe, expect, test } from "vitest";
import { generationOf, keyName } from "../../../lambdas/contracts/key-name.ts";
import { markLabel } from "../../../lambdas/contracts/labels.ts";
import { decide, versionsToRead } from "../../../lambdas/reconciliation/decide.ts";
import { DAY_MS, HOUR_MS } from "../stand.ts";
import { ARN, type Given, GRANTS, NOW, observed, SERVICE_ID, vendorKey } from "./observed.ts";

const decided = (given: Given) => decide(observed(given).observation, GRANTS, {});

const read = (given: Given) => {
  const { observation, key } = observed(given);
  return versionsToRead(observation, key, GRANTS);
};

const CURRENT = { "version-current": ["AWSCURRENT"] };
const retiringSince = (ms: number) => markLabel("retiring", NOW - ms);
const abandoned = markLabel("abandoned", NOW - HOUR_MS);
const destroyed = markLabel("destroyed", NOW - HOUR_MS);

describe("decide", () => {
  test("revokes the key that a retiring version holds by its id, not a namesake", () => {
    const actions = decided({
      stages: { ...CURRENT, old: ["AWSPREVIOUS", retiringSince(2 * DAY_MS)] },
      listed: [vendorKey("namesake", "old", { createdAtMs: NOW - HOUR_MS }), vendorKey("held", "old")],
      stored: { old: { keyId: "held" } },
    });

    expect(actions).toMatchObject([{ kind: "revoke", ground: "retired", keyId: "held", versionId: "old" }]);
  });

  test("revokes an adopted key, which has no name of ours, by its id", () => {
    const actions = decided({
      stages: { ...CURRENT, old: ["AWSPREVIOUS", retiringSince(2 * DAY_MS)] },
      listed: [vendorKey("adopted", "old", { name: "Production API Server" })],
      stored: { old: { keyId: "adopted" } },
    });

    expect(actions).toMatchObject([{ kind: "revoke", ground: "retired", keyId: "adopted" }]);
  });

  test("revokes nothing as retired for a version that has no value", () => {
    const label = retiringSince(2 * DAY_MS);
    const actions = decided({
      stages: { ...CURRENT, old: ["AWSPREVIOUS", label] },
      listed: [vendorKey("namesake", "old", { createdAtMs: NOW - HOUR_MS })],
      stored: { old: "no value" },
    });

    expect(actions).toEqual([{ kind: "unlabel", secretId: ARN, versionId: "old", label }]);
  });

  test("does nothing about a version in its overlap, listed or not", () => {
    const stages = { ...CURRENT, old: ["AWSPREVIOUS", retiringSince(HOUR_MS)] };
    for (const listed of [[], [vendorKey("held", "old")]])
      expect(decided({ stages, listed, stored: { old: { keyId: "held" } } })).toEqual([]);
  });

  test("does nothing about a current version, whatever marks it has", () => {
    const stages = { current: ["AWSCURRENT", retiringSince(2 * DAY_MS), abandoned] };
    expect(decided({ stages, listed: [vendorKey("held", "current")] })).toEqual([]);
  });

  test("neither makes nor rotates anything for a destroyed key, even without a current version", () => {
    expect(decided({ stages: { old: [destroyed] }, listed: [] })).toEqual([]);
    expect(decided({ stages: { ...CURRENT, old: [destroyed, abandoned] }, listed: [] })).toEqual([]);
  });

  test("revokes every generation of a destroyed key, the current one too", () => {
    const actions = decided({
      stages: { current: ["AWSCURRENT", destroyed], old: ["AWSPREVIOUS"] },
      listed: [vendorKey("a", "current"), vendorKey("b", "old")],
      stored: { current: { keyId: "a" }, old: { keyId: "b" } },
    });

    expect(actions).toMatchObject([
      { kind: "revoke", ground: "destroyed", keyId: "a" },
      { kind: "revoke", ground: "destroyed", keyId: "b" },
    ]);
  });

  test("revokes the key of a generation that was given up first, and rotates when it is gone", () => {
    const stages = { ...CURRENT, failed: [abandoned] };
    const listed = [vendorKey("dead", "failed")];
    const stored = { failed: { keyId: "dead" } };

    expect(decided({ stages, listed, stored })).toMatchObject([{ kind: "revoke", ground: "abandoned" }]);
    expect(decided({ stages, listed: [], stored })).toMatchObject([
      { kind: "rotate", secretId: ARN, versionId: "failed", labels: [abandoned] },
    ]);
  });

  test("takes no label off a secret that is marked for deletion: AWS would refuse", () => {
    const stages = { ...CURRENT, old: [retiringSince(2 * DAY_MS)] };
    expect(decided({ stages, listed: [], deletedAtMs: NOW - HOUR_MS })).toEqual([]);
  });

  test("takes a key of a labelled version for no stray, and one of a version without labels for one", () => {
    const listed = [vendorKey("held", "old")];
    expect(decided({ stages: { ...CURRENT, old: ["AWSPREVIOUS"] }, listed })).toEqual([]);
    expect(decided({ stages: { ...CURRENT, old: [] }, listed })).toMatchObject([{ kind: "revoke", ground: "stray" }]);
  });

  test("takes a key of our service with another key's name for a stray, though the generation is the same", () => {
    const name = keyName("other", SERVICE_ID, generationOf("old"));
    const actions = decided({
      stages: { ...CURRENT, old: ["AWSPREVIOUS"] },
      listed: [vendorKey("s", "old", { name })],
    });

    expect(actions).toMatchObject([{ kind: "revoke", ground: "stray", keyId: "s", secretId: "keyturn/prod/other" }]);
  });
});

describe("the value is read before a decision about", () => {
  const listed = [vendorKey("held", "v")];

  test.each<[string, Given]>([
    ["a retiring version whose overlap is over", { stages: { v: [retiringSince(2 * DAY_MS)] }, listed: [] }],
    ["a version that was given up", { stages: { v: [abandoned] }, listed: [] }],
    ["a version of a destroyed key", { stages: { v: ["AWSCURRENT", destroyed] }, listed: [] }],
    ["an old key of a version that is only pending", { stages: { v: ["AWSPENDING"] }, listed }],
    ["two keys of one name", { stages: { v: ["AWSCURRENT"] }, listed: [...listed, vendorKey("second", "v")] }],
  ])("%s", (_, given) => {
    expect(read(given)).toEqual(["v"]);
  });

  test.each<[string, Given]>([
    ["a current version with its one key", { stages: { v: ["AWSCURRENT"] }, listed }],
    ["a retiring version in its overlap", { stages: { v: ["AWSPREVIOUS", retiringSince(HOUR_MS)] }, listed }],
    [
      "a young key of a version that is pending",
      { stages: { v: ["AWSPENDING"] }, listed: [vendorKey("young", "v", { createdAtMs: NOW - HOUR_MS })] },
    ],
    ["a secret marked for deletion", { stages: { v: [retiringSince(2 * DAY_MS)] }, listed, deletedAtMs: NOW }],
  ])("nothing, and no value read: %s", (_, given) => {
    expect(read(given)).toEqual([]);
  });
});
