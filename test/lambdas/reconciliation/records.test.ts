import { describe, expect, test } from "vitest";
import { decide } from "../../../lambdas/reconciliation/decide/decide.ts";
import { measure } from "../../../lambdas/reconciliation/tell/measurements.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../stand.ts";
import { GRANTS, keyOf, NOW, observed, vendorKey } from "./observed.ts";
import { callWith, currentOf, leaveStray, look, records, unlimited, written } from "./passes.ts";

describe("the log says why a key lives:", () => {
  test("each that is not simply current, with what a person needs to act, and the others as a number", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    await stand.deploy({ name: "shop" });
    const { keyId, apiKey } = await stand.currentKey(arn);
    const versionId = await currentOf(stand, arn);
    await stand.rotate(arn);
    await stand.clock.advance(25 * HOUR_MS);
    await callWith(stand, apiKey);
    await stand.clock.advance(10 * MINUTE_MS);
    await look(stand);

    expect(records(stand, "key.lives")).toEqual([
      {
        timestamp: expect.stringMatching(/^2026-/),
        level: "info",
        action: "key.lives",
        service: "prod",
        requestId: expect.any(String),
        connection: "pictify",
        keyId,
        keyName: expect.stringMatching(/^web-kt-/),
        secretId: arn,
        secretName: "keyturn/prod/web",
        versionId,
        state: "waiting",
        reason: expect.stringMatching(/^last used at 2026-11-22T13:0.*quiet at/),
        until: expect.stringMatching(/^2026-/),
        createdAt: expect.stringMatching(/^2026-/),
        lastUsedAt: expect.stringMatching(/^2026-/),
      },
    ]);
    expect(records(stand, "keys.counted")).toMatchObject([{ connection: "pictify", current: 2, waiting: 1 }]);
  });

  test("also a current one, when a person asks for its secret", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    await stand.deploy({ name: "shop" });
    await stand.clock.advance(HOUR_MS);
    await stand.invoke("reconcile", { only: [arn] });

    expect(records(stand, "key.lives")).toMatchObject([{ state: "current", secretId: arn }]);
  });

  test("a key that is young, without a version, until when it is", async () => {
    const stand = await unlimited();
    const { id } = leaveStray(stand);
    await look(stand);

    expect(records(stand, "key.lives")).toMatchObject([
      { keyId: id, state: "young", until: "2026-11-22T12:05:00.000Z" },
    ]);
  });

  test("and a count that calls somebody is written once a pass, whatever its number", async () => {
    const stand = await unlimited({ pictify: { switches: { lastUsed: "missing" } } });
    for (let n = 0; n < 30; n++) leaveStray(stand, n);
    await stand.clock.advance(2 * DAY_MS);
    await look(stand);

    expect(written(stand, "StraysHeld")).toEqual([30]);
  });
});

describe("measurements of a connection", () => {
  const measured = (given: Parameters<typeof observed>[0]) => {
    const { observation } = observed(given);
    return measure(observation, decide(observation, GRANTS, {}).lives, () => 3).get("pictify");
  };

  test("tell of each key its age, days to rotation, generations and the lag of its targets", () => {
    const listed = [vendorKey("held", "v", { createdAtMs: NOW - DAY_MS })];
    const secret = { nextRotationAtMs: NOW + 3 * DAY_MS };
    const adoption = { adopted: false, reason: "pods are being replaced", sinceMs: NOW - MINUTE_MS } as const;

    expect(measured({ stages: { v: ["AWSCURRENT"] }, listed, secret, adoption })).toEqual([
      {
        keyAge: [86_400],
        daysToRotation: [3],
        liveGenerations: [1],
        adoptionLag: [60],
        debt: [0],
        slotsLeft: [3],
      },
    ]);
  });

  test("leave out what is not known", () => {
    expect(measured({ stages: { v: ["AWSCURRENT"] }, listed: [] })).toEqual([
      { keyAge: [], daysToRotation: [], liveGenerations: [0], adoptionLag: [], debt: [0], slotsLeft: [3] },
    ]);
  });

  test("are about one line for 100 keys", () => {
    const listed = Array.from({ length: 1_001 }, (_, n) => vendorKey(`key-${n}`, `v-${n}`));
    const keys = listed.map((_, n) => keyOf({ arn: `arn:${n}`, stages: { [`v-${n}`]: ["AWSCURRENT"] }, listed: [] }));
    const { observation } = observed({ stages: {}, listed });
    const fleet = { ...observation, keys };
    const lines = measure(fleet, decide(fleet, GRANTS, {}).lives, () => undefined).get("pictify") ?? [];

    expect(lines.map(({ keyAge }) => keyAge?.length)).toEqual([...Array(10).fill(100), 1]);
    expect(lines.filter(({ debt }) => debt !== undefined)).toHaveLength(1);
  });

  test("are written by every pass that lists, with the connection as their second dimension", async () => {
    const stand = await unlimited();
    await stand.deploy();
    await stand.clock.advance(HOUR_MS);
    await look(stand);
    const [line] = stand.lines.map((one) => JSON.parse(one)).filter((one) => one.KeyAge);

    expect(line).toMatchObject({ Service: "prod", Connection: "pictify", KeyAge: [3_630], LiveGenerations: [1] });
    expect(line._aws.CloudWatchMetrics[0].Dimensions).toEqual([["Service", "Connection"]]);
  });
});
