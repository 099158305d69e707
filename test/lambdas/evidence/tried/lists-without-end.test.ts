import { expect, test } from "vitest";
import { passes, unlimited } from "../../reconciliation/passes.ts";
import { answerWith } from "../../rotation/begun.ts";
import { HOUR_MS } from "../../stand.ts";

test("a list whose ids are others in each answer, and that ignores pages, is not asked for without end", async () => {
  const stand = await unlimited();
  await stand.deploy();
  await stand.clock.advance(HOUR_MS);
  let asked = 0;
  answerWith(
    stand,
    (url, { method = "GET" }) => method === "GET" && /api-keys\/?(\?|$)/.test(url),
    async (url, init, ask) => {
      if (++asked > 500) throw new Error("it would be asked for ever");
      const answer = await ask(url.replace(/\?.*/, ""), init);
      const text = (await answer.text()).replaceAll(/"id":"([^"]*)"/g, `"id":"$1.${asked}"`);
      return new Response(text, { status: answer.status, headers: answer.headers });
    },
  );

  await passes(stand, 1);

  expect(asked).toBeLessThan(100);
});
