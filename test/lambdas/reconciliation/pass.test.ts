import { expect, test } from "vitest";
import { createStand, DAY_MS, HOUR_MS, mintedKeys, SECOND_MS, type Stand } from "../stand.ts";

const look = (stand: Stand, more: object = { revokeStrays: [] }) => stand.invoke("reconcile", more);
const log = (stand: Stand) => stand.lines.join("\n");

/** A stand with keys that were rotated, and whose old generations may go. */
const retiring = async (names: readonly string[]) => {
  const stand = await createStand({
    pictify: { plan: "enterprise" },
    connections: { pictify: { plan: "enterprise" } },
  });
  const arns: string[] = [];
  for (const name of names) arns.push(await stand.deploy({ name }));
  for (const arn of arns) await stand.rotate(arn);
  await stand.clock.advance(26 * HOUR_MS);
  return { stand, arns };
};

test("a pass over some secrets changes no other one", async () => {
  const { stand, arns } = await retiring(["one", "two"]);
  const [one = "", two = ""] = arns;

  expect((await look(stand, { only: [two] })).error).toBeUndefined();
  const left = mintedKeys(stand.pictify).map(({ name }) => name.split("-kt-")[0]);
  expect(left.toSorted()).toEqual(["one", "one", "two"]);
  expect(one).not.toBe(two);
});

test("an action that fails holds up no other one, and the pass says that it failed", async () => {
  const { stand } = await retiring(["one", "two", "three"]);
  stand.pictify.hostile.next("revoke", { kind: "server-error", status: 400 });

  expect((await look(stand)).error).toMatch(/^CONFLICT: 1 of this pass failed/);
  expect(mintedKeys(stand.pictify)).toHaveLength(4);
  expect(log(stand)).toContain("action.failed");
});

test("a pass that has no time left for an action ends in time, and says what is left", async () => {
  const { stand } = await retiring(["one"]);
  const { functions } = stand.account;
  const create = functions.create.bind(functions);
  functions.create = (made) => create({ ...made, timeoutMs: 15 * SECOND_MS });
  stand.anotherService("prod");

  expect((await look(stand)).error).toBeUndefined();
  expect(mintedKeys(stand.pictify)).toHaveLength(2);
  expect(log(stand)).toMatch(/pass\.cut-short.*"left":2/);
});

test("the revocations of a destroyed key are finished also while its secret waits for its deletion", async () => {
  const { stand, arns } = await retiring(["one"]);
  const [SecretId = ""] = arns;
  stand.pictify.hostile.next("revoke", "unavailable", 99);
  await stand.invoke("manage", { action: "delete", secretId: SecretId });
  stand.pictify.hostile.clear();
  await stand.aws("DeleteSecret", { SecretId });
  await look(stand);

  expect(mintedKeys(stand.pictify)).toEqual([]);
});

test("a secret on the second page of the account's list is looked after like any other", async () => {
  const stand = await createStand();
  for (let n = 0; n < 100; n++)
    await stand.aws("CreateSecret", { Name: `other-${n}`, Tags: [{ Key: "keyturn:service", Value: "prod" }] });
  await stand.clock.advance(SECOND_MS);
  await stand.rotate(await stand.deploy());
  await stand.clock.advance(2 * DAY_MS);
  await look(stand);

  expect(mintedKeys(stand.pictify)).toHaveLength(1);
});

test("a secret of which only another tag has the service's name is none of the service's", async () => {
  const stand = await createStand();
  const Tags = [
    { Key: "keyturn:service", Value: "stage" },
    { Key: "team", Value: "prod" },
  ];
  await stand.aws("CreateSecret", { Name: "keyturn/stage/web", Tags });
  await look(stand);

  expect(log(stand)).not.toContain("request.refused");
});
