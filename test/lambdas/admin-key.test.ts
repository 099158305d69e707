import { expect, test } from "vitest";
import { intercept } from "./rotation/begun.ts";
import { createStand, mintedKeys } from "./stand.ts";

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
  let reads = 0;
  intercept(async (operation, call, input) => {
    if (operation === "GetSecretValue" && "SecretId" in input && input.SecretId === "keyturn/pictify") reads++;
    return call();
  })(stand);
  stand.anotherService("prod");
  const arn = await stand.deploy();
  reads = 0;
  for (let n = 0; n < 3; n++) await stand.rotate(arn);

  expect(reads).toBe(1);
});
