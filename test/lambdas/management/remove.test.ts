import { describe, expect, test } from "vitest";
import { declarationTags } from "../../../lambdas/contracts/declaration.ts";
import { generationOf, keyName, serviceId } from "../../../lambdas/contracts/key-name.ts";
import { targetTags } from "../../../lambdas/contracts/target-tags.ts";
import { callWith } from "../reconciliation/passes.ts";
import { begun, intercept } from "../rotation/begun.ts";
import {
  createStand,
  declarationOfTest,
  HOUR_MS,
  MINUTE_MS,
  mintedKeys,
  pictographKey,
  type Stand,
  type StandOptions,
  stagesOf,
} from "../stand.ts";
import { ask, expecting, keyNow, operations, retag } from "./asking.ts";

const remove = (stand: Stand, secretId: string) => stand.invoke("manage", { action: "delete", secretId });
const isActive = (stand: Stand, keyId: string) => stand.pictify.keys().find(({ id }) => id === keyId)?.active;

test("the end of a managed key ends its rotation", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await stand.clock.advance(2 * HOUR_MS);
  await remove(stand, arn);

  expect((await stand.facts(arn)).rotationEnabled).toBe(false);
});

test("the end of a managed key says what is to be deleted in its targets' clusters, where no function has the right to", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await stand.clock.advance(2 * HOUR_MS);
  const place = { cluster: "eu", namespace: "web", name: "pictify", dataKey: "api-key", restart: [], delayMs: 120_000 };
  const store = { kind: "SecretStore", name: "aws" } as const;
  const tags = {
    ...targetTags({ ...place, id: "web", kind: "kubernetes" }),
    ...targetTags({ ...place, id: "batch", kind: "external-secret", name: "batch", store, refreshMs: 3_600_000 }),
  };
  await stand.aws("TagResource", { SecretId: arn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) });

  const { answer, error } = await remove(stand, arn);

  expect(error).toBeUndefined();
  expect(answer).toMatchObject({
    status: "destroyed",
    leftTargets: [
      { cluster: "eu", command: "kubectl delete externalsecret batch --namespace web" },
      { cluster: "eu", command: "kubectl delete secret pictify --namespace web" },
    ],
  });
});

test("the end of a managed key revokes an adopted key, which has no name of ours", async () => {
  const stand = await createStand();
  const arn = await stand.declare({ ...pictographKey });
  const { id, value } = stand.pictograph.issueKey({ name: "Production API Server", access: "member" });
  const issuedAt = new Date(stand.clock.now()).toISOString();
  const adopted = {
    apiKey: value,
    keyId: id,
    vendor: "pictograph",
    name: "Production API Server",
    role: "member",
    issuedAt,
  };
  await stand.aws("PutSecretValue", { SecretId: arn, SecretString: JSON.stringify(adopted) });
  await stand.clock.advance(2 * HOUR_MS);

  expect(await remove(stand, arn)).toMatchObject({ answer: { status: "destroyed" } });
  expect(stand.pictograph.keys().find((key) => key.id === id)?.active).toBe(false);
});

test("the end of a managed key leaves an adopted key to a person whose vendor does not show whose value it is", async () => {
  const stand = await createStand();
  const arn = await stand.declare();
  const { value } = stand.pictify.issueKey({ name: "Production API Server", access: "live" });
  const somebodys = stand.pictify.issueKey({ name: "Batch", access: "live" });
  const issuedAt = new Date(stand.clock.now()).toISOString();
  const adopted = { apiKey: value, keyId: somebodys.id, vendor: "pictify", name: "Batch", type: "live", issuedAt };
  await stand.aws("PutSecretValue", { SecretId: arn, SecretString: JSON.stringify(adopted) });
  await stand.clock.advance(2 * HOUR_MS);

  expect((await remove(stand, arn)).error).toMatch(new RegExp(`^VENDOR_UNSUPPORTED.*${somebodys.id}.*revoke by hand`));
  expect(isActive(stand, somebodys.id)).toBe(true);
});

test("the end of a managed key leaves a key of the same name alone that another service minted", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  const name = keyName("web", serviceId("stage", arn), "0123456789");
  const theirs = stand.pictify.issueKey({ name, access: "live" });
  await stand.clock.advance(2 * HOUR_MS);
  await remove(stand, arn);

  expect(isActive(stand, theirs.id)).toBe(true);
});

test("a service ends no key of another one", async () => {
  const stand = await createStand();
  const tags = declarationTags({ ...declarationOfTest, service: "stage" });
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { ARN } = await stand.aws<{ ARN: string }>("CreateSecret", { Name: "keyturn/stage/web", Tags });
  stand.anotherService("stage");
  await stand.clock.run(stand.account.functions.invoke("keyturn-stage-manage", { action: "ensure", secretId: ARN }));
  await stand.clock.advance(2 * HOUR_MS);

  expect((await remove(stand, ARN)).error).toMatch(/^NOT_GRANTED/);
  expect(mintedKeys(stand.pictify)).toHaveLength(1);
});

test("the end of a managed key leaves one alone that has the same name and another secret", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  const other = await stand.deploy({ name: "other" });
  await retag(stand, other, { name: "web" });
  await stand.rotate(other);
  await stand.clock.advance(2 * HOUR_MS);
  await remove(stand, arn);

  expect(isActive(stand, (await stand.currentKey(other)).keyId)).toBe(true);
});

test("the end of a managed key revokes a key that was minted for it under its older name, and lost", async () => {
  const stand = await createStand();
  const arn = await stand.declare();
  const lost = "b".repeat(32);
  const name = keyName("older", serviceId("prod", arn), generationOf(lost));
  const { id } = stand.pictify.issueKey({ name, access: "live" });
  await stand.aws("PutSecretValue", { SecretId: arn, ClientRequestToken: lost, SecretString: "{}" });
  await stand.clock.advance(2 * HOUR_MS);
  await remove(stand, arn);

  expect(isActive(stand, id)).toBe(false);
});

test("the end of a managed key revokes a first key whose value never reached the secret", async () => {
  const stand = await createStand();
  const arn = await stand.declare();
  stand.pictify.hostile.next("create", "commit-then-silence");
  await stand.invoke("manage", { action: "ensure", secretId: arn });
  expect(mintedKeys(stand.pictify)).toHaveLength(1);
  await stand.clock.advance(2 * HOUR_MS);
  await remove(stand, arn);

  expect(mintedKeys(stand.pictify)).toEqual([]);
});

test("a secret that is gone is a success, and little is told of it", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await stand.aws("DeleteSecret", { SecretId: arn, ForceDeleteWithoutRecovery: true });
  const { answer } = await ask(stand, "delete", arn, { expected: expecting() });

  expect(answer).toMatchObject({ status: "destroyed", secretArn: arn, name: "web", vendor: "pictify", type: "live" });
  expect((await ask(stand, "delete", arn)).answer).toMatchObject({ status: "destroyed", connection: "unknown" });
});

test("a secret that is marked for deletion has its keys revoked by their names", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await stand.rotate(arn);
  await stand.clock.advance(2 * HOUR_MS);
  await stand.aws("DeleteSecret", { SecretId: arn });
  const { answer } = await ask(stand, "delete", arn, { expected: expecting() });

  expect(answer).toMatchObject({ status: "destroyed", liveGenerations: 0 });
  expect(mintedKeys(stand.pictify)).toEqual([]);
});

test("what differs from the tags does not keep a key from its end: an update before may have died", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await retag(stand, arn, { name: "renamed", type: "test" });
  await stand.clock.advance(2 * HOUR_MS);
  const { answer } = await ask(stand, "delete", arn, { expected: expecting() });

  expect(answer).toMatchObject({ status: "destroyed", liveGenerations: 0 });
  expect(mintedKeys(stand.pictify)).toEqual([]);
});

test("a key that is minted between the first look and the mark is revoked too", async () => {
  const { stand, arn, token } = await begun();
  const name = keyName("web", serviceId("prod", arn), generationOf(token));
  intercept(async (_, call, input) => {
    if (JSON.stringify(input).includes("keyturn/destroyed/")) stand.pictify.issueKey({ name, access: "live" });
    return call();
  })(stand);
  stand.anotherService("prod");
  await ask(stand, "delete", arn, { force: true });

  expect(stand.pictify.keys().filter((key) => key.name === name)).toMatchObject([{ active: false }]);
});

/** A key that went from Pictify to Pictograph: created there before it is destroyed here, as Terraform does it. */
describe("a key that has moved to another vendor connection", () => {
  const old = expecting();
  const toPictograph = expecting({ connection: "pictograph", access: { kind: "role", value: "member" } });

  const moved = async (options: StandOptions = {}) => {
    const stand = await createStand(options);
    const arn = await stand.deploy();
    const { apiKey, keyId } = await stand.currentKey(arn);
    await stand.clock.advance(2 * HOUR_MS);
    await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:type"] });
    await retag(stand, arn, { vendor: "pictograph", role: "member" });
    await ask(stand, "ensure", arn, { expected: toPictograph, revive: true });
    return { stand, arn, apiKey, keyId };
  };

  test("lives on: no mark, no end of its rotation, and its old key stays for the workloads that have it", async () => {
    const { stand, arn, keyId } = await moved();
    const before = await stand.facts(arn);
    const { answer } = await ask(stand, "delete", arn, { expected: old });

    expect(answer).toMatchObject({ status: "destroyed", connection: "pictify", liveGenerations: 1, debt: [] });
    expect(await stand.facts(arn)).toEqual(before);
    expect(isActive(stand, keyId)).toBe(true);
    expect(mintedKeys(stand.pictograph)).toHaveLength(1);
  });

  test("is not refused for the use of what stays", async () => {
    const { stand, arn, apiKey } = await moved();
    const headers = { Authorization: `Bearer ${apiKey}` };
    await stand.pictify.fetch(new Request("https://pictify.test/api-keys", { headers }));
    await stand.clock.advance(10 * MINUTE_MS);

    expect((await ask(stand, "delete", arn, { expected: old })).answer).toMatchObject({ status: "destroyed" });
  });

  test("has a key revoked at once that no version holds", async () => {
    const { stand, arn, keyId } = await moved();
    const versions = await stand.aws<{ Versions: { VersionId: string }[] }>("ListSecretVersionIds", {
      SecretId: arn,
      IncludeDeprecated: true,
    });
    const [first] = versions.Versions;
    await stand.aws("PutSecretValue", {
      SecretId: arn,
      ClientRequestToken: "c".repeat(32),
      SecretString: "{}",
      VersionStages: ["once"],
    });
    await stand.aws("UpdateSecretVersionStage", {
      SecretId: arn,
      VersionStage: "once",
      RemoveFromVersionId: "c".repeat(32),
    });
    const name = keyName("web", serviceId("prod", arn), generationOf("c".repeat(32)));
    const lost = stand.pictify.issueKey({ name, access: "live" });
    await ask(stand, "delete", arn, { expected: old });

    expect(first).toBeDefined();
    expect(isActive(stand, lost.id)).toBe(false);
    expect(isActive(stand, keyId)).toBe(true);
  });

  test("whose new key was never made keeps the old one", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await stand.clock.advance(2 * HOUR_MS);
    await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:type"] });
    await retag(stand, arn, { vendor: "pictograph", role: "member" });
    await ask(stand, "delete", arn, { expected: old });

    expect(isActive(stand, keyId)).toBe(true);
  });

  test("has every key revoked in the end, at both connections", async () => {
    const { stand, arn, keyId } = await moved();
    await stand.clock.advance(2 * HOUR_MS);
    const { answer } = await ask(stand, "delete", arn, { expected: toPictograph });

    expect(answer).toMatchObject({ status: "destroyed", liveGenerations: 0 });
    expect(isActive(stand, keyId)).toBe(false);
    expect(mintedKeys(stand.pictograph)).toEqual([]);
  });

  test("whose old connection the service has no more says so", async () => {
    const { stand, arn } = await moved();
    const { error } = await ask(stand, "delete", arn, { expected: { ...old, connection: "gone" } });

    expect(error).toMatch(
      /^NOT_GRANTED.*no vendor connection gone.*connect it again under that name, and remove its keys before/,
    );
  });
});

test("an end that is refused has changed nothing", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await stand.clock.advance(10 * MINUTE_MS);
  await callWith(stand, (await stand.currentKey(arn)).apiKey);
  await stand.clock.advance(10 * MINUTE_MS);
  const before = await stand.facts(arn);

  expect((await ask(stand, "delete", arn)).error).toMatch(/^IN_USE/);
  expect(await stand.facts(arn)).toEqual(before);
  expect(operations(stand.pictify).revoke).toBeUndefined();
});

test("an end that two ask for at once comes once", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  const { current = "" } = stagesOf(await stand.facts(arn));
  const told = await Promise.all([1, 2].map(() => ask(stand, "delete", arn, { force: true })));

  expect(told.map(({ answer }) => answer?.status)).toEqual(["destroyed", "destroyed"]);
  expect((await stand.facts(arn)).stages[current]?.filter((label) => label.includes("destroyed"))).toHaveLength(1);
  expect(keyNow(stand.pictify, mintedKeys(stand.pictify)[0]?.id ?? "")).toBeUndefined();
});
