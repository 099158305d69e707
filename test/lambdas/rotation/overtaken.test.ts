import { expect, test } from "vitest";
import { marks } from "../../../lambdas/contracts/labels.ts";
import { createStand, MINUTE_MS, mintedKeys, SECOND_MS, stagesOf } from "../stand.ts";
import { begun, intercept } from "./begun.ts";

const VALUE = JSON.stringify({ apiKey: "made by hand" });

test("a value that is put while the key is minted ends the rotation: its token is given up, and AWSPENDING free", async () => {
  let isFirst = true;
  const { stand, arn, token, step } = await begun({}, {}, (stand) =>
    intercept(async (operation, call, input) => {
      if (operation === "PutSecretValue" && isFirst) {
        isFirst = false;
        const { SecretId } = input as { SecretId: string };
        await stand.aws("PutSecretValue", { SecretId, SecretString: VALUE });
      }
      return call();
    })(stand),
  );

  expect((await step("createSecret")).error).toMatch(/^GENERATION_DEAD.*another version became current/);
  const facts = await stand.facts(arn);
  expect(stagesOf(facts).pending).toBeUndefined();
  expect(marks("abandoned", facts.stages[token] ?? [])).toHaveLength(1);
  expect(mintedKeys(stand.pictify)).toHaveLength(2);
});

test("a first generation that is declared otherwise meanwhile is still waited for until it works", async () => {
  const stand = await createStand();
  const arn = await stand.declare();
  const ensuring = stand.account.functions.invoke(stand.functions.manage, { action: "ensure", secretId: arn });
  let isAnswered = false;
  void ensuring.then(() => {
    isAnswered = true;
  });
  while (mintedKeys(stand.pictify).length === 0) await new Promise((resolve) => setImmediate(resolve));
  await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:type", Value: "test" }] });
  await stand.clock.advance(20 * SECOND_MS);
  expect(isAnswered).toBe(false);

  await stand.clock.advance(2 * MINUTE_MS);
  expect(isAnswered).toBe(true);
});
