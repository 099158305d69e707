import { expect, test } from "vitest";
import { passes, records } from "./reconciliation/passes.ts";
import { createStand, HOUR_MS, stagesOf } from "./stand.ts";

test.each(["SecretString", "SecretBinary"] as const)("a value that a person put as %s stays current", async (field) => {
  const stand = await createStand();
  const arn = await stand.deploy();
  await stand.clock.advance(HOUR_MS);
  const { value } = stand.pictify.issueKey({ name: "break glass", access: "live" });
  const text = JSON.stringify({ apiKey: value });
  await stand.aws("PutSecretValue", { SecretId: arn, [field]: field === "SecretString" ? text : Buffer.from(text) });
  const put = stagesOf(await stand.facts(arn)).current;

  await passes(stand, 12);

  expect(stagesOf(await stand.facts(arn)).current).toBe(put);
  expect(records(stand, "drift.found")).not.toEqual([]);
});

test("an admin key with a line break is refused by our own words, before anybody is asked", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  const broken = "pk_live_Aa11Bb22Cc33\nDd44Ee55Ff66Gg77";
  await stand.aws("PutSecretValue", { SecretId: "keyturn/pictify", SecretString: JSON.stringify({ apiKey: broken }) });
  stand.anotherService("prod");

  const { error } = await stand.invoke("manage", { action: "ensure", secretId: arn });

  expect(String(error)).toContain(
    "the apiKey of the admin secret keyturn/pictify has a blank or a line break at place 21 of 37",
  );
  expect(`${error}${stand.lines.join("")}`).not.toContain("Dd44Ee55Ff66Gg77");
});
