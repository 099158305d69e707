import { describe, expect, test } from "vitest";
import { markLabel } from "../../../lambdas/contracts/labels.ts";
import { begun } from "../rotation/begun.ts";
import { createStand, HOUR_MS, mintedKeys, pictographKey, type Stand, type StandOptions, stagesOf } from "../stand.ts";
import { ask, expecting, keyNow, rotationsEnd, storeByHand } from "./asking.ts";

const NAME = "Production API Server";
const member = { ...pictographKey } as const;

/** A key that people made and run, declared, with its value put into the secret. */
const handMade = async (
  options: StandOptions = {},
  value: (key: { apiKey: string; keyId: string }) => string | object = ({ apiKey }) => ({ apiKey }),
) => {
  const stand = await createStand(options);
  const arn = await stand.declare(member);
  const { id: keyId, value: apiKey } = stand.pictograph.issueKey({ name: NAME, access: "member" });
  await stand.clock.advance(HOUR_MS);
  const versionId = await storeByHand(stand, arn, value({ apiKey, keyId }));
  return { stand, arn, keyId, apiKey, versionId };
};

const adopt = (stand: Stand, arn: string, keyId: string) =>
  ask(stand, "adopt", arn, { keyId, expected: expecting(member) });

const documented = ({ apiKey, keyId }: { apiKey: string; keyId: string }) => ({
  apiKey,
  keyId,
  vendor: "pictograph",
  name: NAME,
  role: "member",
  issuedAt: "2026-11-21T12:00:00.000Z",
});

describe("adopting a key that people made", () => {
  test("makes it the current generation: the same key under its own name, in the documented form", async () => {
    const { stand, arn, keyId, apiKey } = await handMade();
    const { answer } = await adopt(stand, arn, keyId);
    expect(answer).toMatchObject({ status: "current", keyId, name: "training", role: "member", liveGenerations: 1 });
    expect(await stand.currentKey(arn)).toEqual({
      apiKey,
      keyId,
      vendor: "pictograph",
      connection: "pictograph",
      organizationId: stand.pictograph.organizationId,
      name: NAME,
      role: "member",
      issuedAt: expect.stringMatching(/^2026-11-21T12:00/),
    });
    expect(keyNow(stand.pictograph, keyId)).toMatchObject({ name: NAME, active: true });
    expect(mintedKeys(stand.pictograph)).toEqual([]);
  });

  test("marks no version for a retirement, and leaves no mark of its own", async () => {
    const { stand, arn, keyId, versionId } = await handMade();
    await adopt(stand, arn, keyId);
    const { stages } = await stand.facts(arn);
    const { current = "" } = stagesOf(await stand.facts(arn));
    expect(stages).toEqual({ [versionId]: ["AWSPREVIOUS"], [current]: ["AWSCURRENT"] });
  });

  test("writes no version where the value has the documented form already", async () => {
    const { stand, arn, keyId, versionId } = await handMade({}, documented);
    const { answer } = await adopt(stand, arn, keyId);
    expect(answer).toMatchObject({ status: "current", keyId, versionId });
  });

  test("may be repeated, and asked twice at once", async () => {
    const { stand, arn, keyId } = await handMade();
    const answers = await Promise.all([adopt(stand, arn, keyId), adopt(stand, arn, keyId)]);
    expect(answers).toMatchObject([{ answer: { status: "current", keyId } }, { answer: { status: "current", keyId } }]);
    const { stages } = await stand.facts(arn);
    await adopt(stand, arn, keyId);
    expect((await stand.facts(arn)).stages).toEqual(stages);
  });

  test("brings a key that was destroyed back", async () => {
    const { stand, arn, keyId } = await handMade();
    const { current = "" } = stagesOf(await stand.facts(arn));
    const label = markLabel("destroyed", stand.clock.now());
    await stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage: label, MoveToVersionId: current });
    expect((await adopt(stand, arn, keyId)).answer).toMatchObject({ status: "current", keyId });
  });

  test("changes its role in place to the declared one, and keeps its name", async () => {
    const { stand, arn, keyId } = await handMade({}, ({ apiKey }) => ({ apiKey }));
    await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:role", Value: "viewer" }] });
    const { answer } = await ask(stand, "adopt", arn, { keyId });
    expect(answer).toMatchObject({ role: "viewer", keyId, status: "current" });
    expect(keyNow(stand.pictograph, keyId)).toMatchObject({ access: "viewer", name: NAME });
  });

  test("replaces it where its role is another and cannot be changed", async () => {
    const { stand, arn, keyId } = await handMade({ pictograph: { switches: { updateKey: false } } });
    await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:role", Value: "viewer" }] });
    const { answer } = await ask(stand, "adopt", arn, { keyId });
    expect(answer).toMatchObject({ role: "viewer", liveGenerations: 2 });
    expect(answer?.keyId).not.toBe(keyId);
    expect(keyNow(stand.pictograph, keyId)?.active).toBe(true);
  });

  test("lets it be rotated, retired and destroyed like any other", async () => {
    const { stand, arn, keyId } = await handMade();
    await adopt(stand, arn, keyId);
    await stand.clock.run(
      stand
        .aws("RotateSecret", {
          SecretId: arn,
          RotationLambdaARN: stand.account.functions.arnOf(stand.functions.rotate),
          RotationRules: { AutomaticallyAfterDays: 90 },
        })
        .then(() => rotationsEnd(stand)),
    );
    const { answer } = await ask(stand, "ensure", arn);
    expect(answer).toMatchObject({ status: "current", name: "training", liveGenerations: 2 });
    expect(keyNow(stand.pictograph, keyId)?.active).toBe(true);
    await ask(stand, "delete", arn, { force: true });
    expect(keyNow(stand.pictograph, keyId)?.active).toBe(false);
  });
});

describe("nothing is adopted, and nothing is changed,", () => {
  const refused = async (stand: Stand, arn: string, keyId: string, error: RegExp): Promise<void> => {
    const before = await stand.facts(arn);
    const told = await ask(stand, "adopt", arn, { keyId });
    expect(told.error).toMatch(error);
    expect((await stand.facts(arn)).stages).toEqual(before.stages);
    for (const value of stand.pictograph.issuedValues()) {
      expect(told.error).not.toContain(value);
      expect(stand.lines.join("\n")).not.toContain(value);
    }
  };

  test("of a key that the vendor does not list", async () => {
    const { stand, arn } = await handMade();
    await refused(stand, arn, "00000000-0000-4000-8000-000000000000", /^KEY_NOT_FOUND.*lists no active key 0000/);
  });

  test("of a key that was revoked", async () => {
    const { stand, arn, keyId } = await handMade();
    stand.pictograph.revokeKey(keyId);
    await refused(stand, arn, keyId, /^KEY_NOT_FOUND.*lists no active key/);
  });

  test("where the value is another key's, by what the vendor shows of it", async () => {
    const { stand, arn } = await handMade();
    const other = stand.pictograph.issueKey({ name: "another", access: "member" });
    await refused(stand, arn, other.id, /^KEY_NOT_FOUND.*is another/);
  });

  test("where the value says another id", async () => {
    const { stand, arn, keyId } = await handMade({}, ({ apiKey }) => ({ apiKey, keyId: "other-id" }));
    await refused(stand, arn, keyId, /^KEY_NOT_FOUND.*is that of the key other-id, not of/);
  });

  test("where the vendor does not take the value", async () => {
    const { stand, arn, keyId } = await handMade({}, ({ apiKey }) => ({ apiKey: `${apiKey}x` }));
    await refused(stand, arn, keyId, /^KEY_NOT_FOUND.*does not take the value/);
  });

  test("where the value is the admin key's", async () => {
    const { stand, arn } = await handMade();
    await storeByHand(stand, arn, { apiKey: stand.pictograph.adminKey });
    await refused(stand, arn, stand.pictograph.adminKeyId, /^BAD_INPUT.*is the admin key/);
  });

  test("of a generation of another managed key", async () => {
    const { stand, arn } = await handMade();
    const other = await stand.deploy({ ...pictographKey, name: "other" });
    const { apiKey, keyId } = await stand.currentKey(other);
    await storeByHand(stand, arn, { apiKey });
    await refused(stand, arn, keyId, /^BAD_INPUT.*a generation of another managed key/);
  });

  test.each([
    ["a bare text", "pk_live_0123456789abcdef", /^BAD_INPUT.*bare text \(24 characters\).*store \{"apiKey"/],
    ["JSON without apiKey", { key: "x" }, /^BAD_INPUT.*apiKey/],
    ["JSON with further fields", { apiKey: "x", baseUrl: "https://a" }, /^BAD_INPUT.*baseUrl/],
  ])("where the value is %s", async (_, value, error) => {
    const { stand, arn, keyId } = await handMade();
    await storeByHand(stand, arn, value);
    await refused(stand, arn, keyId, error);
  });

  test("where the secret has no value", async () => {
    const stand = await createStand();
    await refused(stand, await stand.declare(member), "some-id", /^NO_VALUE.*store \{"apiKey"/);
  });

  test("where the secret is marked for deletion", async () => {
    const { stand, arn, keyId } = await handMade();
    await stand.aws("DeleteSecret", { SecretId: arn });
    await refused(stand, arn, keyId, /^DESTROYED.*restore-secret/);
  });

  test("while a rotation is on its way", async () => {
    const { stand, arn } = await begun({ parameters: { putTakesPendingAway: false } }, pictographKey);
    const { id, value } = stand.pictograph.issueKey({ name: NAME, access: "member", propagationMs: 0 });
    await storeByHand(stand, arn, { apiKey: value });
    await refused(stand, arn, id, /^CONFLICT.*is being rotated/);
  });
});
