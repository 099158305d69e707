import { join } from "node:path";
import { expect, test } from "vitest";
import { describeTerraform, joined, KEY, SECRET } from "./terraform-stand.ts";

describeTerraform("failures under the real Terraform", (stand) => {
  test("a lost answer is asked for again, and one key is made", async () => {
    stand.service.lostAnswers = 2;

    await stand.applied();

    expect(stand.service.count("ensure")).toBe(3);
    expect(stand.workspace.state("web")).toMatchObject({ key_id: "key-1" });
  });

  test("a listing that is throttled is repeated, once for all keys", async () => {
    await stand.applied();
    stand.service.fail("list", { type: "VENDOR_RATE_LIMITED", message: "later" });

    expect((await stand.workspace.run("plan", "-detailed-exitcode")).code).toBe(0);
    expect(stand.service.calls).toEqual(["ensure", "claim", "list", "list"]);
  });

  test("a destroy is refused while the key is in use, and goes through with force_destroy", async () => {
    await stand.applied();
    stand.service.fail("delete", { type: "IN_USE", message: "the key key-1 was used at 2026-11-21T12:00:00.000Z" });

    const refused = await stand.workspace.run("destroy", "-auto-approve");
    await stand.applied({ ...KEY, force_destroy: true });
    const forced = await stand.workspace.run("destroy", "-auto-approve");

    expect(refused.code).toBe(1);
    expect(joined(refused.output)).toContain("The key is in use (IN_USE)");
    expect(joined(refused.output)).toContain("force_destroy = true");
    expect(forced.code).toBe(0);
    expect(stand.service.commands.filter(({ action }) => action === "delete")).toMatchObject([
      { force: false },
      { force: true },
    ]);
    expect(stand.service.count("update") + stand.service.count("ensure")).toBe(1);
    expect(stand.service.has(SECRET)).toBe(false);
  });

  test("waiting is told in the log", async () => {
    stand.service.fail("ensure", { type: "NOT_YET_ALIVE", message: "the new key does not work yet" });
    stand.workspace.write({ web: KEY });

    const traced = { TF_LOG: "INFO", TF_LOG_PATH: join(stand.workspace.folder, "info.log") };
    const { code } = await stand.workspace.start(["apply", "-no-color", "-auto-approve"], traced).done;

    expect(code).toBe(0);
    expect(stand.workspace.read("info.log")).toMatch(/ensure of the key web goes on.*the new key does not work yet/);
  });

  test("a long change is waited for, through throttling and failures that pass", async () => {
    await stand.applied();
    stand.service.rotatesFor(SECRET, 1);
    stand.service.fail(
      "update",
      { type: "TooManyRequestsException", message: "Rate exceeded", awsStatus: 429 },
      { type: "VENDOR_RATE_LIMITED", message: "later" },
      { type: "NOT_YET_ALIVE", message: "the new key does not work yet" },
    );

    await stand.applied({ ...KEY, type: "test" });

    expect(stand.workspace.state("web")).toMatchObject({ type: "test", key_id: "key-2" });
    expect(stand.service.count("update")).toBeGreaterThanOrEqual(4);
  });

  test("the end of the time is said with what was waited for, and the next apply goes on", async () => {
    stand.service.fail(
      "ensure",
      ...Array.from({ length: 9 }, () => ({ type: "NOT_YET_ALIVE", message: "not yet alive" })),
    );
    stand.workspace.write({ web: { ...KEY, timeouts: { create: "2s" } } });

    const late = await stand.workspace.apply();
    stand.service.fail("ensure");
    const next = await stand.workspace.apply();

    expect(late.code).toBe(1);
    expect(joined(late.output)).toMatch(/Not finished within 2 seconds .*not yet alive.*timeouts.create/);
    expect(next.code).toBe(0);
  });

  test("a failure of the service comes with its message and what to do", async () => {
    stand.service.fail("ensure", { type: "NOT_AS_DECLARED", message: "the tags say test" });
    stand.workspace.write({ web: KEY });

    const { code, output } = await stand.workspace.apply();

    expect(code).toBe(1);
    expect(joined(output)).toMatch(
      /differ from the secret's tags \(NOT_AS_DECLARED\).*the tags say test.*the same values/,
    );
  });

  test("functions that are gone are named, and the state stays", async () => {
    await stand.applied();
    stand.workspace.write({ web: KEY }, {}, { inspect_function: "nobody" });

    const { code, output } = await stand.workspace.run("plan");

    expect(code).toBe(1);
    expect(joined(output)).toContain("Function not found: nobody");
    expect(stand.workspace.state("web")).toMatchObject({ key_id: "key-1" });
  });

  test("an endpoint that nobody answers is an error after a few tries", async () => {
    stand.workspace.write({ web: KEY }, {}, { endpoint_url: "http://127.0.0.1:9" });

    const { code, output } = await stand.workspace.apply();

    expect(code).toBe(1);
    expect(joined(output)).toContain("The function could not be asked (UNREACHABLE)");
  });

  test("a service of a newer protocol says that the provider must be upgraded", async () => {
    stand.service.protocol = 2;
    stand.workspace.write({ web: KEY });

    const { code, output } = await stand.workspace.apply();

    expect(code).toBe(1);
    expect(joined(output)).toContain("The Keyturn provider is older than the service");
  });

  test("an interrupt ends the waiting, and says that nothing is lost", async () => {
    stand.service.fail(
      "ensure",
      ...Array.from({ length: 50 }, () => ({ type: "NOT_YET_ALIVE", message: "not yet alive" })),
    );
    stand.workspace.write({ web: KEY });
    const { child, done } = stand.workspace.start(["apply", "-no-color", "-auto-approve"]);
    await expect.poll(() => stand.service.count("ensure")).toBeGreaterThan(1);

    child.kill("SIGINT");
    const { code, output } = await done;

    expect(code).toBe(1);
    expect(joined(output)).toContain("Stopped before it was finished");
  });
});
