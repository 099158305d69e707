import { expect, test } from "vitest";
import { currentOf, isActive, ownLabels, passes, putMark, unlimited } from "../../reconciliation/passes.ts";
import { intercept } from "../../rotation/begun.ts";
import { HOUR_MS } from "../../stand.ts";

test("the mark of a compromised key stays where Secrets Manager does not find its value for two passes", async () => {
  const stand = await unlimited();
  let missing = "";
  intercept(async (operation, call, input) => {
    const isMissing = operation === "GetSecretValue" && "VersionId" in input && input.VersionId === missing;
    if (isMissing) throw Object.assign(new Error("not there"), { name: "ResourceNotFoundException" });
    return call();
  })(stand);
  stand.anotherService("prod");
  const arn = await stand.deploy();
  await stand.deploy({ name: "api" });
  const { keyId } = await stand.currentKey(arn);
  const version = await currentOf(stand, arn);
  await stand.rotate(arn);
  await stand.clock.advance(HOUR_MS);
  await putMark(stand, arn, version, "compromised");
  missing = version;

  await passes(stand, 2);

  const isMarked = (await ownLabels(stand, arn)).some((label) => label.startsWith("keyturn/compromised"));
  expect(isMarked || isActive(stand.pictify, keyId) === false).toBe(true);
});
