import { describe, expect, test } from "vitest";
import { isActive, leaveStray, look, unlimited, written } from "../../reconciliation/passes.ts";
import { DAY_MS, HOUR_MS, type Stand } from "../../stand.ts";

/* What a person asks reconcile for by name, and is not there. */

/** A service with a key that is over, a dead one, and a stray that may go. */
const opened = async () => {
  const stand = await unlimited({ grants: { strays: "revoke" } });
  const arn = await stand.deploy();
  const old = await stand.currentKey(arn);
  await stand.rotate(arn);
  const { id: strayId } = leaveStray(stand);
  await stand.clock.advance(2 * DAY_MS);
  return { stand, arn, old, strayId };
};

const NOT_THERE = "arn:aws:secretsmanager:us-east-1:000000000000:secret:keyturn/prod/gone-AbCdEf";

const foreignSecret = async (stand: Stand, Tags: readonly object[]): Promise<string> =>
  (await stand.aws<{ ARN: string }>("CreateSecret", { Name: "keyturn/other/web", SecretString: "x", Tags })).ARN;

describe("reconcile refuses, says what is not there, and does nothing at all, when it is asked for", () => {
  test.each<[string, (made: Awaited<ReturnType<typeof opened>>) => Promise<object> | object, RegExp]>([
    ["a secret that is not there", () => ({ only: [NOT_THERE] }), /^NOT_MANAGED.*secret:keyturn\/prod\/gone-AbCdEf/],
    [
      "one that is and one that is not",
      ({ arn }) => ({ only: [arn, NOT_THERE] }),
      /^NOT_MANAGED: [^,]*gone-AbCdEf, so nothing was done/,
    ],
    [
      "an ARN that is cut off",
      ({ arn }) => ({ only: [arn.slice(0, -7)] }),
      /^NOT_MANAGED.*keyturn\/prod\/web, so nothing/,
    ],
    ["a secret that nobody manages", async ({ stand }) => ({ only: [await foreignSecret(stand, [])] }), /^NOT_MANAGED/],
    [
      "another service's secret",
      async ({ stand }) => ({ only: [await foreignSecret(stand, [{ Key: "keyturn:service", Value: "other" }])] }),
      /^NOT_MANAGED/,
    ],
    ["a dead key of a secret that is not there", () => ({ replaceDead: [NOT_THERE] }), /^NOT_MANAGED.*gone-AbCdEf/],
    ["a stray that no vendor lists", () => ({ revokeStrays: ["key_none"] }), /^KEY_NOT_FOUND.*key_none/],
    [
      "one that is listed and one that is not",
      ({ strayId }) => ({ revokeStrays: [strayId, "key_none"] }),
      /^KEY_NOT_FOUND: [^,]*lists key_none, so nothing was done/,
    ],
    [
      "a stray of a part of the service, with another's id",
      ({ arn }) => ({ only: [arn], revokeStrays: ["7"] }),
      /^KEY_NOT_FOUND.*lists 7/,
    ],
  ])("%s", async (_, request, error) => {
    const made = await opened();
    const { stand, old, strayId } = made;

    const told = await look(stand, { revokeStrays: undefined, ...(await request(made)) });

    expect(told.error).toMatch(error);
    expect(isActive(stand.pictify, old.keyId)).toBe(true);
    expect(isActive(stand.pictify, strayId)).toBe(true);
    expect(written(stand, "ReconcileCompleted")).toEqual([]);
  });
});

describe("reconcile does what it is asked for", () => {
  test("for a secret by its ARN, and for a stray by its id", async () => {
    const { stand, arn, old, strayId } = await opened();

    expect((await look(stand, { only: [arn], revokeStrays: [strayId] })).error).toBeUndefined();

    expect(isActive(stand.pictify, old.keyId)).toBe(false);
    expect(isActive(stand.pictify, strayId)).toBe(false);
  });

  test("for a secret that asks for what is not granted: it is there, and its refusal is told", async () => {
    const serves = [{ secret: "keyturn/prod/web", name: "web", type: "live" }];
    const stand = await unlimited({ connections: { pictify: { serves } } });
    const arn = await stand.declare({ name: "other" });
    await stand.clock.advance(HOUR_MS);

    expect((await look(stand, { revokeStrays: undefined, only: [arn] })).error).toBeUndefined();
    expect(written(stand, "RequestsRefused")).toEqual([1]);
  });
});
