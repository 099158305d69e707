import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createStand, DAY_MS, HOUR_MS, type Stand } from "../lambdas/stand.ts";
import { pageText } from "./pages.ts";
import { ensureBundles, type WrittenExamples, writeExamples } from "./typescript-examples.ts";

const PAGE = "docs/adopt-keys.md";

interface Declared {
  readonly secret: { readonly name: string; readonly tags: Readonly<Record<string, string>> };
  readonly key: Readonly<Record<string, string>>;
}

let written: WrittenExamples;
let declared: Declared;

/** What the page's example synthesizes of its one key. */
const synthesize = async (): Promise<Declared> => {
  const outdir = join(written.folder, "adopt-keys.out");
  vi.stubEnv("CDKTF_OUTDIR", outdir);
  await import(/* @vite-ignore */ written.path("adopt")).finally(() => vi.unstubAllEnvs());
  const [stack = ""] = readdirSync(join(outdir, "stacks"));
  const { resource } = JSON.parse(readFileSync(join(outdir, "stacks", stack, "cdk.tf.json"), "utf8"));
  const [secret] = Object.values(resource.aws_secretsmanager_secret) as Declared["secret"][];
  const [key] = Object.values(resource.keyturn_api_key) as Declared["key"][];
  if (!secret || !key) throw new Error("the example declares no key");
  return { secret, key };
};

beforeAll(async () => {
  await ensureBundles();
  written = writeExamples();
  declared = await synthesize();
});

afterAll(() => written.remove());

/** The secret as the first deploy makes it, and a key that people made. */
const begin = async () => {
  const serves = [{ secret: "keyturn/platform-prod/*", name: "*", type: "*" }];
  const stand = await createStand({ service: "platform-prod", connections: { pictify: { serves } } });
  const { name, tags } = declared.secret;
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { ARN: arn } = await stand.aws<{ ARN: string }>("CreateSecret", { Name: name, Tags });
  const byHand = stand.pictify.issueKey({ name: "Checkout, made by Bob", access: "live" });
  return { stand, arn, byHand };
};

/** What the provider asks for the declared key, with the id that the vendor gave to ours. */
const adopt = (stand: Stand, arn: string, keyId: string) =>
  stand.invoke("manage", {
    action: "adopt",
    protocol: 1,
    secretId: arn,
    keyId,
    expected: { name: declared.key.name, connection: declared.key.vendor, type: declared.key.type },
  });

/** Step 2 of the page, by the very text of its command. */
const putValue = (stand: Stand, secretId: string, value: string) => {
  const [, format = ""] = /printf '([^']*)'/.exec(pageText(PAGE)) ?? [];
  return stand.aws("PutSecretValue", { SecretId: secretId, SecretString: format.replace("%s", value) });
};

test("the example declares what the page says: the secret's name, and the id of the key", () => {
  expect(declared.secret.name).toBe("keyturn/platform-prod/checkout");
  expect(declared.key).toMatchObject({ name: "checkout", type: "live", adopt_key_id: "key_made_by_hand" });
  expect(pageText(PAGE)).toContain(`--secret-id ${declared.secret.name} `);
});

test("the first deploy fails for want of a value, and the second takes the same key over", async () => {
  const { stand, arn, byHand } = await begin();

  const first = await adopt(stand, arn, byHand.id);
  await stand.clock.advance(HOUR_MS);
  await putValue(stand, declared.secret.name, byHand.value);
  const second = await adopt(stand, arn, byHand.id);

  expect(first.error).toMatch(/^NO_VALUE/);
  expect(second).toMatchObject({ answer: { status: "current", keyId: byHand.id, liveGenerations: 1 } });
  expect(await stand.currentKey(arn)).toMatchObject({ apiKey: byHand.value, keyId: byHand.id });
});

test("the first rotation replaces it, and a person is told when nobody uses it any more", async () => {
  const { stand, arn, byHand } = await begin();
  const isActive = () => stand.pictify.keys().find(({ id }) => id === byHand.id)?.active;
  await stand.clock.advance(HOUR_MS);
  await putValue(stand, declared.secret.name, byHand.value);
  await adopt(stand, arn, byHand.id);

  const RotationLambdaARN = stand.account.functions.arnOf(stand.functions.rotate);
  const input = { SecretId: arn, RotationLambdaARN, RotationRules: { AutomaticallyAfterDays: 90 } };
  await stand.clock.run(stand.aws("RotateSecret", input).then(() => stand.account.secretsManager.idle()));
  const { keyId } = await stand.currentKey(arn);
  const inTheOverlap = isActive();
  await stand.clock.advance(2 * DAY_MS);
  await stand.invoke("reconcile", {});

  expect(keyId).not.toBe(byHand.id);
  expect(inTheOverlap).toBe(true);
  expect(isActive()).toBe(true);
  expect(stand.lines.join("\n")).toMatch(new RegExp(`key.revoke-by-hand","service":"platform-prod".*${byHand.id}`));

  stand.pictify.revokeKey(byHand.id);
  await stand.invoke("reconcile", { revokeStrays: [] });
  const { VersionIdsToStages } = await stand.aws<{ VersionIdsToStages: Record<string, string[]> }>("DescribeSecret", {
    SecretId: arn,
  });
  expect(JSON.stringify(VersionIdsToStages)).not.toContain("keyturn/");
});

test("every error of the table is one that the documentation explains", () => {
  const rows = [...pageText(PAGE).matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(rows.length).toBeGreaterThan(3);
  expect(rows.filter((code) => !pageText("docs/errors.md").includes(`| \`${code}\` |`))).toEqual([]);
});
