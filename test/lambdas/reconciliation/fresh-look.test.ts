import { expect, test } from "vitest";
import { markLabel } from "../../../lambdas/contracts/labels.ts";
import { intercept } from "../rotation/begun.ts";
import { createStand, HOUR_MS, MINUTE_MS, mintedKeys, type Stand } from "../stand.ts";

const look = (stand: Stand) => stand.invoke("reconcile", { revokeStrays: [] });

const listLagMs = 5 * MINUTE_MS;

test("a retiring mark that was taken off since the secrets were listed keeps its key", async () => {
  const stand = await createStand({ parameters: { listLagMs } });
  const arn = await stand.deploy();
  await stand.rotate(arn);
  await stand.clock.advance(26 * HOUR_MS);
  const { stages } = await stand.facts(arn);
  for (const [versionId, labels] of Object.entries(stages))
    for (const label of labels.filter((one) => one.startsWith("keyturn/retiring/")))
      await stand.aws("UpdateSecretVersionStage", {
        SecretId: arn,
        VersionStage: label,
        RemoveFromVersionId: versionId,
      });
  await look(stand);

  expect(mintedKeys(stand.pictify)).toHaveLength(2);
});

test("a destroyed mark that was taken off since keeps the key", async () => {
  const stand = await createStand({ parameters: { listLagMs } });
  const arn = await stand.deploy();
  const [version = ""] = Object.keys((await stand.facts(arn)).stages);
  const VersionStage = markLabel("destroyed", stand.clock.now());
  await stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage, MoveToVersionId: version });
  await stand.clock.advance(HOUR_MS);
  await stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage, RemoveFromVersionId: version });
  await look(stand);

  expect(mintedKeys(stand.pictify)).toHaveLength(1);
});

/** Answers about secrets come as from a region that they were replicated to. */
const asReplicas = intercept(async (operation, call) => {
  const answer = (await call()) as { SecretList?: object[] };
  if (operation === "DescribeSecret") return { ...answer, PrimaryRegion: "eu-west-1" };
  const { SecretList } = answer;
  if (!SecretList) return answer;
  return { ...answer, SecretList: SecretList.map((entry) => ({ ...entry, PrimaryRegion: "eu-west-1" })) };
});

test("a replica is left to its own region: nothing is minted, revoked or reported for it", async () => {
  const stand = await createStand();
  const arn = await stand.declare();
  asReplicas(stand);
  stand.anotherService("prod");

  expect((await stand.invoke("manage", { action: "ensure", secretId: arn })).error).toMatch(
    /^NOT_MANAGED.*is a replica; ask in eu-west-1/,
  );
  await stand.clock.advance(HOUR_MS);
  await look(stand);
  await stand.clock.advance(HOUR_MS);
  expect(mintedKeys(stand.pictify)).toEqual([]);
  expect(stand.lines.join("\n")).not.toContain("generation.missing");
});
