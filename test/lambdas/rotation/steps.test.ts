import { expect, test } from "vitest";
import { marks } from "../../../lambdas/contracts/labels.ts";
import { MINUTE_MS, mintedKeys, pictographKey, stagesOf } from "../stand.ts";
import { begun, diesAt } from "./begun.ts";

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

test("a finishSecret that dies halfway has marked the outgoing version, and moved nothing", async () => {
  const { stand, arn, token, step } = await begun({}, {}, diesAt("UpdateSecretVersionStage", 2));
  const { current = "" } = stagesOf(await stand.facts(arn));
  for (const name of STEPS) await step(name);

  const { stages } = await stand.facts(arn);
  expect(stages[current]).toEqual(expect.arrayContaining(["AWSCURRENT"]));
  expect(marks("retiring", stages[current] ?? [])).toHaveLength(1);

  expect(await step("finishSecret")).toEqual({ answer: undefined });
  expect(stagesOf(await stand.facts(arn)).current).toBe(token);
});

test("a generation whose giving up dies halfway has its mark, so that reconcile finds it", async () => {
  const { stand, arn, token, step } = await begun({}, {}, diesAt("UpdateSecretVersionStage", 2));
  await step("createSecret");
  stand.pictify.revokeKey(mintedKeys(stand.pictify)[1]?.id ?? "");
  await stand.clock.advance(10 * MINUTE_MS);

  expect((await step("testSecret")).error).toBe("Error: killed");
  expect(marks("abandoned", (await stand.facts(arn)).stages[token] ?? [])).toHaveLength(1);
});

test.each(STEPS)("%s leaves a version that is current alone, also when its key was revoked since", async (name) => {
  const { stand, arn, token, step } = await begun();
  for (const one of STEPS) await step(one);
  const { keyId } = await stand.currentKey(arn);
  stand.pictify.revokeKey(keyId);
  await stand.clock.advance(10 * MINUTE_MS);
  const { stages } = await stand.facts(arn);

  expect(await step(name)).toEqual({ answer: undefined });
  expect((await stand.facts(arn)).stages).toEqual(stages);
  expect(stages[token]).toContain("AWSCURRENT");
});

test("no step is done for a secret that is marked for deletion", async () => {
  const { stand, arn, step } = await begun({}, pictographKey);
  await stand.aws("DeleteSecret", { SecretId: arn });

  for (const name of STEPS) expect((await step(name)).error).toMatch(/^DESTROYED/);
  expect(mintedKeys(stand.pictograph)).toHaveLength(1);
});
