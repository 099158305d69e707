import { expect, test } from "vitest";
import { HOUR_MS, mintedKeys } from "../lambdas/stand.ts";
import { storeState } from "./stored-state.ts";
import { describeTerraformService, failed, keyFor, type TerraformService, worked } from "./terraform-service.ts";
import type { Workspace } from "./workspace.ts";

const ADDRESS = "keyturn_api_key.web";

const deployed = async (service: TerraformService) => {
  const arn = await service.stand.declare();
  service.workspace.write({ web: keyFor(arn) });
  await worked(service.workspace.apply());
  await service.stand.turnOn(arn);
  await service.stand.clock.advance(2 * HOUR_MS);
  service.watch(arn);
  return arn;
};

const claimIn = (workspace: Workspace) => workspace.state("web")?.claim;

/** Everything that Terraform printed says to run, run. */
const runPrinted = async ({ stand }: TerraformService, output: string): Promise<void> => {
  const payloads = [...output.matchAll(/--payload '([^']+)'/g)].map(([, json = ""]) => JSON.parse(json));
  expect(payloads.length).toBeGreaterThan(0);
  for (const payload of payloads) expect((await stand.invoke("manage", payload)).error).toBeUndefined();
};

const alive = ({ stand }: TerraformService): number => mintedKeys(stand.pictify).length;

describeTerraformService("a key that two states have", (start) => {
  test("is made by the second with a warning that names the first one's claim, its age and how to drop it", async () => {
    const service = await start();
    const arn = await deployed(service);
    const second = await service.anotherState();
    second.write({ web: keyFor(arn) });

    const output = await worked(second.apply());

    expect(output).toContain("Warning: Other objects claim this key");
    expect(output).toMatch(new RegExp(`- ${claimIn(service.workspace)}, for \\d+ days?\\.`)); // by the machine's clock;
    expect(output).toContain(`{"action":"release","secretId":"${arn}","claim":"${claimIn(service.workspace)}"}`);
    expect(await service.claims(arn)).toEqual([claimIn(service.workspace), claimIn(second)]);
  });

  test("lives on when the second is destroyed, with a warning, and ends with the first", async () => {
    const service = await start();
    const arn = await deployed(service);
    const second = await service.anotherState();
    second.write({ web: keyFor(arn) });
    await worked(second.apply());
    await service.stand.clock.advance(2 * HOUR_MS);

    const output = await worked(second.run("destroy", "-auto-approve"));

    expect(output).toContain("Warning: The key lives on: other objects claim it");
    expect(output).toContain(`- ${claimIn(service.workspace)}, for `);
    expect(await service.currentWorks(arn)).toBe(true);
    expect(service.failures).toBe(0);
    expect((await service.workspace.run("plan", "-detailed-exitcode")).code).toBe(0);

    expect(await worked(service.workspace.run("destroy", "-auto-approve"))).not.toContain("lives on");
    expect(alive(service)).toBe(0);
  });

  test("lives on when the first is destroyed, and when the second replaces its object", async () => {
    const service = await start();
    const arn = await deployed(service);
    const second = await service.anotherState();
    second.write({ web: keyFor(arn) });
    await worked(second.apply());
    await worked(service.workspace.run("destroy", "-auto-approve"));
    await service.stand.clock.advance(2 * HOUR_MS);
    await worked(second.apply(`-replace=${ADDRESS}`));

    expect(service.failures).toBe(0);
    expect(await service.claims(arn)).toEqual([claimIn(second)]);
  });
});

describeTerraformService("an object that is taken out of its state, or brought into one,", (start) => {
  test("by import gets its claim with the next apply, and a plan before writes nothing", async () => {
    const service = await start();
    const arn = await deployed(service);
    const second = await service.anotherState();
    second.write({ web: keyFor(arn) });
    await worked(second.run("import", ADDRESS, arn));
    await worked(second.run("plan"));
    expect(await service.claims(arn)).toEqual([claimIn(service.workspace)]);

    const output = await worked(second.apply());

    expect(output).toContain("Warning: Other objects claim this key");
    expect(await service.claims(arn)).toEqual([claimIn(service.workspace), claimIn(second)]);
    expect((await second.run("plan", "-detailed-exitcode")).code).toBe(0);
  });

  test("by import and destroyed before it was applied ends nobody's key", async () => {
    const service = await start();
    const arn = await deployed(service);
    const second = await service.anotherState();
    second.write({ web: keyFor(arn) });
    await worked(second.run("import", ADDRESS, arn));

    const output = await worked(second.run("destroy", "-auto-approve"));

    expect(output).toContain("The key lives on");
    expect(await service.claims(arn)).toEqual([claimIn(service.workspace)]);
    expect(await service.currentWorks(arn)).toBe(true);
  });

  test("by state rm and import has two claims; the command that the warning prints drops the lost one", async () => {
    const service = await start();
    const { workspace } = service;
    const arn = await deployed(service);
    await worked(workspace.run("state rm", ADDRESS));
    await worked(workspace.run("import", ADDRESS, arn));

    const output = await worked(workspace.apply());
    await runPrinted(service, output);

    expect(await service.claims(arn)).toEqual([claimIn(service.workspace)]);
    await worked(workspace.run("destroy", "-auto-approve"));
    expect(alive(service)).toBe(0);
  });

  test("by state rm, and made again, lives on when that is destroyed, until the lost claim is dropped", async () => {
    const service = await start();
    const { workspace } = service;
    const arn = await deployed(service);
    await worked(workspace.run("state rm", ADDRESS));
    await worked(workspace.apply());
    await service.stand.clock.advance(26 * HOUR_MS);
    const output = await worked(workspace.run("destroy", "-auto-approve"));
    expect(await service.currentWorks(arn)).toBe(true);

    await runPrinted(service, output);
    await worked(workspace.apply());
    expect(await service.claims(arn)).toEqual([claimIn(workspace)]);
    await service.stand.clock.advance(26 * HOUR_MS);
    expect(await worked(workspace.run("destroy", "-auto-approve"))).not.toContain("lives on");
    expect(alive(service)).toBe(0);
  });
});

/** A key and a state as they were before claims. @param beside what else the state has of the same address */
const older = async (service: TerraformService, ...beside: readonly object[]) => {
  const { stand, workspace } = service;
  const arn = await stand.deploy();
  const { unclaimed } = (await stand.facts(arn)).held;
  const { versionId: RemoveFromVersionId, label: VersionStage } = unclaimed ?? {};
  await stand.aws("UpdateSecretVersionStage", { SecretId: arn, RemoveFromVersionId, VersionStage });
  await stand.clock.advance(2 * HOUR_MS);
  const { lifecycle: _, ...attributes } = keyFor(arn) as { lifecycle: object };
  const instance = { schema_version: 1, attributes: { ...attributes, secret_arn: arn } };
  storeState(workspace, instance, ...beside.map((more) => ({ ...instance, ...more })));
  workspace.write({ web: keyFor(arn) });
  service.watch(arn);
  return arn;
};

describeTerraformService("a state from before claims", (start) => {
  test("is read, and nothing is written for that; its object ends its key", async () => {
    const service = await start();
    const arn = await older(service);
    const before = await service.stand.facts(arn);
    await worked(service.workspace.apply());
    expect(await service.stand.facts(arn)).toEqual(before);

    await worked(service.workspace.run("destroy", "-auto-approve"));
    expect(alive(service)).toBe(0);
  });

  test("has a name for its claim after the object's next update", async () => {
    const service = await start();
    const arn = await older(service);
    await worked(service.workspace.apply());
    service.workspace.write({ web: keyFor(arn, { force_destroy: true }) });
    await worked(service.workspace.apply());

    expect(claimIn(service.workspace)).toMatch(/^[0-9a-f]{12}$/);
    expect(await service.claims(arn)).toEqual([claimIn(service.workspace)]);
  });

  test("replaces its object without harm", async () => {
    const service = await start();
    const arn = await older(service);
    await worked(service.workspace.apply());
    await worked(service.workspace.apply(`-replace=${ADDRESS}`));

    expect(service.failures).toBe(0);
    expect(await service.claims(arn)).toEqual([claimIn(service.workspace)]);
    expect(await service.currentWorks(arn)).toBe(true);
  });

  test("with an object that a refused replacement left deposed: the key is not ended with that, and the refusal says what to do", async () => {
    const service = await start();
    const { workspace } = service;
    const arn = await older(service, { deposed: "a1b2c3d4" });
    const output = await failed(workspace.apply());
    expect(output).toContain("two objects that have the same claim");
    expect(output).toContain(`terraform import keyturn_api_key.<address> ${arn}`);

    await worked(workspace.run("state rm", ADDRESS));
    await worked(workspace.run("import", ADDRESS, arn));
    await worked(workspace.apply());

    expect(service.failures).toBe(0);
    expect(await service.currentWorks(arn)).toBe(true);
    expect(workspace.read("terraform.tfstate")).not.toContain("deposed");
  });

  test("keeps its key when a second state makes an object of it and ends that", async () => {
    const service = await start();
    const arn = await older(service);
    await worked(service.workspace.apply());
    const second = await service.anotherState();
    second.write({ web: keyFor(arn) });
    expect(await worked(second.apply())).toContain("- unnamed, for ");
    await service.stand.clock.advance(2 * HOUR_MS);

    expect(await worked(second.run("destroy", "-auto-approve"))).toContain("The key lives on");
    expect(await service.currentWorks(arn)).toBe(true);
    expect(service.failures).toBe(0);
  });
});
