import { describe, expect, test } from "vitest";
import { aSecretsManager, expectRefusal } from "./a-secrets-manager.ts";

const statusOf = (Region: string, Status: string, KmsKeyId = "alias/aws/secretsmanager") =>
  Status === "InSync"
    ? { Region, KmsKeyId, Status, StatusMessage: "Replication succeeded" }
    : { Region, KmsKeyId, Status };

const withReplicas = async (regions: readonly object[] = [{ Region: "eu-west-1" }, { Region: "eu-west-3" }]) => {
  const manager = aSecretsManager();
  await manager.create();
  const answer = await manager.call("ReplicateSecretToRegions", { SecretId: "key", AddReplicaRegions: regions });
  return { ...manager, answer };
};

describe("replicas", () => {
  test("are in progress at first and in sync later, in the answers of every operation", async () => {
    const { answer, clock, describe: describeKey, list, call } = await withReplicas();
    const { ARN } = await describeKey();
    expect(answer).toEqual({
      ARN,
      ReplicationStatus: ["eu-west-1", "eu-west-3"].map((r) => statusOf(r, "InProgress")),
    });

    await clock.advance(1000);

    const inSync = ["eu-west-1", "eu-west-3"].map((region) => statusOf(region, "InSync"));
    expect(await describeKey()).toMatchObject({ PrimaryRegion: "us-east-1", ReplicationStatus: inSync });
    expect((await list()).SecretList?.[0]).toMatchObject({ PrimaryRegion: "us-east-1" });
    const removed = await call("RemoveRegionsFromReplication", {
      SecretId: "key",
      RemoveReplicaRegions: ["eu-west-1", "ap-east-1"],
    });
    expect(removed).toEqual({ ARN, ReplicationStatus: inSync.slice(1) });
  });

  test("can be asked for when the secret is created, with a key", async () => {
    const { create } = aSecretsManager({ replicationDelayMs: 0 });

    const answer = await create({ AddReplicaRegions: [{ Region: "eu-west-1", KmsKeyId: "alias/k" }] });

    expect(answer).toMatchObject({ ReplicationStatus: [statusOf("eu-west-1", "InSync", "alias/k")] });
  });

  test("are found by their primary Region", async () => {
    const { create, list } = await withReplicas();
    await create({ Name: "other" });

    const found = await list({ Filters: [{ Key: "primary-region", Values: ["us-"] }] });

    expect(found.SecretList?.map(({ Name }) => Name)).toEqual(["key"]);
  });

  test("a secret without them has neither field", async () => {
    const { call, describe: describeKey } = await withReplicas([{ Region: "eu-west-1" }]);
    await call("RemoveRegionsFromReplication", { SecretId: "key", RemoveReplicaRegions: ["eu-west-1"] });

    expect(Object.keys(await describeKey())).not.toEqual(expect.arrayContaining(["PrimaryRegion"]));
    expect(await describeKey()).not.toHaveProperty("ReplicationStatus");
  });

  test("a Region that is added again begins anew", async () => {
    const { call, clock } = await withReplicas();
    await clock.advance(1000);

    const again = { SecretId: "key", AddReplicaRegions: [{ Region: "eu-west-1" }], ForceOverwriteReplicaSecret: true };
    const { ReplicationStatus } = await call("ReplicateSecretToRegions", again);

    expect(ReplicationStatus).toEqual([statusOf("eu-west-3", "InSync"), statusOf("eu-west-1", "InProgress")]);
  });

  test.each([{}, { ForceDeleteWithoutRecovery: true }])("keep the secret from being deleted (%j)", async (input) => {
    const { call } = await withReplicas();

    const text = "that still has replica regions [eu-west-1, eu-west-3]";
    await expectRefusal(call("DeleteSecret", { SecretId: "key", ...input }), "InvalidParameterException", text);
  });

  test.each([
    ["the primary Region", [{ Region: "us-east-1" }], "InvalidParameterException", "primary Region"],
    ["one twice", [{ Region: "eu-west-1" }, { Region: "eu-west-1" }], "InvalidParameterException", "named twice"],
    ["none", [], "ValidationException", "addReplicaRegions"],
    ["no code of a Region", [{ Region: "Europe" }], "ValidationException", "addReplicaRegions.1.member.region"],
  ])("in %s are refused, and nothing is created", async (_, AddReplicaRegions, code, text) => {
    const { create, call, list } = aSecretsManager();
    await create();

    await expectRefusal(call("ReplicateSecretToRegions", { SecretId: "key", AddReplicaRegions }), code, text);
    await expectRefusal(create({ Name: "other", AddReplicaRegions }), code, text);
    expect((await list()).SecretList).toHaveLength(1);
  });

  test("StopReplicationToReplica finds no replica in the primary Region", async () => {
    const { call } = await withReplicas();

    const work = call("StopReplicationToReplica", { SecretId: "key" });
    await expectRefusal(work, "InvalidParameterException", "only on a replica secret");
  });
});
