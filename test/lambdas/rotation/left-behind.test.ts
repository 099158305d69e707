import { describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, mintedKeys } from "../stand.ts";
import { type Begun, begun } from "./begun.ts";

/** The plan allows the admin key, the current one, and one more. */
const TIGHT = { pictify: { keyLimit: { live: 3 } }, connections: { pictify: { maxKeys: 3 } } };

/** AWS goes on with another version, and takes AWSPENDING off the one that it began with. */
const goOnWith = async ({ stand, arn, token }: Begun, next: string) => {
  await stand.aws("UpdateSecretVersionStage", {
    SecretId: arn,
    VersionStage: "AWSPENDING",
    RemoveFromVersionId: token,
  });
  await stand.aws("RotateSecret", { SecretId: arn, ClientRequestToken: next });
  await stand.clock.run(stand.account.secretsManager.idle());
};

const NEXT = "1".repeat(32);

/** One whose first version got its value; AWS is at another one now. */
const leftBehind = async (options: Parameters<typeof begun>[0] = {}) => {
  const all = await begun({ ...TIGHT, ...options });
  expect(await all.step("createSecret")).toEqual({ answer: undefined });
  const [, left] = mintedKeys(all.stand.pictify);
  await goOnWith(all, NEXT);
  return { ...all, leftId: left?.id ?? "", leftName: left?.name ?? "" };
};

const next = { ClientRequestToken: NEXT };

describe("what a rotation left behind that AWS went on from with another version", () => {
  test("makes room for the new key, where the plan has no other slot", async () => {
    const { stand, step, leftId } = await leftBehind();
    await stand.clock.advance(11 * MINUTE_MS);

    expect(await step("createSecret", next)).toEqual({ answer: undefined });
    const ids = mintedKeys(stand.pictify).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(ids).not.toContain(leftId);
  });

  test("stays while a run may be at it that began before", async () => {
    const { stand, step, leftId } = await leftBehind();

    expect((await step("createSecret", next)).error).toMatch(/^KEY_LIMIT/);
    expect(mintedKeys(stand.pictify).map(({ id }) => id)).toContain(leftId);
  });

  test("stays, as young as it is for strays, where there is another slot", async () => {
    const { stand, step, leftId } = await leftBehind({ pictify: {}, connections: {} });
    await stand.clock.advance(11 * MINUTE_MS);

    expect(await step("createSecret", next)).toEqual({ answer: undefined });
    expect(mintedKeys(stand.pictify).map(({ id }) => id)).toContain(leftId);
  });

  test("stays where somebody uses it all the same", async () => {
    const { stand, arn, token, step, leftId } = await leftBehind();
    await stand.clock.advance(HOUR_MS);
    const read = { SecretId: arn, VersionId: token };
    const { SecretString } = await stand.aws<{ SecretString: string }>("GetSecretValue", read);
    const headers = { Authorization: `Bearer ${JSON.parse(SecretString).apiKey}`, "Content-Type": "application/json" };
    const body = JSON.stringify({ html: "<p>" });
    await stand.pictify.fetch(new Request("https://pictify.test/image", { method: "POST", headers, body }));
    await stand.clock.advance(10 * MINUTE_MS);

    expect((await step("createSecret", next)).error).toMatch(/^KEY_LIMIT/);
    expect(mintedKeys(stand.pictify).map(({ id }) => id)).toContain(leftId);
  });

  test("is for a person where the vendor cannot be asked to revoke it", async () => {
    const switches = { revoke: false, remove: false };
    const { stand, step, leftId } = await leftBehind({ pictify: { ...TIGHT.pictify, switches } });
    await stand.clock.advance(11 * MINUTE_MS);

    expect((await step("createSecret", next)).error).toMatch(/^KEY_LIMIT/);
    expect(stand.lines.join("\n")).toMatch(new RegExp(`key.revoke-by-hand.*${leftId}`));
  });

  test("stays where the vendor does not show its use", async () => {
    const switches = { lastUsed: "missing" } as const;
    const { stand, step, leftId } = await leftBehind({ pictify: { ...TIGHT.pictify, switches } });
    await stand.clock.advance(11 * MINUTE_MS);

    expect((await step("createSecret", next)).error).toMatch(/^KEY_LIMIT/);
    expect(mintedKeys(stand.pictify).map(({ id }) => id)).toContain(leftId);
  });
});
