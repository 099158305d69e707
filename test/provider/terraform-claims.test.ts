import { expect, test } from "vitest";
import { renameConnection } from "../lambdas/second-connection.ts";
import { HOUR_MS, MINUTE_MS, mintedKeys } from "../lambdas/stand.ts";
import { describeTerraformService, keyFor, type TerraformService, worked } from "./terraform-service.ts";
import type { Workspace } from "./workspace.ts";

/** A key that one state has, hours ago, and that is in use or not. */
const deployed = async (service: TerraformService, more: object = {}) => {
  const arn = await service.stand.declare();
  service.workspace.write({ web: keyFor(arn, more) });
  await worked(service.workspace.apply());
  await service.stand.turnOn(arn);
  await service.stand.clock.advance(2 * HOUR_MS);
  service.watch(arn);
  return { arn, keyId: (await service.stand.currentKey(arn)).keyId };
};

const claimOf = ({ workspace }: Pick<TerraformService, "workspace">, name = "web") => workspace.state(name)?.claim;

const expectNothingPlanned = async (workspace: Workspace): Promise<void> => {
  const { code, output } = await workspace.run("plan", "-detailed-exitcode");
  expect(code, output).toBe(0);
};

/** What must be true after an object took another one's place. */
const expectReplaced = async (service: TerraformService, arn: string, keyId: string): Promise<void> => {
  const { stand, workspace } = service;
  const now = await stand.currentKey(arn);
  expect(service.failures).toBe(0);
  expect(now.keyId).not.toBe(keyId);
  expect(await service.currentWorks(arn)).toBe(true);
  expect(mintedKeys(stand.pictify).map(({ id }) => id)).toContain(keyId); // it retires in its overlap
  expect(workspace.state("web")).toMatchObject({ key_id: now.keyId, status: "current" });
  expect(await service.claims(arn)).toEqual([claimOf(service)]);
  expect((await stand.facts(arn)).rotationEnabled).toBe(true);
  expect(workspace.read("terraform.tfstate")).not.toContain("deposed");
  await expectNothingPlanned(workspace);
};

describeTerraformService("an object that takes another one's place, made before that one ends", (start) => {
  const REPLACEMENTS: readonly (readonly [string, (service: TerraformService, arn: string) => Promise<string>])[] = [
    ["-replace", ({ workspace }) => worked(workspace.apply("-replace=keyturn_api_key.web"))],
    [
      "taint",
      async ({ workspace }) => {
        await worked(workspace.run("taint", "keyturn_api_key.web"));
        return worked(workspace.apply());
      },
    ],
    [
      "replace_triggered_by",
      async ({ workspace }, arn) => {
        const lifecycle = { create_before_destroy: true, replace_triggered_by: ["terraform_data.config"] };
        const config = (input: string) => ({
          resource: { keyturn_api_key: { web: keyFor(arn, { lifecycle }) }, terraform_data: { config: { input } } },
        });
        workspace.write({}, config("one"));
        await worked(workspace.apply());
        workspace.write({}, config("two"));
        return worked(workspace.apply());
      },
    ],
  ];

  test.each(REPLACEMENTS)("by %s: the value works throughout, and the old one retires", async (_, replace) => {
    const service = await start();
    const { arn, keyId } = await deployed(service);

    const output = await replace(service, arn);

    expect(output).not.toContain("The key lives on");
    // The process that applies cannot tell the claim of the object before from another state's: it says that this one gives it up.
    expect(output).toContain("gives its claim up in a moment");
    await expectReplaced(service, arn, keyId);
  });

  test("by -replace while the key is in use: nothing is refused, and no deposed object stays", async () => {
    const service = await start();
    const { arn, keyId } = await deployed(service);
    await service.use(arn);
    await service.stand.clock.advance(6 * MINUTE_MS);

    await worked(service.workspace.apply("-replace=keyturn_api_key.web"));

    await expectReplaced(service, arn, keyId);
  });

  test("by another name of its vendor connection: the key lives on", async () => {
    const service = await start();
    const { arn, keyId } = await deployed(service);
    await renameConnection(service.stand, arn);
    service.workspace.write({ web: keyFor(arn, { vendor: "pictify-main" }) });

    await worked(service.workspace.apply());

    await expectReplaced(service, arn, keyId);
  });
});

describeTerraformService("an object whose claim was not confirmed in time", (start) => {
  test("is in the state, so that the next apply replaces it and ends its claim", async () => {
    const service = await start();
    const { stand, workspace } = service;
    const arn = await stand.declare();
    workspace.write({ web: keyFor(arn, { timeouts: { create: "3s" } }) });
    const { done } = workspace.start(["apply", "-no-color", "-auto-approve"]);
    service.holdBack("claim", () => done);
    const { code } = await done;
    await stand.turnOn(arn);
    expect(code).toBe(1);
    expect(workspace.state("web")).toMatchObject({ claim: expect.stringMatching(/./), status: "current" });

    workspace.write({ web: keyFor(arn) });
    await worked(workspace.apply());

    expect(await service.currentWorks(arn)).toBe(true);
    expect(await service.claims(arn)).toEqual([claimOf(service)]);
    await expectNothingPlanned(workspace);
  });
});
