import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, mintedKeys } from "../lambdas/stand.ts";
import { killChildren } from "./child-processes.ts";
import { describeTerraformService, keyFor, worked } from "./terraform-service.ts";

const KILLED = [
  ["the provider", "before", "ensure"],
  ["Terraform", "after", "ensure"],
  ["Terraform", "before", "claim"],
  ["the provider", "after", "claim"],
  ["the provider", "before", "delete"],
  ["Terraform", "after", "delete"],
] as const;

describeTerraformService("a replacement that is cut off", (start) => {
  test.each(KILLED)(
    "as %s is killed %s the service does the %s: the value works throughout, and the next apply converges",
    async (victim, when, action) => {
      const service = await start();
      const { stand, workspace } = service;
      const arn = await stand.declare();
      workspace.write({ web: keyFor(arn) });
      await worked(workspace.apply());
      await stand.turnOn(arn);
      await stand.clock.advance(2 * HOUR_MS);
      service.watch(arn);

      const { child, done } = workspace.start(["apply", "-no-color", "-auto-approve", "-replace=keyturn_api_key.web"]);
      service.interrupt(action, when, async () => {
        if (victim === "Terraform") child.kill("SIGKILL");
        else await killChildren(child);
        await done;
      });
      const { code } = await done;
      await stand.clock.advance(10 * MINUTE_MS);
      await worked(workspace.apply());
      await worked(workspace.apply()); // an object that was left deposed has ended now

      expect(code).not.toBe(0);
      expect(service.failures).toBe(0);
      expect(await service.currentWorks(arn)).toBe(true);
      expect(mintedKeys(stand.pictify).length).toBeLessThanOrEqual(3);
      expect(workspace.read("terraform.tfstate")).not.toContain("deposed");
      expect(workspace.state("web")).toMatchObject({ status: "current" });
      expect(await service.claims(arn)).toContain(workspace.state("web")?.claim);
      // Between the last word of a create and Terraform's writing it down, a claim can be left without an object: the next change says so.
      const others = (await service.claims(arn)).filter((claim) => claim !== workspace.state("web")?.claim);
      const left = others.filter((claim) => !claim.endsWith("?"));
      expect(left).toHaveLength(when === "after" && action === "claim" ? 1 : 0);
      const told = await worked(workspace.apply("-replace=keyturn_api_key.web"));
      for (const claim of left) expect(told).toContain(`"claim":"${claim}"`);
      expect(service.failures).toBe(0);
      expect((await stand.facts(arn)).rotationEnabled).toBe(true);
      expect((await workspace.run("plan", "-detailed-exitcode")).code).toBe(0);
    },
  );
});
