import { expect, test } from "vitest";
import { answerWith } from "../rotation/begun.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type Stand } from "../stand.ts";
import { isActive, look, ownLabels, passes, unlimited, written } from "./passes.ts";

/** A key that was replaced a day ago, whose overlap and quiet period are over. */
const replaced = async (): Promise<{ stand: Stand; arn: string; oldId: string; currentId: string }> => {
  const stand = await unlimited();
  const arn = await stand.deploy();
  const { keyId: oldId } = await stand.currentKey(arn);
  await stand.rotate(arn);
  const { keyId: currentId } = await stand.currentKey(arn);
  await stand.clock.advance(DAY_MS + 2 * HOUR_MS);
  return { stand, arn, oldId, currentId };
};

const dieUnseen = ({ pictify }: Stand, keyId: string): void => {
  pictify.stopLists();
  pictify.revokeKey(keyId);
};

test("the old key stays where the list calls its dead successor active, which is told and replaced", async () => {
  const { stand, arn, oldId, currentId } = await replaced();
  dieUnseen(stand, currentId);

  await look(stand);

  expect(isActive(stand.pictify, oldId)).toBe(true);
  expect(written(stand, "CurrentKeyDead")).toEqual([1]);
  await stand.clock.advance(2 * MINUTE_MS);
  const { keyId } = await stand.currentKey(arn);
  expect([oldId, currentId]).not.toContain(keyId);
  expect(isActive(stand.pictify, keyId)).toBe(true);
});

test("a compromised key stays where the list calls its dead successor active, which is told and replaced", async () => {
  const stand = await unlimited();
  const arn = await stand.deploy();
  const { keyId: oldId } = await stand.currentKey(arn);
  await stand.invoke("manage", { action: "compromised", secretId: arn });
  await stand.clock.advance(HOUR_MS);
  dieUnseen(stand, (await stand.currentKey(arn)).keyId);

  await look(stand);
  expect(isActive(stand.pictify, oldId)).toBe(true);
  expect(written(stand, "CurrentKeyDead")).toEqual([1]);

  stand.pictify.stopLists(Number.POSITIVE_INFINITY);
  await passes(stand, 3);
  expect(isActive(stand.pictify, oldId)).toBe(false);
  expect(isActive(stand.pictify, (await stand.currentKey(arn)).keyId)).toBe(true);
});

test("an old key that nobody uses waits while it cannot be told whether its successor works", async () => {
  const { stand, arn, oldId, currentId } = await replaced();
  const { apiKey } = await stand.currentKey(arn);
  let isAway = true;
  answerWith(
    stand,
    (_, { headers }) => isAway && JSON.stringify([...new Headers(headers)]).includes(apiKey),
    async () => new Response("no backend", { status: 503 }),
  );

  await passes(stand, 3);
  expect([isActive(stand.pictify, oldId), isActive(stand.pictify, currentId)]).toEqual([true, true]);

  isAway = false;
  await passes(stand, 24);
  expect(isActive(stand.pictify, oldId)).toBe(false);
  expect(await ownLabels(stand, arn)).toEqual([]);
});
