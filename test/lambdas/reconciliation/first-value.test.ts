import { expect, test } from "vitest";
import { intercept } from "../rotation/begun.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../stand.ts";
import { type FakeDistribute, fakeDistribute } from "./fake-distribute.ts";
import { look, records, unlimited } from "./passes.ts";

const isNotThere = (targets: FakeDistribute, arn: string) =>
  targets.says(arn, "web", { adopted: false, code: "BEHIND", reason: "it is not there", behind: true });

/** A key that was never rotated, an hour after it was made. */
const deployed = async () => {
  const stand = await unlimited();
  let arn = "";
  let isRefused = false;
  intercept(async (operation, call, input) => {
    if (isRefused && operation === "GetSecretValue" && "SecretId" in input && input.SecretId === arn)
      throw Object.assign(new Error("not authorized"), { name: "AccessDeniedException", $fault: "client" });
    return call();
  })(stand);
  stand.anotherService("prod");
  const targets = fakeDistribute(stand);
  arn = await stand.deploy();
  await stand.clock.advance(HOUR_MS);
  const refuseValue = () => {
    isRefused = true;
  };
  return { stand, targets, arn, refuseValue };
};

test("a target that lacks a first value is left to whoever made that, while its key may not work yet, and no longer", async () => {
  const stand = await unlimited();
  const targets = fakeDistribute(stand);
  const arn = await stand.declare();
  await targets.addTarget(arn);
  isNotThere(targets, arn);
  const ensuring = stand.account.functions.invoke(stand.functions.manage, { action: "ensure", secretId: arn });
  await stand.clock.advance(5 * SECOND_MS);

  await look(stand);
  const looked = targets.arnsOf("observe");
  const whileYoung = targets.arnsOf("apply");
  await stand.clock.advance(10 * MINUTE_MS);
  const { error } = await ensuring;
  const told = targets.arnsOf("apply");
  await look(stand);
  await stand.clock.advance(SECOND_MS);

  expect(error).toBeUndefined();
  expect(looked).toEqual([arn]);
  expect(whileYoung).toEqual([]);
  expect(told).toEqual([arn]);
  expect(targets.arnsOf("apply")).toEqual([arn, arn]);
  expect(records(stand, "targets.first-value")).toMatchObject([{ behind: "the target web: it is not there" }]);
});

test("a target that was just added gets the value of a key that works, although it is the first one", async () => {
  const { stand, targets, arn } = await deployed();
  await targets.addTarget(arn);
  isNotThere(targets, arn);
  await look(stand);
  await stand.clock.advance(SECOND_MS);
  expect(targets.arnsOf("apply")).toEqual([arn]);
});

test("a target that lacks a first value which cannot be read is left, and the pass says so", async () => {
  const { stand, targets, arn, refuseValue } = await deployed();
  await targets.addTarget(arn);
  isNotThere(targets, arn);
  refuseValue();
  await look(stand);
  await stand.clock.advance(SECOND_MS);
  expect(targets.arnsOf("apply")).toEqual([]);
  expect(records(stand, "value.not-read")).toMatchObject([{ errorType: "AccessDeniedException" }]);
});

test("a target that lacks a first value which a person put gets it at once", async () => {
  const { stand, targets, arn } = await deployed();
  await stand.aws("PutSecretValue", { SecretId: arn, SecretString: JSON.stringify({ apiKey: "a person's" }) });
  const { stages } = await stand.facts(arn);
  for (const [RemoveFromVersionId, labels] of Object.entries(stages))
    if (labels.includes("AWSPREVIOUS"))
      await stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage: "AWSPREVIOUS", RemoveFromVersionId });
  await targets.addTarget(arn);
  isNotThere(targets, arn);

  await look(stand);
  await stand.clock.advance(SECOND_MS);

  expect(targets.arnsOf("apply")).toEqual([arn]);
});

test("a target that lacks a later value gets it from the next pass, however young it is", async () => {
  const { stand, targets, arn } = await deployed();
  await targets.addTarget(arn);
  await stand.rotate(arn);
  const before = targets.arnsOf("apply").length;
  isNotThere(targets, arn);

  await look(stand);
  await stand.clock.advance(SECOND_MS);

  expect(targets.arnsOf("apply").slice(before)).toEqual([arn]);
});
