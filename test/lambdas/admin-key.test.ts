import { expect, test } from "vitest";
import { intercept } from "./rotation/begun.ts";
import { createStand, HOUR_MS, MINUTE_MS, mintedKeys, type Stand } from "./stand.ts";

const readsOfAdminSecret = (stand: Stand): { count: number } => {
  const reads = { count: 0 };
  intercept(async (operation, call, input) => {
    if (operation === "GetSecretValue" && "SecretId" in input && input.SecretId === "keyturn/pictify") reads.count++;
    return call();
  })(stand);
  stand.anotherService("prod");
  return reads;
};

const putAdminKey = (stand: Stand, apiKey: string) =>
  stand.aws("PutSecretValue", { SecretId: "keyturn/pictify", SecretString: JSON.stringify({ apiKey }) });

test("an admin key that was replaced is read again by a function that has used the old one", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await stand.rotate(arn);
  const { value } = stand.pictify.issueAdminKey("new admin");
  stand.pictify.revokeKey(stand.pictify.adminKeyId);
  await stand.aws("PutSecretValue", { SecretId: "keyturn/pictify", SecretString: JSON.stringify({ apiKey: value }) });
  await stand.rotate(arn);

  expect(mintedKeys(stand.pictify)).toHaveLength(3);
});

test("an admin key is read once by a function, whatever it does and how often it runs", async () => {
  const stand = await createStand();
  const reads = readsOfAdminSecret(stand);
  const arn = await stand.deploy();
  reads.count = 0;
  for (let n = 0; n < 3; n++) await stand.rotate(arn);

  expect(reads.count).toBe(1);
});

test("an admin key that goes on working is read again after a quarter of an hour, as there may be another", async () => {
  const stand = await createStand();
  const reads = readsOfAdminSecret(stand);
  const arn = await stand.deploy();
  await stand.rotate(arn);
  reads.count = 0;
  await stand.clock.advance(15 * MINUTE_MS);
  await stand.rotate(arn);

  expect(reads.count).toBe(1);
});

test("an admin key without the rights is read again at once, by the function that was refused with it", async () => {
  const stand = await createStand();
  const arn = await stand.declare();
  const { value } = stand.pictify.issueKey({ name: "small", access: "live", propagationMs: 0 });
  await putAdminKey(stand, value);
  const refused = await stand.invoke("manage", { action: "ensure", secretId: arn });
  await putAdminKey(stand, stand.pictify.adminKey);
  const made = await stand.invoke("manage", { action: "ensure", secretId: arn });

  expect(refused.error).toMatch(/^VENDOR_FORBIDDEN/);
  expect(made.error).toBeUndefined();
});

test("an admin key of another organization is read again at once, by the function that found it to be wrong", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await stand.clock.advance(HOUR_MS);
  const foreign = stand.pictify.issueAdminKey("another organization's", "00000000-0000-4000-8000-00000000f0e1");
  await putAdminKey(stand, foreign.value);
  const refused = await stand.invoke("manage", { action: "ensure", secretId: arn });
  await putAdminKey(stand, stand.pictify.adminKey);
  const listed = await stand.invoke("manage", { action: "ensure", secretId: arn });

  expect(refused.error).toMatch(/^WRONG_ORGANIZATION/);
  expect(listed.error).toBeUndefined();
});
