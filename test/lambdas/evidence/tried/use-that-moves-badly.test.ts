import { expect, test } from "vitest";
import { answerWith } from "../../rotation/begun.ts";
import { createStand, HOUR_MS, pictographKey, type StandOptions } from "../../stand.ts";
import { callPictograph, listedAs, usedFor } from "./listed.ts";

const BEFORE = "2026-11-21T12:30:05.000Z";

const retiring = async (options: StandOptions = {}) => {
  const stand = await createStand(options);
  const arn = await stand.deploy(pictographKey);
  const old = await stand.currentKey(arn);
  await stand.clock.advance(HOUR_MS);
  await stand.rotate(arn);
  return { stand, ...old };
};

test("a key in use is not revoked where it is listed twice, with an old time and with a new one that cannot be read", async () => {
  const { stand, keyId, apiKey } = await retiring();
  answerWith(
    stand,
    (url, { method = "GET" }) => method === "GET" && /api-keys\/?(\?|$)/.test(url),
    async (url, init, ask) => {
      const answer = await ask(url, init);
      const body = JSON.parse(await answer.text()) as Record<string, unknown>;
      const twice = (key: Record<string, unknown>) =>
        key.id === keyId
          ? [
              { ...key, last_used_at: BEFORE },
              { ...key, last_used_at: `${key.last_used_at}`.slice(0, 19) },
            ]
          : [key];
      const all = Object.entries(body).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.flatMap(twice) : value,
      ]);
      return Response.json(Object.fromEntries(all), { status: answer.status, headers: answer.headers });
    },
  );

  expect(await usedFor(stand, 40, () => callPictograph(stand, apiKey))).toEqual(new Set([200]));
});

test.each(["one container", "a new container for each call"])(
  "a key in use is not revoked where every other list shows an older use of it: %s",
  async (how) => {
    const { stand, keyId, apiKey } = await retiring();
    let lists = 0;
    listedAs(stand, (key) => (key.id === keyId && lists++ % 2 === 1 ? { ...key, last_used_at: BEFORE } : key));

    const statuses = await usedFor(stand, 40, () => {
      if (how !== "one container") stand.anotherService("prod");
      return callPictograph(stand, apiKey);
    });

    expect(statuses).toEqual(new Set([200]));
  },
);

test("a key in use is not revoked where lists move its last use on every two hours, and nobody declared that", async () => {
  const { stand, apiKey } = await retiring({ pictograph: { usageResolutionMs: 2 * HOUR_MS } });

  expect(await usedFor(stand, 60, () => callPictograph(stand, apiKey))).toEqual(new Set([200]));
});
