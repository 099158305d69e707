import { describe, expect, test } from "vitest";
import { marks } from "../../../lambdas/contracts/labels.ts";
import { callWith, passes } from "../reconciliation/passes.ts";
import { createStand, DAY_MS, HOUR_MS, MINUTE_MS, pictographKey } from "../stand.ts";
import { ask } from "./asking.ts";

describe("the end of a key that nobody but Keyturn has called with", () => {
  test.each([
    ["pictify", {}],
    ["pictograph", pictographKey],
  ])("is refused at no time after its creation, at %s", async (_, declaration) => {
    for (const minutes of [1, 7, 20, 40, 69, 75]) {
      const stand = await createStand();
      const arn = await stand.deploy(declaration);
      await stand.clock.advance(minutes * MINUTE_MS);

      expect((await ask(stand, "delete", arn)).answer?.status, `after ${minutes} minutes`).toBe("destroyed");
      stand.account.close();
    }
  });

  test("is refused while a workload's call is younger than the quiet period, however young the key is", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    await stand.clock.advance(10 * MINUTE_MS);
    await callWith(stand, (await stand.currentKey(arn)).apiKey);
    await stand.clock.advance(20 * MINUTE_MS);

    expect((await ask(stand, "delete", arn)).error).toMatch(/^IN_USE/);
  });

  test("is refused of a key that people made and called with as soon as it was there", async () => {
    const stand = await createStand();
    const arn = await stand.declare({ ...pictographKey });
    const { id, value } = stand.pictograph.issueKey({ name: "Production API Server", access: "member" });
    const issuedAt = new Date(stand.clock.now()).toISOString();
    const by = { vendor: "pictograph", name: "Production API Server", role: "member", issuedAt };
    await stand.aws("PutSecretValue", {
      SecretId: arn,
      SecretString: JSON.stringify({ apiKey: value, keyId: id, ...by }),
    });
    await stand.clock.advance(MINUTE_MS);
    const headers = { "X-API-Key": value };
    await stand.pictograph.fetch(new Request("https://pictograph.test/api/v1/developer/datasets/", { headers }));
    await stand.clock.advance(20 * MINUTE_MS);

    expect((await ask(stand, "delete", arn)).error).toMatch(/^IN_USE/);
  });

  test("is not refused for the second call with a key that was replaced", async () => {
    const stand = await createStand();
    const arn = await stand.deploy(pictographKey);
    await stand.rotate(arn);
    const tried = async (): Promise<boolean> => {
      const { stages } = await stand.facts(arn);
      return Object.values(stages).some((labels) => marks("tried-again", labels).length > 0);
    };
    await stand.clock.advance(DAY_MS - 2 * HOUR_MS);
    for (let n = 0; n < 60 && !(await tried()); n++) await passes(stand, 1);
    expect(await tried()).toBe(true);
    await stand.clock.advance(6 * MINUTE_MS);

    expect((await ask(stand, "delete", arn)).answer?.status).toBe("destroyed");
  });
});
