import { describe, expect, test } from "vitest";
import { MINUTE_MS, mintedKeys, pictographKey, type Stand } from "../stand.ts";
import { answerCreatesWith, begun, intercept } from "./begun.ts";

const pendingKeyId = async (stand: Stand, arn: string): Promise<string> => {
  const stored = await stand.aws<{ SecretString: string }>("GetSecretValue", {
    SecretId: arn,
    VersionStage: "AWSPENDING",
  });
  return JSON.parse(stored.SecretString).keyId;
};

const activeIds = (stand: Stand) => [...mintedKeys(stand.pictify), ...mintedKeys(stand.pictograph)].map(({ id }) => id);

describe("a key whose value was lost", () => {
  test("is as old as the vendor's clock says, also where that clock is behind", async () => {
    const { stand, step } = await begun({ pictograph: { clockSkewMs: -4 * MINUTE_MS } }, pictographKey);
    stand.pictograph.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    await stand.clock.advance(9 * MINUTE_MS);

    expect((await step("createSecret")).error).toMatch(/^VALUE_MAYBE_COMING/);
    expect(mintedKeys(stand.pictograph)).toHaveLength(2);
  });

  test("gives its slot to the key that is minted in its place", async () => {
    const { stand, step } = await begun({ connections: { pictograph: { maxKeys: 3 } } }, pictographKey);
    stand.pictograph.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    await stand.clock.advance(11 * MINUTE_MS);

    expect(await step("createSecret")).toEqual({ answer: undefined });
    expect(mintedKeys(stand.pictograph)).toHaveLength(2);
  });

  test("and that was revoked is not answered once more by a vendor that repeats its answers", async () => {
    const { stand, arn, step } = await begun();
    stand.pictify.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    const lostId = mintedKeys(stand.pictify)[1]?.id ?? "";
    stand.pictify.revokeKey(lostId);

    expect(await step("createSecret")).toEqual({ answer: undefined });
    const storedId = await pendingKeyId(stand, arn);
    expect(storedId).not.toBe(lostId);
    expect(activeIds(stand)).toContain(storedId);
  });

  test("is revoked as lost where the vendor repeats no answer, and has no slot for another mint", async () => {
    const switches = { idempotency: false };
    const { stand, arn, step } = await begun({ pictify: { switches, keyLimit: { live: 3 } } });
    stand.pictify.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    const [, lostId = ""] = activeIds(stand);

    expect((await step("createSecret")).error).toMatch(/^VALUE_MAYBE_COMING/);
    await stand.clock.advance(11 * MINUTE_MS);
    expect(await step("createSecret")).toEqual({ answer: undefined });
    expect(activeIds(stand)).not.toContain(lostId);
    expect(activeIds(stand)).toContain(await pendingKeyId(stand, arn));
  });

  test("is for a person where the vendor can neither repeat nor revoke", async () => {
    const switches = { idempotency: false, revoke: false, remove: false };
    const { stand, step } = await begun({ pictify: { switches, keyLimit: { live: 3 } } });
    stand.pictify.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    await stand.clock.advance(11 * MINUTE_MS);

    expect((await step("createSecret")).error).toMatch(/^VALUE_LOST.*cannot be asked to revoke it; revoke it by hand/);
    expect(stand.lines.join("\n")).toContain('"RevokeByHand":1');
  });

  test("that got another name is revoked as lost, and minted anew", async () => {
    const { stand, arn, step } = await begun();
    stand.pictify.hostile.next("create", "name-suffixed");
    stand.pictify.hostile.next("revoke", "silence", 9);
    await step("createSecret");
    const [, lostId = ""] = activeIds(stand);
    stand.pictify.hostile.clear();
    await stand.clock.advance(11 * MINUTE_MS);

    expect(await step("createSecret")).toEqual({ answer: undefined });
    expect(activeIds(stand)).not.toContain(lostId);
    expect(activeIds(stand)).toContain(await pendingKeyId(stand, arn));
  });

  test("is taken back when what the vendor repeats is not what was asked for", async () => {
    const { stand, step } = await begun();
    stand.pictify.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    const [first, lost] = mintedKeys(stand.pictify).map(({ id }) => id);
    expect(lost).toBeDefined();
    answerCreatesWith(stand, async (url, init, ask) => {
      const answer = await ask(url, init);
      const body = (await answer.json()) as object;
      return Response.json({ ...body, type: "test" }, { status: answer.status });
    });

    expect((await step("createSecret")).error).toMatch(/^NOT_AS_ASKED.*with type test/);
    expect(activeIds(stand)).toEqual([first]);
  });
});

describe("the value of a minted key", () => {
  test("that another run stored with the same key is left alone", async () => {
    const late: { aws?: Stand["aws"] } = {};
    const twin = intercept(async (operation, call, input) => {
      if (operation !== "PutSecretValue") return call();
      const { SecretString } = input as { SecretString: string };
      const theirs = { ...JSON.parse(SecretString), issuedAt: "2026-11-21T11:59:59.000Z" };
      await late.aws?.(operation, { ...input, SecretString: JSON.stringify(theirs) });
      return call();
    });
    const { stand, arn, step } = await begun({}, {}, twin);
    late.aws = stand.aws;

    expect(await step("createSecret")).toEqual({ answer: undefined });
    expect(activeIds(stand)).toContain(await pendingKeyId(stand, arn));
  });

  test("that AWS refuses to store takes its key with it where nobody else can hold it", async () => {
    const late: { aws?: Stand["aws"]; SecretId?: string } = {};
    const deletedBefore = intercept(async (operation, call) => {
      if (operation === "PutSecretValue") await late.aws?.("DeleteSecret", { SecretId: late.SecretId });
      return call();
    });
    const { stand, arn, step } = await begun({}, pictographKey, deletedBefore);
    Object.assign(late, { aws: stand.aws, SecretId: arn });

    expect((await step("createSecret")).error).toMatch(/^InvalidRequestException/);
    expect(stand.pictograph.keys().filter(({ name }) => name.includes("-kt-"))).toHaveLength(2);
    expect(mintedKeys(stand.pictograph)).toHaveLength(1);
  });

  test("of which AWS does not say whether it was stored keeps its key: it may be the stored one", async () => {
    const broken = intercept(async (operation, call) => {
      const answer = await call();
      if (operation === "PutSecretValue") throw new Error("socket hang up");
      return answer;
    });
    const { stand, arn, step } = await begun({}, {}, broken);

    expect((await step("createSecret")).error).toBe("Error: socket hang up");
    expect(activeIds(stand)).toContain(await pendingKeyId(stand, arn));
    expect(await step("createSecret")).toEqual({ answer: undefined });
  });
});

describe("a mint", () => {
  test.each(["name-truncated", "name-suffixed"] as const)(
    "that was taken back (%s) is not taken for the next one by a vendor that repeats its answers",
    async (fault) => {
      const { stand, arn, step } = await begun();
      stand.pictify.hostile.next("create", fault);
      expect((await step("createSecret")).error).toMatch(/^NOT_AS_ASKED/);

      expect(await step("createSecret")).toEqual({ answer: undefined });
      expect(activeIds(stand)).toContain(await pendingKeyId(stand, arn));
    },
  );

  test("that followed one that was taken back, and whose value was lost, is found again", async () => {
    const { stand, arn, step } = await begun();
    stand.pictify.hostile.next("create", "name-suffixed");
    await step("createSecret");
    stand.pictify.hostile.next("create", { kind: "slow", delayMs: 1 }); // the first answer once more
    stand.pictify.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    const [, lost] = mintedKeys(stand.pictify).map(({ id }) => id);

    expect(await step("createSecret")).toEqual({ answer: undefined });
    expect(await pendingKeyId(stand, arn)).toBe(lost);
  });

  test("of another role than was asked for is taken back", async () => {
    const { stand, step } = await begun({}, pictographKey);
    answerCreatesWith(stand, (url, init, ask) =>
      ask(url, { ...init, body: JSON.stringify({ ...JSON.parse(String(init.body)), role: "viewer" }) }),
    );

    expect((await step("createSecret")).error).toMatch(
      /^NOT_AS_ASKED.*asked for .* with role member.*with role viewer/,
    );
    expect(mintedKeys(stand.pictograph)).toHaveLength(1);
  });
});
