import { describe, expect, test } from "vitest";
import { generationOf, keyName, serviceId } from "../../../lambdas/contracts/key-name.ts";
import { answerWith, begun } from "../rotation/begun.ts";
import { createStand, mintedKeys, pictographKey, type Stand, type StandOptions, stagesOf } from "../stand.ts";
import { ask, askUntilCurrent, expecting, keyNow, operations, retag, rotationsEnd } from "./asking.ts";

const viewer = { ...pictographKey, access: { kind: "role", value: "viewer" } } as const;

const deployed = async (declaration: object = {}, options: StandOptions = {}) => {
  const stand = await createStand(options);
  const arn = await stand.deploy(declaration);
  return { stand, arn, ...(await stand.currentKey(arn)) };
};

const nameOf = (arn: string, name: string, versionId: string) =>
  keyName(name, serviceId("prod", arn), generationOf(versionId));

/** Another name in the tags, and the update that goes with it. */
const rename = async (stand: Stand, arn: string, declaration: object = {}) => {
  await retag(stand, arn, { name: "renamed" });
  return ask(stand, "update", arn, { expected: expecting({ ...declaration, name: "renamed" }) });
};

const demote = async (stand: Stand, arn: string) => {
  await retag(stand, arn, { role: "viewer" });
  return ask(stand, "update", arn, { expected: expecting(viewer) });
};

/** A new configuration of the rotation, which AWS tests without rotating. */
const configureRotation = (stand: Stand, arn: string) => {
  const RotationLambdaARN = stand.account.functions.arnOf(stand.functions.rotate);
  const configured = stand.aws("RotateSecret", { SecretId: arn, RotationLambdaARN, RotateImmediately: false });
  return stand.clock.run(configured.then(() => stand.account.secretsManager.idle()));
};

describe("a rename", () => {
  test.each([
    ["Pictify", {}, "pictify"],
    ["Pictograph", pictographKey, "pictograph"],
  ] as const)("is done in place at %s: same key, same value, same version", async (_, declaration, vendor) => {
    const { stand, arn, apiKey, keyId } = await deployed(declaration);
    const { current = "" } = stagesOf(await stand.facts(arn));
    const { answer } = await rename(stand, arn, declaration);
    expect(answer).toMatchObject({ name: "renamed", status: "current", keyId, versionId: current, liveGenerations: 1 });
    expect(await stand.currentKey(arn)).toMatchObject({ apiKey, keyId });
    expect(keyNow(stand[vendor], keyId)).toMatchObject({ name: nameOf(arn, "renamed", current), active: true });
  });

  test("is not asked for again where it is done", async () => {
    const { stand, arn } = await deployed();
    await rename(stand, arn);
    const before = operations(stand.pictify);
    await ask(stand, "update", arn, { expected: expecting({ name: "renamed" }) });
    expect(operations(stand.pictify).rename).toBe(before.rename);
  });

  test.each([404, 405, 501] as const)(
    "takes a rotation where the vendor has no request for it (%i)",
    async (status) => {
      const switches = { rename: false, missingEndpointStatus: status } as const;
      const { stand, arn, keyId } = await deployed({}, { pictify: { switches } });
      expect((await rename(stand, arn)).answer).toMatchObject({ status: "rotating", name: "web", keyId });
      await rotationsEnd(stand);
      const { answer } = await ask(stand, "update", arn, { expected: expecting({ name: "renamed" }) });
      expect(answer).toMatchObject({ status: "current", name: "renamed", liveGenerations: 2 });
      expect(keyNow(stand.pictify, keyId)?.active).toBe(true);
    },
  );

  test.each([400, 403, 409, 410, 422])("takes a rotation where the vendor refuses it with %i", async (status) => {
    const { stand, arn } = await deployed();
    answerWith(
      stand,
      (_url, { method }) => method === "PATCH",
      async () => new Response(JSON.stringify({ title: "no" }), { status }),
    );
    expect((await rename(stand, arn)).answer).toMatchObject({ status: "rotating" });
    await rotationsEnd(stand);
    expect((await stand.currentKey(arn)).keyId).not.toBe(undefined);
    expect(mintedKeys(stand.pictify).map(({ name }) => name)).toEqual([
      expect.stringMatching(/^web-kt-/),
      expect.stringMatching(/^renamed-kt-/),
    ]);
  });

  test.each(["commit-then-silence", "commit-then-server-error", "html", "not-json"] as const)(
    "counts when the vendor lists it, although it answered with %s each time",
    async (fault) => {
      const { stand, arn, keyId } = await deployed();
      stand.pictify.hostile.next("rename", fault, 9);
      expect((await rename(stand, arn)).answer).toMatchObject({ name: "renamed", status: "current", keyId });
      expect(mintedKeys(stand.pictify)).toHaveLength(1);
    },
  );

  test.each(["change-not-done", "name-truncated", "name-suffixed", "server-error"] as const)(
    "takes a rotation when the vendor does not list it as asked (%s)",
    async (fault) => {
      const { stand, arn, keyId } = await deployed();
      stand.pictify.hostile.next("rename", fault, 4);
      expect((await rename(stand, arn)).answer?.status).toBe("rotating");
      await rotationsEnd(stand);
      const { answer } = await ask(stand, "update", arn, { expected: expecting({ name: "renamed" }) });
      expect(answer).toMatchObject({ name: "renamed", status: "current" });
      expect(answer?.keyId).not.toBe(keyId);
      expect(keyNow(stand.pictify, keyId)?.active).toBe(true);
    },
  );

  test("waits for a list that is a moment behind", async () => {
    const { stand, arn, keyId } = await deployed();
    const renamed = rename(stand, arn);
    stand.pictify.hostile.next("list", { kind: "stale-list", ageMs: 2_000 }, 2);
    expect((await renamed).answer).toMatchObject({ name: "renamed", keyId });
  });

  test("that is throttled for long is left to the next try", async () => {
    const { stand, arn } = await deployed();
    stand.pictify.hostile.next("rename", { kind: "rate-limited", retryAfterSeconds: 900 });
    expect((await rename(stand, arn)).error).toMatch(/^VENDOR_RATE_LIMITED/);
    expect(await askUntilCurrent(stand, "update", arn)).toMatchObject({ name: "renamed" });
  });

  test("leaves a key's retirement and its end as they were", async () => {
    const { stand, arn, keyId } = await deployed();
    await rename(stand, arn);
    await stand.rotate(arn);
    expect((await ask(stand, "ensure", arn)).answer).toMatchObject({ name: "renamed", liveGenerations: 2 });
    await ask(stand, "delete", arn, { force: true });
    expect(keyNow(stand.pictify, keyId)?.active).toBe(false);
    expect(mintedKeys(stand.pictify)).toEqual([]);
  });
});

describe("a changed role", () => {
  test("is changed in place where the vendor can: same key, same value", async () => {
    const { stand, arn, apiKey, keyId } = await deployed(pictographKey);
    expect((await demote(stand, arn)).answer).toMatchObject({ role: "viewer", status: "current", keyId });
    expect(await stand.currentKey(arn)).toMatchObject({ apiKey });
    expect(keyNow(stand.pictograph, keyId)?.access).toBe("viewer");
  });

  test("together with a new name is one update", async () => {
    const { stand, arn, keyId } = await deployed(pictographKey);
    await retag(stand, arn, { role: "viewer", name: "renamed" });
    const { answer } = await ask(stand, "update", arn);
    expect(answer).toMatchObject({ role: "viewer", name: "renamed", keyId, status: "current" });
  });

  test("in place is not rotated for, although the stored value keeps the old role", async () => {
    const { stand, arn, keyId } = await deployed(pictographKey);
    await demote(stand, arn);
    expect(await stand.currentKey(arn)).toMatchObject({ role: "member" });
    const before = operations(stand.pictograph);
    for (let n = 0; n < 3; n++) expect((await ask(stand, "ensure", arn)).answer).toMatchObject({ keyId });
    expect(operations(stand.pictograph)).toMatchObject({ create: before.create, update: before.update });
  });

  test.each(["copy of the current value", "label on the current version", "empty version"] as const)(
    "in place stands the test of a new rotation configuration with an %s",
    async (configureTest) => {
      const { stand, arn } = await deployed(pictographKey, { parameters: { configureTest } });
      await demote(stand, arn);
      await configureRotation(stand, arn);
      expect(stand.lines.join("\n")).not.toContain("generation.abandoned");
      expect(JSON.stringify((await stand.facts(arn)).stages)).not.toContain("abandoned");
    },
  );

  test("that is declared and not yet done stands the test of a configuration with a copy of the current value", async () => {
    const { stand, arn } = await deployed(pictographKey, {
      parameters: { configureTest: "copy of the current value" },
    });
    await retag(stand, arn, { role: "viewer" });
    await configureRotation(stand, arn);
    expect(JSON.stringify((await stand.facts(arn)).stages)).not.toContain("abandoned");
    expect(stand.lines.join("\n")).not.toContain("generation.abandoned");
  });

  test("takes a rotation where the vendor cannot, and the old key stays for its overlap", async () => {
    const { stand, arn, keyId } = await deployed(pictographKey, { pictograph: { switches: { updateKey: false } } });
    expect((await demote(stand, arn)).answer).toMatchObject({ role: "member", status: "rotating" });
    await rotationsEnd(stand);
    expect((await ask(stand, "update", arn)).answer).toMatchObject({ role: "viewer", liveGenerations: 2 });
    expect(keyNow(stand.pictograph, keyId)).toMatchObject({ active: true, access: "member" });
  });

  test("that the vendor accepts and does not do takes a rotation", async () => {
    const { stand, arn } = await deployed(pictographKey);
    stand.pictograph.hostile.next("update", "change-not-done");
    expect((await demote(stand, arn)).answer).toMatchObject({ status: "rotating" });
    await rotationsEnd(stand);
    expect((await ask(stand, "update", arn)).answer).toMatchObject({ role: "viewer", status: "current" });
  });

  test("that changes the key's name on the way takes a rotation: the name says whose a key is", async () => {
    const { stand, arn, keyId } = await deployed(pictographKey);
    stand.pictograph.hostile.next("update", "name-suffixed");
    expect((await demote(stand, arn)).answer).toMatchObject({ status: "rotating" });
    await rotationsEnd(stand);
    const current = await stand.currentKey(arn);
    expect(current.keyId).not.toBe(keyId);
    expect(keyNow(stand.pictograph, current.keyId)?.name).toMatch(/^training-kt-[0-9a-f]{8}-[0-9a-f]{10}$/);
  });

  test("that a person made at the vendor is changed back in place", async () => {
    const { stand, arn, keyId } = await deployed(pictographKey);
    const body = JSON.stringify({ role: "admin" });
    await stand.pictograph.fetch(
      new Request(`https://pictograph.test/api/v1/api-keys/${keyId}`, {
        method: "PATCH",
        headers: { "X-API-Key": stand.pictograph.adminKey, "Content-Type": "application/json" },
        body,
      }),
    );
    expect(keyNow(stand.pictograph, keyId)?.access).toBe("admin");
    expect((await ask(stand, "ensure", arn)).answer).toMatchObject({ role: "member", keyId });
    expect(keyNow(stand.pictograph, keyId)?.access).toBe("member");
  });
});

describe("a changed type", () => {
  const toTest = async (stand: Stand, arn: string) => {
    await retag(stand, arn, { type: "test" });
    return ask(stand, "update", arn, { expected: expecting({ access: { kind: "type", value: "test" } }) });
  };

  test("takes a new key, and nothing is asked in place", async () => {
    const { stand, arn, keyId } = await deployed();
    expect((await toTest(stand, arn)).answer).toMatchObject({ status: "rotating", type: "live", keyId });
    await rotationsEnd(stand);
    expect((await ask(stand, "update", arn)).answer).toMatchObject({ status: "current", type: "test" });
    expect(operations(stand.pictify).rename).toBeUndefined();
  });

  test("is made at once where no rotation is configured yet", async () => {
    const stand = await createStand();
    const arn = await stand.declare();
    await ask(stand, "ensure", arn);
    expect((await toTest(stand, arn)).answer).toMatchObject({ status: "current", type: "test", liveGenerations: 2 });
  });

  test("starts no second rotation while one is on its way", async () => {
    const { stand, arn } = await begun();
    const before = operations(stand.pictify);
    expect((await toTest(stand, arn)).answer).toMatchObject({ status: "rotating" });
    expect((await toTest(stand, arn)).answer).toMatchObject({ status: "rotating" });
    expect(operations(stand.pictify).create).toBe(before.create);
  });

  test("asked for twice at once starts one rotation", async () => {
    const { stand, arn } = await deployed();
    await retag(stand, arn, { type: "test" });
    const answers = await Promise.all([ask(stand, "update", arn), ask(stand, "update", arn)]);
    expect(answers.map(({ error }) => error)).toEqual([undefined, undefined]);
    await rotationsEnd(stand);
    expect(mintedKeys(stand.pictify)).toHaveLength(2);
  });

  test("starts a rotation although AWSPENDING was left on a version that was given up", async () => {
    const { stand, arn, token, step } = await begun();
    await step("createSecret");
    const label = "keyturn/abandoned/2026-11-21T12:00:00.000Z";
    await stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage: label, MoveToVersionId: token });
    expect((await toTest(stand, arn)).error).toBeUndefined();
    await rotationsEnd(stand);
    expect((await ask(stand, "update", arn)).answer).toMatchObject({ status: "current", type: "test" });
  });
});

test("an update of a key that was destroyed does not bring it back", async () => {
  const { stand, arn } = await deployed();
  await ask(stand, "delete", arn, { force: true });
  expect((await ask(stand, "update", arn)).error).toMatch(/^DESTROYED.*declare it again/);
});
