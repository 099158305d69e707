import { expect, test } from "vitest";
import { isActive, passes, records } from "../../reconciliation/passes.ts";
import { answerWith } from "../../rotation/begun.ts";
import { createStand, HOUR_MS, pictographKey, type Stand } from "../../stand.ts";
import { callPictograph, usedFor } from "./listed.ts";

const REFUSED = { error: { code: "invalid_api_key", message: "Invalid API key" } };

/** A vendor refuses some checks of one value, by their numbers, and takes all others. */
const refusing = (stand: Stand, value: string, isRefused: (number: number) => boolean): void => {
  let number = 0;
  answerWith(
    stand,
    (_, { headers }) => new Headers(headers).get("x-api-key") === value,
    async (url, init, ask) => (isRefused(++number) ? Response.json(REFUSED, { status: 401 }) : ask(url, init)),
  );
};

const refusingOnce = (stand: Stand, value: string, nth: number): void =>
  refusing(stand, value, (number) => number === nth);

const deployed = async () => {
  const stand = await createStand();
  const arn = await stand.deploy(pictographKey);
  const key = await stand.currentKey(arn);
  await stand.clock.advance(HOUR_MS);
  return { stand, arn, ...key };
};

test.each([1, 2, 3])("a replaced key in use stays, although call %i of ours with it is refused", async (nth) => {
  const { stand, arn, apiKey } = await deployed();
  await stand.rotate(arn);
  refusingOnce(stand, apiKey, nth);

  expect(await usedFor(stand, 40, () => callPictograph(stand, apiKey))).toEqual(new Set([200]));
});

test("a current key is not dead because one check of it was refused", async () => {
  const { stand, arn } = await deployed();
  await stand.rotate(arn);
  const { apiKey, keyId } = await stand.currentKey(arn);
  refusingOnce(stand, apiKey, 1);

  await passes(stand, 30, HOUR_MS);

  expect(records(stand, "key.dead")).toEqual([]);
  expect((await stand.currentKey(arn)).keyId).toBe(keyId);
});

test("a replaced key that its vendor lists as just used is not revoked, although it is refused each time", async () => {
  const { stand, arn, apiKey, keyId } = await deployed();
  await stand.rotate(arn);
  refusing(stand, apiKey, () => true);
  await usedFor(stand, 30, () => callPictograph(stand, apiKey));

  expect(isActive(stand.pictograph, keyId)).toBe(true);
});
