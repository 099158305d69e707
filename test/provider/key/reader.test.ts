import { expect, test } from "vitest";
import type { KeyFacts } from "../../../lambdas/contracts/key-facts.ts";
import { createKeyReader } from "../../../provider/key/reader.ts";
import { arnOf } from "../fake-service.ts";

const factsOf = (secretName: string, facts: Partial<KeyFacts> = {}): KeyFacts => ({
  secretArn: arnOf(secretName),
  secretName,
  name: "web",
  connection: "pictify",
  vendor: "pictify",
  status: "current",
  liveGenerations: 1,
  debt: [],
  ...facts,
});

const asExpected = ({ status }: KeyFacts): boolean => status === "current";

const readerOf = (listed: readonly KeyFacts[], now: readonly KeyFacts[] = listed) => {
  const calls: string[] = [];
  const reader = createKeyReader({
    list: async () => {
      calls.push("list");
      return listed;
    },
    describe: async (secretId) => {
      calls.push(`describe ${secretId}`);
      return now.find(({ secretArn, secretName }) => secretArn === secretId || secretName === secretId);
    },
  });
  return { reader, calls };
};

test("any number of reads, also at the same time, make one listing", async () => {
  const { reader, calls } = readerOf([factsOf("a"), factsOf("b")]);

  const read = await Promise.all(["a", arnOf("b"), "a"].map((secretId) => reader.read(secretId, asExpected)));
  await reader.read("b", asExpected);

  expect(read.map((facts) => facts?.secretName)).toEqual(["a", "b", "a"]);
  expect(calls).toEqual(["list"]);
});

test("a key that is not listed is asked for before it is taken for gone", async () => {
  const { reader, calls } = readerOf([], [factsOf("new")]);

  expect(await reader.read("new", asExpected)).toMatchObject({ secretName: "new" });
  expect(await reader.read("gone", asExpected)).toBeUndefined();
  expect(calls).toEqual(["list", "describe new", "describe gone"]);
});

test("bad news of a listing is asked for before it is believed", async () => {
  const { reader } = readerOf([factsOf("a", { status: "revoked" })], [factsOf("a")]);

  expect(await reader.read("a", asExpected)).toMatchObject({ status: "current" });
});

test("once this process has changed a key, keys are asked for singly: which id means which, a listing does not say", async () => {
  const { reader, calls } = readerOf([factsOf("a"), factsOf("b")]);

  reader.changed();
  await reader.read("a", asExpected);
  await reader.read("b", asExpected);

  expect(calls).toEqual(["describe a", "describe b"]);
});

test("a listing that failed is not asked for again by every key", async () => {
  let calls = 0;
  const reader = createKeyReader({
    list: () => Promise.reject(new Error(`failed ${++calls}`)),
    describe: async () => undefined,
  });

  const results = await Promise.allSettled(["a", "b"].map((secretId) => reader.read(secretId, asExpected)));

  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(calls).toBe(1);
});
