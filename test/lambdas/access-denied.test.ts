import { describe, expect, test } from "vitest";
import { manageHandler } from "../../lambdas/management/manage.ts";
import type { World } from "../../lambdas/world.ts";
import { createStand, mintedKeys, SECOND_MS, type Stand } from "./stand.ts";

const denied = () => Object.assign(new Error("not authorized"), { name: "AccessDeniedException", $fault: "client" });

/** The stand's `manage` with a role whose rights spread only `afterMs` from now. */
const manageWithRightsAfter = (stand: Stand, afterMs: number) => {
  const fromMs = stand.clock.now() + afterMs;
  const world = stand.worldOf("prod");
  const send = async (command: never) => {
    if (stand.clock.now() < fromMs) throw denied();
    return world.secretsManager.send(command);
  };
  const handler = manageHandler({ ...world, secretsManager: { send } as World["secretsManager"] });
  stand.account.functions.create({ name: "late", timeoutMs: 300_000, secretsManagerMayInvoke: false, handler });
  return (event: object) => stand.clock.run(stand.account.functions.invoke("late", event));
};

describe("a function whose rights have not spread yet", () => {
  test("waits for them, so that a first deploy does not fail", async () => {
    const stand = await createStand();
    const secretId = await stand.declare();
    const manage = manageWithRightsAfter(stand, 20 * SECOND_MS);
    expect((await manage({ action: "ensure", secretId })).answer).toMatchObject({ status: "current" });
    expect(mintedKeys(stand.pictify)).toHaveLength(1);
  });

  test("gives up after half a minute, and says what to look at", async () => {
    const stand = await createStand();
    const secretId = await stand.declare();
    const manage = manageWithRightsAfter(stand, 3_600 * SECOND_MS);
    const startMs = stand.clock.now();
    expect((await manage({ action: "ensure", secretId })).error).toMatch(
      /^ACCESS_DENIED.*does not exist, lies outside.*no tag keyturn:service/,
    );
    expect(stand.clock.now() - startMs).toBeLessThanOrEqual(35 * SECOND_MS);
  });
});
