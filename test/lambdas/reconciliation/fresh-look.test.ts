import { expect, test } from "vitest";
import { markLabel } from "../../../lambdas/contracts/labels.ts";
import { begun, intercept } from "../rotation/begun.ts";
import { createStand, HOUR_MS, MINUTE_MS, mintedKeys, stagesOf } from "../stand.ts";
import { currentOf, isActive, look, makeCurrent, putMark, records, retag } from "./passes.ts";

const listLagMs = 5 * MINUTE_MS;

/** A key that was rotated, and whose old generation may go. */
const retiring = async () => {
  const stand = await createStand({ parameters: { listLagMs } });
  const arn = await stand.deploy();
  const old = { version: await currentOf(stand, arn), ...(await stand.currentKey(arn)) };
  await stand.rotate(arn);
  await stand.clock.advance(26 * HOUR_MS);
  return { stand, arn, old };
};

test("a retiring mark that was taken off since the secrets were listed keeps its key", async () => {
  const { stand, arn } = await retiring();
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

test("an old value that somebody has put back since keeps its key", async () => {
  const { stand, arn, old } = await retiring();
  const { SecretString } = await stand.aws<{ SecretString: string }>("GetSecretValue", {
    SecretId: arn,
    VersionId: old.version,
  });
  await stand.aws("PutSecretValue", { SecretId: arn, SecretString });
  await look(stand);

  expect(isActive(stand.pictify, old.keyId)).toBe(true);
  expect(records(stand, "key.kept")).toMatchObject([{ keyId: old.keyId, reason: "its secret has changed" }]);
});

test("a compromised version that is current again since keeps its key until it is replaced", async () => {
  const { stand, arn, old } = await retiring();
  await putMark(stand, arn, old.version, "compromised");
  await stand.clock.advance(listLagMs);
  await makeCurrent(stand, arn, old.version);
  await look(stand);

  expect(isActive(stand.pictify, old.keyId)).toBe(true);
});

test("a generation that was replaced since starts no second rotation", async () => {
  const stand = await createStand({ parameters: { listLagMs } });
  const arn = await stand.deploy();
  await stand.clock.advance(HOUR_MS);
  await putMark(stand, arn, await currentOf(stand, arn), "compromised");
  await stand.clock.advance(listLagMs);
  await stand.rotate(arn);
  await look(stand);

  expect(records(stand, "rotation.started")).toEqual([]);
  expect(records(stand, "rotation.not-started")).toHaveLength(1);
});

test("a stuck rotation whose secret somebody has changed since is not given up", async () => {
  const { stand, arn, token } = await begun({ parameters: { listLagMs } });
  await stand.clock.advance(6 * HOUR_MS);
  await retag(stand, arn, { team: "web" });
  await look(stand);

  expect(stagesOf(await stand.facts(arn)).pending).toBe(token);
});

test("a mark that another version got at the very same moment is gone round", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  const old = await currentOf(stand, arn);
  await stand.rotate(arn);
  await makeCurrent(stand, arn, old);

  expect((await look(stand)).error).toBeUndefined();
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
