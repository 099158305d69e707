import { describe, expect, test } from "vitest";
import { generationOf, keyName } from "../../../lambdas/contracts/key-name.ts";
import { markLabel } from "../../../lambdas/contracts/labels.ts";
import { decide } from "../../../lambdas/reconciliation/decide/decide.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../stand.ts";
import { ARN, type Given, GRANTS, keyOf, NOW, observed, SERVICE_ID, storedKey, vendorKey } from "./observed.ts";

const whole = (given: Given) => decide(observed(given).observation, GRANTS, {});
const decided = (given: Given) => whole(given).actions;
const lives = (given: Given) => whole(given).lives.map(({ keyId, state }) => `${keyId} ${state}`);

const followUps = (given: Given) =>
  decided(given).flatMap((action) => (action.kind === "revoke" ? [action.followUp] : []));

const CURRENT = { "version-current": ["AWSCURRENT"] };
const current = vendorKey("current", "version-current");
const retiringSince = (ms: number) => markLabel("retiring", NOW - ms);
const abandoned = markLabel("abandoned", NOW - HOUR_MS);
const destroyed = markLabel("destroyed", NOW - HOUR_MS);
const unlabel = (versionId: string, label: string) => ({ kind: "unlabel", secretId: ARN, versionId, label });

describe("a retiring version", () => {
  const old = ["AWSPREVIOUS", retiringSince(2 * DAY_MS)];

  test("has the key revoked that it holds by id, not a namesake", () => {
    const namesake = vendorKey("namesake", "old", { createdAtMs: NOW - HOUR_MS });
    const actions = decided({
      stages: { ...CURRENT, old },
      listed: [current, namesake, vendorKey("held", "old")],
      stored: { old: storedKey("held") },
    });

    expect(actions).toMatchObject([{ kind: "revoke", ground: "retired", keyId: "held", versionId: "old" }]);
  });

  test("of an adopted key, which has no name of ours, goes by its id", () => {
    const actions = decided({
      stages: { ...CURRENT, old },
      listed: [current, vendorKey("adopted", "old", { name: "Production API Server" })],
      stored: { old: storedKey("adopted") },
    });

    expect(actions).toMatchObject([{ kind: "revoke", ground: "retired", keyId: "adopted" }]);
  });

  test("without a value holds no key, and loses its label", () => {
    const actions = decided({
      stages: { ...CURRENT, old },
      listed: [current, vendorKey("namesake", "old", { createdAtMs: NOW - HOUR_MS })],
      stored: { old: "no value" },
    });

    expect(actions).toEqual([unlabel("old", retiringSince(2 * DAY_MS))]);
  });

  test("in its overlap is left alone, listed or not, and says until when", () => {
    const stages = { ...CURRENT, old: ["AWSPREVIOUS", retiringSince(HOUR_MS)] };
    const stored = { old: storedKey("held") };

    expect(decided({ stages, listed: [current], stored })).toEqual([]);
    expect(whole({ stages, listed: [current, vendorKey("held", "old")], stored })).toMatchObject({
      actions: [],
      lives: [{ keyId: "current" }, { keyId: "held", state: "overlap", untilMs: NOW + 23 * HOUR_MS }],
    });
  });

  test("stays while the key that took its place does not live: it is what works", () => {
    const listed = [vendorKey("held", "old")];
    const stored = { old: storedKey("held"), "version-current": storedKey("dead") };
    const standings = { "version-current": "refused" } as const;
    const given = { stages: { ...CURRENT, old }, listed, stored, standings, elsewhere: { "pictify-eu": [] } };

    expect(lives(given)).toEqual(["held waiting"]);
    expect(decided(given)).toMatchObject([{ kind: "revive", keyId: "dead" }]);
  });

  test("stays until every target has the new generation, and its quiet period counts from then", () => {
    const listed = [current, vendorKey("held", "old", { lastUse: NOW - DAY_MS })];
    const given = { stages: { ...CURRENT, old }, listed, stored: { old: storedKey("held") } };
    const reason = "deployment/web has old pods";

    expect(whole({ ...given, adoption: { adopted: false, reason } }).lives[1]).toMatchObject({
      state: "waiting",
      reason,
    });
    expect(lives({ ...given, adoption: { adopted: true, sinceMs: NOW - MINUTE_MS } })).toContain("held waiting");
    expect(lives({ ...given, adoption: { adopted: true, sinceMs: NOW - 2 * HOUR_MS } })).toContain("held due");
  });
});

describe("a current version", () => {
  test("that was moved back to loses the marks of its replacement, and keeps its key", () => {
    const labels = ["AWSCURRENT", retiringSince(2 * DAY_MS), abandoned];
    const given = { stages: { current: labels }, listed: [vendorKey("held", "current")] };

    expect(decided(given)).toEqual([unlabel("current", retiringSince(2 * DAY_MS)), unlabel("current", abandoned)]);
    expect(lives(given)).toEqual(["held current"]);
  });

  test("keeps a mark so young that a rotation may just be moving AWSCURRENT on", () => {
    const stages = { current: ["AWSCURRENT", retiringSince(MINUTE_MS)] };
    expect(decided({ stages, listed: [vendorKey("held", "current")] })).toEqual([]);
  });
});

test("what differs is left to the rotation that is started for another reason: it mints as declared", () => {
  const stages = { current: ["AWSCURRENT", markLabel("compromised", NOW - HOUR_MS)] };
  const listed = [vendorKey("held", "current", { access: "test" })];

  expect(decided({ stages: { current: ["AWSCURRENT"] }, listed })).toMatchObject([
    { kind: "report" },
    { kind: "update" },
  ]);
  expect(decided({ stages, listed })).toMatchObject([{ kind: "report" }, { kind: "rotate" }]);
});

describe("a version that shares its key with another one", () => {
  const listed = [vendorKey("shared", "x", { name: "Production API Server" })];

  test.each<[string, Given["stages"], string]>([
    ["retiring, the other current", { c: ["AWSCURRENT"], v: ["AWSPREVIOUS", retiringSince(2 * DAY_MS)] }, "retiring"],
    ["given up, the other current", { c: ["AWSCURRENT"], v: [abandoned] }, "abandoned"],
  ])("loses its mark and never its key: %s", (_, stages, mark) => {
    const given = { stages, listed, stored: { c: storedKey("shared"), v: storedKey("shared") } };

    expect(decided(given)).toMatchObject([{ kind: "unlabel", versionId: "v", label: expect.stringContaining(mark) }]);
    expect(lives(given)).toEqual(["shared current"]);
  });

  test("leaves it to the one that was replaced last", () => {
    const stages = {
      ...CURRENT,
      first: [retiringSince(9 * DAY_MS)],
      second: ["AWSPREVIOUS", retiringSince(2 * DAY_MS)],
    };
    const stored = { first: storedKey("shared"), second: storedKey("shared") };

    expect(decided({ stages, listed: [current, ...listed], stored })).toMatchObject([
      { kind: "revoke", versionId: "second", keyId: "shared" },
    ]);
  });

  test("waits with it for one that was replaced by hand, and whose overlap begins now", () => {
    const stages = { ...CURRENT, first: [retiringSince(9 * DAY_MS)], second: ["AWSPREVIOUS"] };
    const stored = { first: storedKey("shared"), second: storedKey("shared") };

    expect(decided({ stages, listed: [current, ...listed], stored })).toEqual([
      { kind: "retire", secretId: ARN, versionId: "second" },
    ]);
  });

  test("keeps it also when the other one is of another secret", () => {
    const retiring = { stages: { ...CURRENT, old: [retiringSince(2 * DAY_MS)] }, stored: { old: storedKey("shared") } };
    const { observation } = observed({ ...retiring, listed: [current, ...listed] });
    const other = observed({
      arn: `${ARN}-other`,
      stages: { c: ["AWSCURRENT"] },
      listed: [],
      stored: { c: storedKey("shared") },
    }).key;
    const { actions, lives: found } = decide({ ...observation, keys: [...observation.keys, other] }, GRANTS, {});

    expect(actions.filter(({ kind }) => kind === "revoke")).toEqual([]);
    expect(found.filter(({ keyId }) => keyId === "shared")).toMatchObject([{ state: "current" }]);
  });
});

describe("a version that was given up", () => {
  const stages = { ...CURRENT, failed: [abandoned] };
  const dead = vendorKey("dead", "failed");
  const stored = { failed: storedKey("dead"), "version-current": storedKey("current") };

  test("has its key revoked first, and a rotation follows when it is gone", () => {
    expect(decided({ stages, listed: [current, dead], stored })).toMatchObject([
      { kind: "revoke", ground: "abandoned" },
    ]);
    const clear = [{ versionId: "failed", label: abandoned }];
    expect(decided({ stages, listed: [current, { ...dead, active: false }], stored })).toMatchObject([
      { kind: "revoke", isGone: true, followUp: { kind: "rotate", secretId: ARN, clear } },
    ]);
  });

  test("keeps its key while a run that began before may be promoting it", () => {
    const young = { ...CURRENT, failed: [markLabel("abandoned", NOW - 4 * MINUTE_MS)] };

    expect(whole({ stages: young, listed: [current, dead], stored })).toMatchObject({
      actions: [],
      lives: [{}, { keyId: "dead", state: "given-up", untilMs: NOW + MINUTE_MS }],
    });
  });

  test("asks for no rotation when a newer generation has become current since", () => {
    const newer = { ...current, createdAtMs: NOW - MINUTE_MS };
    const listed = [newer, { ...dead, active: false }];

    expect(followUps({ stages, listed, stored })).toEqual([undefined]);
  });

  test("asks for none either when the vendor's clock is behind, so that the newer one looks older", () => {
    const newer = { ...current, createdAtMs: NOW - HOUR_MS - 5 * MINUTE_MS };
    const listed = [newer, { ...dead, active: false }];

    expect(followUps({ stages, listed, stored })).toEqual([undefined]);
  });

  test("does not hold up the next rotation for ever where a person has to revoke its key", () => {
    const long = { ...CURRENT, failed: [markLabel("abandoned", NOW - 448 * MINUTE_MS)] }; // seven times the 64 minutes after which it is tried again
    expect(decided({ stages: long, listed: [current, dead], stored })).toMatchObject([
      { kind: "revoke", keyId: "dead" },
      { kind: "rotate", clear: [] },
    ]);
  });

  test("has a key revoked, too, that was minted for it and whose value was lost", () => {
    const given = { stages, listed: [current, dead], stored: { ...stored, failed: "no value" as const } };
    expect(decided(given)).toMatchObject([{ kind: "revoke", ground: "abandoned", keyId: "dead" }]);
    expect(lives(given)).toEqual(["current current", "dead due"]);
  });
});

describe("a destroyed key", () => {
  test("is neither made nor rotated, even without a current version", () => {
    expect(decided({ stages: { old: [destroyed] }, listed: [] })).toEqual([]);
    expect(decided({ stages: { ...CURRENT, old: [destroyed, abandoned] }, listed: [] })).toMatchObject([
      { kind: "report", action: "key.ended" },
    ]);
  });

  test("has every generation revoked, the current one too", () => {
    const actions = decided({
      stages: { current: ["AWSCURRENT", destroyed], old: ["AWSPREVIOUS"] },
      listed: [vendorKey("a", "current"), vendorKey("b", "old")],
      stored: { current: storedKey("a"), old: storedKey("b") },
    });

    expect(actions).toMatchObject([
      { kind: "revoke", ground: "destroyed", keyId: "a" },
      { kind: "revoke", ground: "destroyed", keyId: "b" },
      { kind: "report", action: "key.ended" },
    ]);
  });
});

describe("a secret that is marked for deletion", () => {
  test("keeps its labels: AWS would refuse", () => {
    const stages = { ...CURRENT, old: [retiringSince(2 * DAY_MS)] };
    const actions = decided({ stages, listed: [], deletedAtMs: NOW - HOUR_MS });
    expect(actions).toMatchObject([{ kind: "report", action: "secret.deleted-while-claimed" }]);
  });

  test("keeps its keys, for it may be restored", () => {
    expect(lives({ stages: CURRENT, listed: [current], deletedAtMs: NOW - HOUR_MS })).toEqual(["current deletion"]);
  });
});

describe("a key is accounted for by service id and generation", () => {
  const listed = [current, vendorKey("held", "old")];

  test("of a labelled version, not of one without labels", () => {
    expect(decided({ stages: { ...CURRENT, old: ["AWSPREVIOUS", retiringSince(HOUR_MS)] }, listed })).toEqual([]);
    expect(decided({ stages: { ...CURRENT, old: [] }, listed })).toMatchObject([
      { kind: "revoke", ground: "stray", keyId: "held" },
    ]);
  });

  test("whatever name stands before them: the declared name may have changed since", () => {
    const name = keyName("before", SERVICE_ID, generationOf("old"));
    const stages = { ...CURRENT, old: ["AWSPREVIOUS", retiringSince(2 * DAY_MS)] };
    const renamed = [current, vendorKey("held", "old", { name })];

    expect(decided({ stages, listed: renamed, stored: { old: storedKey("held") } })).toMatchObject([
      { kind: "revoke", ground: "retired", keyId: "held" },
    ]);
    expect(decided({ stages, listed: renamed, stored: { old: storedKey("another") } })).toMatchObject([
      { kind: "revoke", ground: "stray", keyId: "held" },
    ]);
  });

  test("whatever a vendor puts behind them: a key that nobody holds is a stray", () => {
    const doubled = vendorKey("doubled", "current", { name: `${current.name} (2)` });
    const stored = { "version-current": storedKey("current") };

    expect(decided({ stages: CURRENT, listed: [current, doubled], stored })).toMatchObject([
      { kind: "revoke", ground: "stray", keyId: "doubled" },
    ]);
  });

  test("of the secret with its declared name, where two have the same version id", () => {
    const web = observed({ stages: { v: ["AWSCURRENT"] }, listed: [vendorKey("of-web", "v")] });
    const shop = observed({
      arn: `${ARN}-shop`,
      stages: { v: ["AWSCURRENT"] },
      listed: [],
      declaration: { name: "shop" },
    });
    const found = decide({ ...web.observation, keys: [web.key, shop.key] }, GRANTS, {}).lives;

    expect(found).toMatchObject([{ keyId: "of-web", secretId: ARN }]);
  });

  test("of a secret that is not served any more", () => {
    const { observation, key } = observed({ stages: CURRENT, listed: [current] });
    const { actions, lives: found } = decide({ ...observation, keys: [], unserved: [key.secret] }, GRANTS, {});

    expect(actions).toEqual([]);
    expect(found).toMatchObject([
      { keyId: "current", state: "held", reason: expect.stringContaining("does not grant") },
    ]);
  });
});

test("one pass starts 20 rotations at most, those of compromised generations first, and says how many it leaves", () => {
  const listed = Array.from({ length: 25 }, (_, n) => vendorKey(`key-${n}`, `v-${n}`));
  const compromised = markLabel("compromised", NOW - HOUR_MS);
  const keys = listed.map(({ id }, n) => {
    const labels = n === 24 ? ["AWSCURRENT", compromised] : ["AWSCURRENT"];
    const secret = { nextRotationAtMs: NOW - DAY_MS };
    return keyOf({ arn: id, stages: { [`v-${n}`]: labels }, listed: [], secret });
  });
  const { actions } = decide({ ...observed({ stages: {}, listed }).observation, keys }, GRANTS, {});
  const started = actions.filter(({ kind }) => kind === "rotate");

  expect(started).toHaveLength(20);
  expect(started[0]).toMatchObject({ secretId: "key-24", urgent: true });
  expect(actions.at(-1)).toMatchObject({ kind: "report", action: "rotation.postponed", facts: { postponed: 5 } });
});
