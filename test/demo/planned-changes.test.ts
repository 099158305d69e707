import { describe, expect, test } from "vitest";
import { NOT_GIVEN_BACK, plannedChanges } from "../../sandbox/demo/planned-changes.ts";

const ALARM = "aws_cloudwatch_metric_alarm";
/** What a refresh through the stand-in finds of an alarm. */
const FOUND = { alarm_name: "a", ...NOT_GIVEN_BACK[ALARM] };
const WANTED = {
  alarm_name: "a",
  actions_enabled: true,
  alarm_actions: ["arn:aws:sns:us-east-1:000000000000:oncall"],
  alarm_description: "d",
  dimensions: { Service: "sandbox" },
  period: 300,
  statistic: "Sum",
  treat_missing_data: "notBreaching",
};

interface Change {
  readonly type?: string;
  readonly name?: string;
  readonly actions?: readonly string[];
  readonly before?: object | null;
  readonly after?: object | null;
  readonly after_unknown?: object;
}

const planOf = (...changes: readonly Change[]): string =>
  JSON.stringify({
    format_version: "1.2",
    resource_changes: changes.map(({ type = ALARM, name = "a", actions = ["update"], ...change }) => ({
      address: `${type}.${name}`,
      type,
      change: { actions, ...change },
    })),
  });

const changesOf = (...changes: readonly Change[]) => plannedChanges(planOf(...changes)).changes;

describe("a plan that changes nothing", () => {
  test.for([
    ["has no changes", planOf()],
    ["has none at all", "{}"],
    [
      "reads and leaves alone",
      planOf({ actions: ["no-op"], before: FOUND, after: WANTED }, { actions: ["read"], before: null, after: WANTED }),
    ],
  ] as const)("%s", ([, plan]) => {
    expect(plannedChanges(plan)).toEqual({ notGivenBack: [], changes: [], changedKeys: [], unchangedKeys: [] });
  });
});

describe("what the stand-in does not give back", () => {
  test("is no change, and is named once for all resources alike", () => {
    const alike = { before: FOUND, after: WANTED };
    expect(plannedChanges(planOf({ name: "one", ...alike }, { name: "two", ...alike }))).toEqual({
      changes: [],
      changedKeys: [],
      unchangedKeys: [],
      notGivenBack: [{ type: ALARM, names: ["one", "two"], attributes: Object.keys(NOT_GIVEN_BACK[ALARM] ?? {}) }],
    });
  });

  test("may be missing altogether", () => {
    expect(changesOf({ before: { ...FOUND, period: null }, after: { ...FOUND, period: 300 } })).toEqual([]);
  });
});

describe("a change", () => {
  test("is an attribute that had a real value, though it is one that is not given back", () => {
    expect(changesOf({ before: { ...WANTED, period: 60 }, after: WANTED })).toEqual([`${ALARM}.a: period (update)`]);
  });

  test("is any other attribute of such a resource", () => {
    expect(changesOf({ before: { ...FOUND, threshold: 1 }, after: { ...FOUND, threshold: 2 } })).toEqual([
      `${ALARM}.a: threshold (update)`,
    ]);
  });

  test("is the same attribute of another kind of resource", () => {
    const change = { type: "aws_lambda_function", before: { statistic: "" }, after: { statistic: "Sum" } };
    expect(changesOf(change)).toEqual(["aws_lambda_function.a: statistic (update)"]);
  });

  test.for([
    ["create", null, WANTED],
    ["delete", FOUND, null],
    ["delete and create", FOUND, WANTED],
    ["create and delete", FOUND, WANTED],
    ["forget", FOUND, null],
  ] as const)("is a %s, whatever its attributes", ([actions, before, after]) => {
    const [change] = changesOf({ actions: actions.split(" and "), before, after });
    expect(change).toContain(`(${actions})`);
  });

  test("is what will be known only after it is applied", () => {
    const unknown = { before: { arn: null }, after: {}, after_unknown: { arn: true } };
    expect(changesOf({ type: "aws_iam_role", ...unknown })).toEqual(["aws_iam_role.a: arn (update)"]);
  });

  test("is an attribute not given back whose next value is not known", () => {
    const { period: _, ...after } = WANTED;
    const [change] = changesOf({ before: FOUND, after, after_unknown: { period: true } });
    expect(change).toContain("period");
  });

  test("is an update of which nothing can be seen", () => {
    expect(changesOf({ before: FOUND, after: FOUND })).toEqual([`${ALARM}.a:  (update)`]);
  });
});

test("attributes that the plan knows whole are not taken for unknown", () => {
  const after_unknown = { tags: {}, alarm_actions: [false], dimensions: { Service: false } };
  expect(changesOf({ before: FOUND, after: WANTED, after_unknown })).toEqual([]);
});

describe("a key", () => {
  const KEY = "keyturn_api_key";
  const read = { status: "current", last_used_at: "2026-11-21T12:00:00.000Z" };

  test("that the plan read and leaves alone is named", () => {
    const plan = planOf(
      { type: KEY, name: "web", actions: ["no-op"], before: read, after: read },
      { type: "aws_sns_topic", name: "alarms", actions: ["no-op"], before: {}, after: {} },
    );

    expect(plannedChanges(plan).unchangedKeys).toEqual([`${KEY}.web`]);
  });

  test("that somebody revoked is a changed key, and none that is left alone", () => {
    const healed = {
      before: { name: "web", status: "revoked" },
      after: { name: "web" },
      after_unknown: { status: true },
    };

    expect(plannedChanges(planOf({ type: KEY, name: "Web", ...healed }))).toEqual({
      notGivenBack: [],
      changes: [],
      changedKeys: [
        {
          address: `${KEY}.Web`,
          name: "web",
          actions: "update",
          changes: ["status: revoked → known after the apply"],
        },
      ],
      unchangedKeys: [],
    });
  });

  test("that is declared otherwise is told by what is declared, whatever else an apply will change", () => {
    const before = { name: "web", type: "test", role: null, status: "current", key_id: "key_1" };
    const change = { before, after: { name: "site", type: "live" }, after_unknown: { status: true, key_id: true } };

    expect(plannedChanges(planOf({ type: KEY, name: "Web", ...change })).changedKeys).toMatchObject([
      { name: "web", changes: ["name: web → site", "type: test → live"] },
    ]);
  });

  test("that would be made anew says so", () => {
    const change = { actions: ["create", "delete"], before: { name: "web" }, after: { name: "site" } };

    expect(plannedChanges(planOf({ type: KEY, name: "Web", ...change })).changedKeys).toMatchObject([
      { actions: "create and delete" },
    ]);
  });
});
