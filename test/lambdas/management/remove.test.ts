import { expect, test } from "vitest";
import { declarationTags } from "../../../lambdas/contracts/declaration.ts";
import { keyName, serviceId } from "../../../lambdas/contracts/key-name.ts";
import { createStand, declarationOfTest, HOUR_MS, mintedKeys, type Stand } from "../stand.ts";

const remove = (stand: Stand, secretId: string) => stand.invoke("manage", { action: "delete", secretId });
const isActive = (stand: Stand, keyId: string) => stand.pictify.keys().find(({ id }) => id === keyId)?.active;

test("the end of a managed key ends its rotation", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await stand.clock.advance(2 * HOUR_MS);
  await remove(stand, arn);

  expect((await stand.facts(arn)).rotationEnabled).toBe(false);
});

test("the end of a managed key revokes an adopted key, which has no name of ours", async () => {
  const stand = await createStand();
  const arn = await stand.declare();
  const { id, value } = stand.pictify.issueKey({ name: "Production API Server", access: "live" });
  const issuedAt = new Date(stand.clock.now()).toISOString();
  const adopted = {
    apiKey: value,
    keyId: id,
    vendor: "pictify",
    name: "Production API Server",
    type: "live",
    issuedAt,
  };
  await stand.aws("PutSecretValue", { SecretId: arn, SecretString: JSON.stringify(adopted) });
  await stand.clock.advance(2 * HOUR_MS);

  expect(await remove(stand, arn)).toMatchObject({ answer: { status: "destroyed" } });
  expect(isActive(stand, id)).toBe(false);
});

test("the end of a managed key leaves a key of the same name alone that another service minted", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  const name = keyName("web", serviceId("stage", arn), "0123456789");
  const theirs = stand.pictify.issueKey({ name, access: "live" });
  await stand.clock.advance(2 * HOUR_MS);
  await remove(stand, arn);

  expect(isActive(stand, theirs.id)).toBe(true);
});

test("a service ends no key of another one", async () => {
  const stand = await createStand();
  const tags = declarationTags({ ...declarationOfTest, service: "stage" });
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { ARN } = await stand.aws<{ ARN: string }>("CreateSecret", { Name: "keyturn/stage/web", Tags });
  stand.anotherService("stage");
  await stand.clock.run(stand.account.functions.invoke("keyturn-stage-manage", { action: "ensure", secretId: ARN }));
  await stand.clock.advance(2 * HOUR_MS);

  expect((await remove(stand, ARN)).error).toMatch(/^NOT_GRANTED/);
  expect(mintedKeys(stand.pictify)).toHaveLength(1);
});
