import { expect, test } from "vitest";
import { childrenOf, isRunning, killChildren } from "./child-processes.ts";
import { describeTerraform, KEY, SECRET } from "./terraform-stand.ts";

interface Change {
  readonly action: string;
  /** What the key becomes. */
  readonly key: object;
  readonly isNew: boolean;
  readonly command: "apply" | "destroy";
}

const CHANGES: readonly (readonly [string, Change])[] = [
  ["makes", { action: "ensure", key: KEY, isNew: true, command: "apply" }],
  ["changes", { action: "update", key: { ...KEY, type: "test" }, isNew: false, command: "apply" }],
  ["adopts", { action: "adopt", key: { ...KEY, adopt_key_id: "hand-made" }, isNew: true, command: "apply" }],
  ["destroys", { action: "delete", key: KEY, isNew: false, command: "destroy" }],
];

describeTerraform("what is killed under the real Terraform", (stand) => {
  /** Starts Terraform, and comes back when the service has the request for the change and holds it back. */
  const begin = async ({ action, key, isNew, command }: Change) => {
    if (!isNew) await stand.applied();
    stand.workspace.write({ web: key });
    const release = stand.service.hold(action);
    const terraform = stand.workspace.start([command, "-no-color", "-auto-approve"]);
    await expect.poll(() => stand.service.calls).toContain(action);
    return { ...terraform, release };
  };

  /** Repeats what was cut off, and expects one key as wanted, or none. */
  const expectConverged = async ({ action, command }: Change): Promise<void> => {
    const { code, output } = await stand.workspace.run(command, "-auto-approve");
    expect(code, output).toBe(0);
    if (action === "delete") return expect(stand.service.has(SECRET)).toBe(false);
    const { keyId } = stand.service.facts(SECRET);
    expect(stand.workspace.state("web")).toMatchObject({ key_id: keyId, status: "current" });
    expect((await stand.workspace.run("plan", "-detailed-exitcode")).code).toBe(0);
  };

  test.each(CHANGES)("a provider that is killed while it %s a key: the next run converges", async (_, change) => {
    const { child, done, release } = await begin(change);

    await killChildren(child);
    release(); // the function does its work, and nobody hears the answer
    const killed = await done;

    expect(killed.code).toBe(1);
    await expectConverged(change);
  });

  test.each(CHANGES)(
    "a Terraform that is killed while it %s a key: it leaves no provider, and the next run converges",
    async (_, change) => {
      const { child, done, release } = await begin(change);
      const providers = await childrenOf(child);

      child.kill("SIGKILL");
      await done;
      release();

      expect(providers).toHaveLength(1);
      await expect.poll(() => providers.filter(isRunning)).toEqual([]);
      await expectConverged(change);
    },
  );

  test("a provider that is killed while it plans changes nothing", async () => {
    await stand.applied();
    const release = stand.service.hold("list");
    const { child, done } = stand.workspace.start(["plan", "-no-color"]);
    await expect.poll(() => stand.service.calls).toContain("list");

    await killChildren(child);
    release();

    expect((await done).code).toBe(1);
    expect((await stand.workspace.run("plan", "-detailed-exitcode")).code).toBe(0);
    expect(stand.service.commands.map(({ action }) => action)).toEqual(["ensure", "claim"]);
  });
});
