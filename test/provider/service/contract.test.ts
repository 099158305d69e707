import { expect, test } from "vitest";
import { answerProtocol } from "../../../lambdas/contracts/key-facts.ts";
import { createService } from "../../../provider/service/service.ts";
import { FakeService } from "../fake-service.ts";

const { signal } = new AbortController();
const NAMES = { inspectFunction: "inspect", manageFunction: "manage" };
const answering = (answer: unknown) => createService(async () => answer, NAMES);

test("a function answers in the newest protocol that both know", () => {
  const known = { oldest: 2, newest: 4 };
  expect([5, 4, 3, 2, 1, undefined].map((asked) => answerProtocol(asked, known))).toEqual([
    4,
    4,
    3,
    2,
    undefined,
    undefined,
  ]);
});

test("fields that a newer service adds are ignored", async () => {
  const fake = new FakeService();
  const facts = fake.mint("keyturn/demo/web", { name: "web", connection: "pictify", type: "live" });
  const { list } = answering({ protocol: 1, region: "new", keys: [{ ...facts, colour: "new" }] });

  expect(await list(signal)).toEqual([facts]);
});

test.each([
  [{ protocol: 2, anything: true }, "NEWER_SERVICE"],
  [{ protocol: 0 }, "OLDER_SERVICE"],
  [{ hello: "world" }, "BAD_ANSWER"],
  [null, "BAD_ANSWER"],
  [{ protocol: 1, keys: [{ secretArn: "x" }] }, "BAD_ANSWER"],
])("the answer %o is the error %s", async (answer, code) => {
  await expect(answering(answer).list(signal)).rejects.toMatchObject({ code });
});

test("a wrong answer is described by its fields, never by its content", async () => {
  const value = "pk_live_abcdefghijklmnop";
  const error = await answering({ protocol: 1, keys: value })
    .list(signal)
    .catch((caught: Error) => caught);

  expect(String(error)).toContain("keys");
  expect(String(error)).not.toContain(value);
});
