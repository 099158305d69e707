import { expect, test } from "vitest";
import type { ServiceError } from "./fake-service.ts";
import { describeTerraform, joined, KEY } from "./terraform-stand.ts";

/** Ends of an invocation that say nothing of what was done before. */
const PASSING: readonly ServiceError[] = [
  { type: "TooManyRequestsException", message: "Rate exceeded", awsStatus: 429 },
  { type: "ServiceException", message: "internal", awsStatus: 500 },
  { type: "Sandbox.Timedout", message: "Task timed out after 120.00 seconds" },
  { type: "Runtime.ExitError", message: "RequestId: 1 Error: Runtime exited with error: signal: killed" },
];

/** As AWS answers for a function that was deleted. */
const GONE: ServiceError = {
  type: "ResourceNotFoundException",
  message: "Function not found: keyturn-prod-manage",
  awsStatus: 404,
};

describeTerraform("functions that fail under the real Terraform", (stand) => {
  test.each(PASSING.map((error) => [error.type, error] as const))("%s: an apply asks again", async (_, error) => {
    stand.service.fail("ensure", error);

    await stand.applied();

    expect(stand.service.count("ensure")).toBe(2);
    expect(stand.service.values).toHaveLength(1);
  });

  test("a plan and a destroy ask again, too", async () => {
    await stand.applied();
    for (const action of ["list", "delete"]) stand.service.fail(action, ...PASSING.slice(0, 2));

    const { code, output } = await stand.workspace.run("destroy", "-auto-approve");

    expect(code, output).toBe(0);
    expect([stand.service.count("list"), stand.service.count("delete")]).toEqual([3, 3]);
  });

  test.each(["ensure", "delete"])(
    "a function that vanishes before %s is named; when it is back, the next run goes on",
    async (action) => {
      if (action === "delete") await stand.applied();
      stand.workspace.write({ web: KEY });
      const command = action === "delete" ? "destroy" : "apply";
      stand.service.fail(action, GONE);

      const vanished = await stand.workspace.run(command, "-auto-approve");
      const stateThen = stand.workspace.state("web")?.key_id;
      const back = await stand.workspace.run(command, "-auto-approve");

      expect(vanished.code).toBe(1);
      expect(joined(vanished.output)).toMatch(/The function does not exist.*Function not found: keyturn-prod-manage/);
      expect(stateThen).toBe(action === "delete" ? "key-1" : undefined);
      expect(back.code, back.output).toBe(0);
      expect(stand.service.values).toHaveLength(1);
    },
  );

  test("an answer that is lost after a destroy is asked for again", async () => {
    await stand.applied();
    stand.service.lostAnswers = 1;

    const { code, output } = await stand.workspace.run("destroy", "-auto-approve");

    expect(code, output).toBe(0);
    expect(stand.service.count("delete")).toBe(2);
  });

  test("an error that nobody foresaw is told with the function's name, and the state stays", async () => {
    await stand.applied();
    stand.service.fail("update", { type: "TypeError", message: "x is not a function" });
    stand.workspace.write({ web: { ...KEY, type: "test" } });

    const { code, output } = await stand.workspace.apply();

    expect(code).toBe(1);
    expect(joined(output)).toMatch(/The Keyturn service failed.*x is not a function.*Function: manage/);
    expect(stand.workspace.state("web")).toMatchObject({ type: "live", key_id: "key-1" });
  });

  test("one key that fails leaves the others made, and the next apply makes it", async () => {
    const other = { ...KEY, secret_id: "keyturn/demo/other", name: "other" };
    stand.workspace.write({ web: KEY, other });
    stand.service.fail("ensure", { type: "KEY_LIMIT", message: "no slot is left" });

    const first = await stand.workspace.apply();
    const made = stand.service.values.length;
    const second = await stand.workspace.apply();

    expect([first.code, second.code], second.output).toEqual([1, 0]);
    expect([made, stand.service.values.length]).toEqual([1, 2]);
  });
});
