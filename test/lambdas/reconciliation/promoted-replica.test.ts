import { describe, expect, test } from "vitest";
import { generationOf, keyName, serviceId } from "../../../lambdas/contracts/key-name.ts";
import { DAY_MS, mintedKeys, type Stand } from "../stand.ts";
import { isActive, log, look, ownLabels, passes, putMark, records, unlimited, written } from "./passes.ts";

/** The region that the primary is in. */
const ELSEWHERE = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:keyturn/prod/web-AbCdEf";
const [OLD, NEW] = ["0".repeat(32), "1".repeat(32)] as const;

/** Stores a key as the service of the other region minted it for a version. @returns its id */
const putMintedElsewhere = async (stand: Stand, arn: string, versionId: string, stage: string): Promise<string> => {
  const name = keyName("web", serviceId("prod", ELSEWHERE), generationOf(versionId));
  const { id, value: apiKey } = stand.pictify.issueKey({ name, access: "live" });
  const issuedAt = new Date(stand.clock.now()).toISOString();
  await stand.aws("PutSecretValue", {
    SecretId: arn,
    ClientRequestToken: versionId,
    SecretString: JSON.stringify({
      apiKey,
      keyId: id,
      vendor: "pictify",
      connection: "pictify",
      name,
      type: "live",
      issuedAt,
    }),
    VersionStages: [stage],
  });
  return id;
};

/**
 * A secret as a promoted replica is: by its name, tags, labels and versions it is the primary's, and it has no rotation. Its old generation
 * is long past its overlap.
 */
const withPromotedReplica = async () => {
  const stand = await unlimited();
  const arn = await stand.declare();
  const old = await putMintedElsewhere(stand, arn, OLD, "AWSCURRENT");
  const current = await putMintedElsewhere(stand, arn, NEW, "AWSCURRENT");
  await putMark(stand, arn, OLD, "retiring");
  await stand.clock.advance(3 * DAY_MS);
  const minted = () => mintedKeys(stand.pictify).filter(({ id }) => id !== old && id !== current);
  return { stand, arn, old, current, minted };
};

describe("a replica that was promoted", () => {
  test("is left alone by reconcile: nothing is decided, revoked or minted for it", async () => {
    const { stand, arn, old, current, minted } = await withPromotedReplica();

    const labels = await ownLabels(stand, arn);

    await look(stand);
    await passes(stand, 3, DAY_MS);

    expect(await ownLabels(stand, arn)).toEqual(labels);
    expect(isActive(stand.pictify, old)).toBe(true);
    expect(isActive(stand.pictify, current)).toBe(true);
    expect(minted()).toEqual([]);
  });

  test("is told of at each pass, with what to do", async () => {
    const { stand } = await withPromotedReplica();

    await look(stand);

    expect(records(stand, "request.refused").at(-1)).toMatchObject({
      secretName: "keyturn/prod/web",
      errorMessage: expect.stringMatching(/a replica that was promoted.*was minted there.*delete this copy/),
    });
    expect(written(stand, "RequestsRefused").at(-1)).toBe(1);
  });

  test("gets no generation by a rotation that somebody turns on for it", async () => {
    const { stand, arn, old, current, minted } = await withPromotedReplica();

    const RotationLambdaARN = stand.account.functions.arnOf(stand.functions.rotate);
    const RotationRules = { AutomaticallyAfterDays: 30 };
    await stand.aws("RotateSecret", { SecretId: arn, RotationLambdaARN, RotationRules, RotateImmediately: true });
    await passes(stand, 3, DAY_MS);

    expect(log(stand)).toMatch(/rotate\.failed.*NOT_MANAGED/);
    expect(minted()).toEqual([]);
    expect(isActive(stand.pictify, old)).toBe(true);
    expect(isActive(stand.pictify, current)).toBe(true);
  });

  test("gets none by a deploy either, and its end ends no key of the other region", async () => {
    const { stand, arn, old, current, minted } = await withPromotedReplica();

    expect((await stand.invoke("manage", { action: "ensure", secretId: arn })).error).toMatch(/^NOT_MANAGED.*promoted/);
    await stand.invoke("manage", { action: "delete", secretId: arn, force: true });

    expect(minted()).toEqual([]);
    expect(isActive(stand.pictify, old)).toBe(true);
    expect(isActive(stand.pictify, current)).toBe(true);
  });
});

test("a key of our own whose rotation is not on yet is served", async () => {
  const stand = await unlimited();
  const arn = await stand.declare();
  await stand.invoke("manage", { action: "ensure", secretId: arn });
  const before = stand.lines.length;

  await passes(stand, 2);

  expect(stand.lines.slice(before).join("\n")).not.toContain("request.refused");
  expect(records(stand, "pass.completed").at(-1)).toMatchObject({ secrets: 1 });
});
