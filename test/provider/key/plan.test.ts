import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planKey, workOf } from "../../../provider/key/plan.ts";
import { ALL_FACTS, CHANGING_FACTS, KEY_SCHEMA } from "../../../provider/key/schema.ts";
import { conform } from "../../../provider/protocol/schema.ts";
import { type ObjectValue, UNKNOWN, type Value } from "../../../provider/wire/value.ts";

const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:keyturn/demo/web-AbCdEf";
const ARGUMENTS = { secret_id: ARN, name: "web", vendor: "pictify", type: "live" };
const FACTS = { secret_arn: ARN, key_id: "key-1", status: "current", version_id: "v1", live_generations: 1, debt: [] };
const PRIOR = conform(KEY_SCHEMA, { ...ARGUMENTS, ...FACTS, claim: "0123456789ab" });

const unknownOf = (planned: ObjectValue): readonly string[] =>
  Object.keys(planned).filter((name) => planned[name] === UNKNOWN);

describe("a new key", () => {
  test("has its arguments as configured, and facts that only the apply knows", () => {
    const { planned, replacedBy } = planKey(null, conform(KEY_SCHEMA, ARGUMENTS), false);

    expect(planned).toMatchObject(ARGUMENTS);
    expect(new Set(unknownOf(planned))).toEqual(new Set([...ALL_FACTS, "claim"]));
    expect(replacedBy).toEqual([]);
  });
});

describe("a key that is there", () => {
  test("with nothing changed stays as it is", () => {
    expect(planKey(PRIOR, PRIOR, false)).toEqual({ planned: PRIOR, replacedBy: [] });
  });

  test.each<[string, ObjectValue]>([
    ["name", { name: "other" }],
    ["type", { type: "test" }],
    ["role instead of type", { type: null, role: "member" }],
    ["a name that is not known yet", { name: UNKNOWN }],
    ["an adoption", { adopt_key_id: "hand-made" }],
  ])("%s: is changed in place, with new facts, of the same secret", (_, change) => {
    const { planned, replacedBy } = planKey(PRIOR, { ...PRIOR, ...change }, false);

    expect(replacedBy).toEqual([]);
    expect(planned).toMatchObject({ ...change, secret_arn: ARN });
    expect(CHANGING_FACTS.every((name) => planned[name] === UNKNOWN)).toBe(true);
  });

  test.each<[string, ObjectValue, readonly string[]]>([
    ["vendor", { vendor: "pictify-eu" }, ["vendor"]],
    ["a vendor that is not known yet", { vendor: UNKNOWN }, ["vendor"]],
    ["secret", { secret_id: "keyturn/demo/other" }, ["secret_id"]],
    ["a secret that is not known yet", { secret_id: UNKNOWN }, ["secret_id"]],
    ["both", { vendor: "x", secret_id: "y" }, ["secret_id", "vendor"]],
  ])("%s: is replaced", (_, change, replacedBy) => {
    const result = planKey(PRIOR, { ...PRIOR, ...change }, "secret_id" in change);

    expect(result.replacedBy).toEqual(replacedBy);
    expect(result.planned.secret_arn).toBe(UNKNOWN);
  });

  test.each([
    ["the secret's name for its ARN", { secret_id: "keyturn/demo/web" }],
    ["force_destroy", { force_destroy: true }],
    ["timeouts", { timeouts: { create: "1h", update: null, delete: null } }],
    ["an adoption that has been done", { adopt_key_id: "key-1" }],
    ["an adoption taken out of the configuration", { adopt_key_id: null }],
  ])("%s: changes nothing of the key", (_, change) => {
    const { planned, replacedBy } = planKey(PRIOR, { ...PRIOR, ...change }, false);

    expect([planned, replacedBy]).toEqual([{ ...PRIOR, ...change }, []]);
  });

  test.each(["missing", "revoked", "destroyed", null])("status %s is healed", (status) => {
    const prior = { ...PRIOR, status };
    expect([workOf(prior, prior), planKey(prior, prior, false).planned.status]).toEqual(["heal", UNKNOWN]);
  });

  test.each<[string, ObjectValue, ObjectValue, unknown]>([
    ["without a claim, and changed, gets one", { claim: null }, { force_destroy: true }, UNKNOWN],
    ["without a claim, and not changed, gets none: a refresh writes nothing", { claim: null }, {}, null],
    ["that was imported gets one in any case", { claim: "" }, {}, UNKNOWN],
    ["with a claim keeps it", { claim: "a" }, { name: "other" }, "a"],
  ])("an object %s", (_, state, change, claim) => {
    const prior = { ...PRIOR, ...state };

    expect(planKey(prior, { ...prior, ...change }, false).planned.claim).toBe(claim);
  });

  test("a rotation that goes on is left alone", () => {
    const prior = { ...PRIOR, status: "rotating" };
    expect(planKey(prior, prior, false).planned).toEqual(prior);
  });

  test("an adopted key that was rotated since is not adopted again", () => {
    const prior = { ...PRIOR, adopt_key_id: "hand-made", key_id: "key-7" };
    expect(workOf(prior, prior)).toBe("nothing");
  });
});

const value: fc.Arbitrary<Value> = fc.constantFrom<Value>(
  null,
  UNKNOWN,
  "web",
  "live",
  ARN,
  "keyturn/demo/web",
  "other",
);
const config = fc.record({
  secret_id: value,
  name: value,
  vendor: value,
  role: value,
  type: value,
  adopt_key_id: value,
});
const status = fc.constantFrom("current", "rotating", "missing", "revoked");

describe("whatever is configured", () => {
  test("an argument is planned as configured: Terraform refuses anything else", () => {
    fc.assert(
      fc.property(config, fc.option(status), fc.boolean(), (change, now, isOther) => {
        const prior = now === null ? null : { ...PRIOR, status: now };
        expect(planKey(prior, { ...(prior ?? PRIOR), ...change }, isOther).planned).toMatchObject(change);
      }),
    );
  });

  test("facts are either all as they were, or not known until the apply", () => {
    fc.assert(
      fc.property(config, status, fc.boolean(), (change, now, isOther) => {
        const prior = { ...PRIOR, status: now };
        const { planned } = planKey(prior, { ...prior, ...change }, isOther);
        const unknown = CHANGING_FACTS.filter((name) => planned[name] === UNKNOWN);
        expect([0, CHANGING_FACTS.length]).toContain(unknown.length);
      }),
    );
  });

  test("a plan of what was just applied is empty", () => {
    fc.assert(
      fc.property(config, (change) => {
        const known = Object.fromEntries(
          Object.entries(change).map(([name, set]) => [name, set === UNKNOWN ? "x" : set]),
        );
        const applied: ObjectValue = { ...PRIOR, ...known, secret_arn: known.secret_id ?? null };
        if (typeof applied.secret_id === "string")
          expect(planKey(applied, applied, false)).toEqual({ planned: applied, replacedBy: [] });
      }),
    );
  });
});
