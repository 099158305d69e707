import { describe, expect, test } from "vitest";
import { claimLabel } from "../../../lambdas/contracts/claims.ts";
import { createStand, DAY_MS, HOUR_MS, MINUTE_MS, type Stand, stagesOf } from "../stand.ts";
import { passes, records, written } from "./passes.ts";

const deployed = async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await stand.clock.advance(2 * HOUR_MS);
  return { stand, arn };
};

const claim = async (stand: Stand, SecretId: string, id: string): Promise<void> => {
  const { current = "" } = stagesOf(await stand.facts(SecretId));
  const VersionStage = claimLabel({ id, isOpen: false, sinceMs: stand.clock.now() });
  await stand.aws("UpdateSecretVersionStage", { SecretId, VersionStage, MoveToVersionId: current });
};

describe("a key that was destroyed while its secret was kept", () => {
  test("calls somebody in the next pass, and says what to do", async () => {
    const { stand, arn } = await deployed();
    await stand.invoke("manage", { action: "delete", secretId: arn });
    await passes(stand, 1);

    expect(records(stand, "key.ended")).toMatchObject([{ secretName: "keyturn/prod/web" }]);
    expect(written(stand, "CurrentKeyDead")).toEqual([1]);
  });

  test("calls for a day, and no longer", async () => {
    const { stand, arn } = await deployed();
    await stand.invoke("manage", { action: "delete", secretId: arn });
    await stand.clock.advance(DAY_MS + MINUTE_MS);
    await passes(stand, 1);

    expect(records(stand, "key.ended")).toEqual([]);
  });

  test("calls nobody once its secret is deleted, too", async () => {
    const { stand, arn } = await deployed();
    await stand.invoke("manage", { action: "delete", secretId: arn });
    await stand.aws("DeleteSecret", { SecretId: arn });
    await passes(stand, 1);

    expect(written(stand, "CurrentKeyDead")).toEqual([]);
    expect(written(stand, "DriftFound")).toEqual([]);
  });

  test("calls nobody once it was declared again", async () => {
    const { stand, arn } = await deployed();
    await stand.invoke("manage", { action: "delete", secretId: arn });
    await stand.invoke("manage", { action: "ensure", secretId: arn, revive: true });
    await passes(stand, 1);

    expect(written(stand, "CurrentKeyDead")).toEqual([]);
  });
});

describe("a secret that is marked for deletion", () => {
  test("calls somebody in the next pass while objects claim its key, and names their claims", async () => {
    const { stand, arn } = await deployed();
    await claim(stand, arn, "one");
    await stand.aws("DeleteSecret", { SecretId: arn });
    await passes(stand, 1);

    expect(records(stand, "secret.deleted-while-claimed")).toMatchObject([
      { secretName: "keyturn/prod/web", claims: [{ id: "one" }] },
    ]);
    expect(written(stand, "DriftFound")).toEqual([1]);
  });

  test("calls somebody of a key from before claims, which has the unnamed one", async () => {
    const { stand, arn } = await deployed();
    const { unclaimed } = (await stand.facts(arn)).held;
    const { versionId: RemoveFromVersionId, label: VersionStage } = unclaimed ?? {};
    await stand.aws("UpdateSecretVersionStage", { SecretId: arn, RemoveFromVersionId, VersionStage });
    await stand.aws("DeleteSecret", { SecretId: arn });
    await passes(stand, 1);

    expect(records(stand, "secret.deleted-while-claimed")).toMatchObject([{ claims: [{ id: "unnamed" }] }]);
  });

  test("calls nobody where no object claims its key", async () => {
    const { stand, arn } = await deployed();
    await stand.aws("DeleteSecret", { SecretId: arn });
    await passes(stand, 1);

    expect(written(stand, "DriftFound")).toEqual([]);
  });
});
