import { describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, mintedKeys } from "../lambdas/stand.ts";
import { storeState } from "./stored-state.ts";
import { describeTerraformService, failed, keyFor, type TerraformService, worked } from "./terraform-service.ts";

const BEFORE_DESTROY = { lifecycle: { create_before_destroy: true } };
const AFTER_DESTROY = { lifecycle: { create_before_destroy: false } };

/** A key that one state has, hours ago. */
const deployed = async (service: TerraformService, more: object = {}) => {
  const arn = await service.stand.declare();
  service.workspace.write({ web: keyFor(arn, more) });
  await worked(service.workspace.apply());
  await service.stand.turnOn(arn);
  await service.stand.clock.advance(2 * HOUR_MS);
  return { arn, keyId: (await service.stand.currentKey(arn)).keyId };
};

const asked = (service: TerraformService): readonly string[] => service.asked.map(({ action }) => action);

const expectNothingPlanned = async ({ workspace }: TerraformService): Promise<void> => {
  const { code, output } = await workspace.run("plan", "-detailed-exitcode");
  expect(code, output).toBe(0);
};

/** The key under another address, which another process of the provider serves: neither plan sees the other's. */
const renameUnseen = ({ workspace, endpointUrl }: TerraformService, arn: string, more: object): void => {
  const block = { inspect_function: "inspect", manage_function: "manage", region: "us-east-1" };
  const provider = { ...block, endpoint_url: endpointUrl };
  workspace.write(
    { shop: { ...keyFor(arn, more), provider: "keyturn.other" } },
    { provider: { keyturn: [provider, { ...provider, alias: "other" }] } },
  );
};

describeTerraformService("an address that was renamed", (start) => {
  test.each([
    ["made first", BEFORE_DESTROY],
    ["destroyed first", AFTER_DESTROY],
  ])(
    "without a moved block, %s: the plan is refused with the block to write, and nothing was done",
    async (_, more) => {
      const service = await start();
      const { arn, keyId } = await deployed(service, more);
      const before = asked(service);
      service.workspace.write({ shop: keyFor(arn, more) });

      for (const command of ["plan", "apply"] as const) {
        const output = await failed(service.workspace.run(command, ...(command === "apply" ? ["-auto-approve"] : [])));
        expect(output).toContain("This plan ends a key and makes it anew under another address");
        expect(output).toContain("moved {");
        expect(output).toContain(arn);
      }
      expect(asked(service)).toEqual(before);
      expect((await service.stand.currentKey(arn)).keyId).toBe(keyId);
    },
  );

  test("under another form of the secret's id is refused, too", async () => {
    const service = await start();
    const { arn } = await deployed(service);
    service.workspace.write({ shop: keyFor("keyturn/prod/web") });
    expect(await failed(service.workspace.run("plan"))).toContain("moved {");

    service.workspace.write({ shop: keyFor(arn.slice(0, -7)) });
    expect(await failed(service.workspace.run("plan"))).toContain("moved {");
  });

  test("with a moved block: nothing is done to the key", async () => {
    const service = await start();
    const { arn, keyId } = await deployed(service);
    const before = asked(service);
    service.workspace.write(
      { shop: keyFor(arn) },
      { moved: [{ from: "keyturn_api_key.web", to: "keyturn_api_key.shop" }] },
    );
    await worked(service.workspace.apply());

    expect(asked(service)).toEqual(before);
    expect((await service.stand.currentKey(arn)).keyId).toBe(keyId);
    await expectNothingPlanned(service);
  });

  test.each([
    [
      "an import block",
      ({ workspace }: TerraformService, arn: string) =>
        workspace.write({ shop: keyFor(arn) }, { import: [{ to: "keyturn_api_key.shop", id: arn }] }),
    ],
    [
      "terraform import",
      async ({ workspace }: TerraformService, arn: string) => {
        workspace.write({ shop: keyFor(arn) });
        await worked(workspace.run("import", "keyturn_api_key.shop", arn));
      },
    ],
  ])("by %s, while the old one is taken out: refused, as the imported one has no claim yet", async (_, rename) => {
    const service = await start();
    const { arn, keyId } = await deployed(service);
    await rename(service, arn);
    const output = await failed(service.workspace.apply());
    expect(output).toContain("before an imported object has its claim");

    await worked(service.workspace.run("state rm", "keyturn_api_key.web"));
    await worked(service.workspace.apply());
    expect((await service.stand.currentKey(arn)).keyId).toBe(keyId);
    expect(await service.currentWorks(arn)).toBe(true);
  });

  test("of one key, while another secret's key is taken out: both are done", async () => {
    const service = await start();
    const { arn } = await deployed(service);
    const other = await service.stand.declare({ name: "other" });
    service.workspace.write({ other: keyFor(other, { name: "other" }) });
    await worked(service.workspace.apply());

    expect(mintedKeys(service.stand.pictify)).toHaveLength(1);
    expect(await service.currentWorks(arn)).toBe(false);
    expect(await service.currentWorks(other)).toBe(true);
  });

  test("is not refused where another state claims the key: it lives on in any case", async () => {
    const service = await start();
    const { arn } = await deployed(service);
    const second = await service.anotherState();
    second.write({ web: keyFor(arn) });
    await worked(second.apply());
    await service.stand.clock.advance(2 * HOUR_MS);
    service.watch(arn);
    service.workspace.write({ shop: keyFor(arn) });
    await worked(service.workspace.apply());

    expect(service.failures).toBe(0);
    expect(await service.claims(arn)).toEqual([second.state("web")?.claim, service.workspace.state("shop")?.claim]);
    await expectNothingPlanned(service);
  });
});

describeTerraformService("an address that was renamed where no plan can tell", (start) => {
  describe.each([1, 10])("at parallelism %d", (parallelism) => {
    test("while the key is not in use: the value works when the command is over", async () => {
      const service = await start();
      const { arn } = await deployed(service);
      renameUnseen(service, arn, BEFORE_DESTROY);
      await worked(service.workspace.apply(`-parallelism=${parallelism}`));

      expect(await service.currentWorks(arn)).toBe(true);
      expect(await service.claims(arn)).toEqual([service.workspace.state("shop")?.claim]);
      expect(service.workspace.state("shop")).toMatchObject({ status: "current" });
      await expectNothingPlanned(service);
    });

    test("while the key is in use: it works throughout, and what was refused goes through later", async () => {
      const service = await start();
      const { arn } = await deployed(service);
      await service.use(arn);
      await service.stand.clock.advance(6 * MINUTE_MS);
      service.watch(arn);
      renameUnseen(service, arn, BEFORE_DESTROY);
      await service.workspace.apply(`-parallelism=${parallelism}`);
      await worked(service.workspace.apply());

      expect(service.failures).toBe(0);
      expect(await service.currentWorks(arn)).toBe(true);
      expect(await service.claims(arn)).toEqual([service.workspace.state("shop")?.claim]);
      await expectNothingPlanned(service);
    });
  });

  test("the create comes within the time that the destroy waits: the value works throughout", async () => {
    const service = await start();
    const { arn } = await deployed(service);
    service.watch(arn);
    renameUnseen(service, arn, BEFORE_DESTROY);
    service.holdBack("ensure", () => expect.poll(() => asked(service)).toContain("delete"));
    await worked(service.workspace.apply("-parallelism=10"));

    expect(service.failures).toBe(0);
    expect(await service.currentWorks(arn)).toBe(true);
    expect(await service.claims(arn)).toEqual([service.workspace.state("shop")?.claim]);
    expect((await service.stand.facts(arn)).rotationEnabled).toBe(true);
  });

  test("the destroy comes long after the create: the value works throughout", async () => {
    const service = await start();
    const { arn } = await deployed(service);
    service.watch(arn);
    renameUnseen(service, arn, BEFORE_DESTROY);
    service.holdBack("delete", () =>
      expect.poll(() => asked(service).filter((one) => one === "claim")).toHaveLength(2),
    );
    await worked(service.workspace.apply("-parallelism=10"));

    expect(service.failures).toBe(0);
    expect(await service.claims(arn)).toEqual([service.workspace.state("shop")?.claim]);
  });
});

/** A replacement was cut off right before its create reached the service: Terraform knows the old object alone, and calls it deposed. */
const cutOff = async (service: TerraformService) => {
  const { arn, keyId } = await deployed(service);
  const attributes = service.workspace.state("web") ?? {};
  storeState(service.workspace, { schema_version: 1, deposed: "a1b2c3d4", attributes });
  service.watch(arn);
  return { arn, keyId, claim: attributes.claim };
};

describeTerraformService("an object that was left deposed when its replacement was cut off", (start) => {
  test("after its create had reached the service: the next apply makes one and ends the other, and the value works throughout", async () => {
    const service = await start();
    const { arn, claim } = await cutOff(service);
    const died = { action: "claim", secretId: arn, claim: { id: "died", isOpen: true } };
    await service.stand.invoke("manage", died);
    await service.stand.clock.advance(10 * MINUTE_MS);
    await worked(service.workspace.apply());

    expect(service.failures).toBe(0);
    expect(await service.currentWorks(arn)).toBe(true);
    expect(await service.claims(arn)).toEqual([service.workspace.state("web")?.claim]);
    expect(await service.claims(arn)).not.toContain(claim);
    await expectNothingPlanned(service);
  });

  test("before its create had reached the service: the refused plan says how to take the key back", async () => {
    const service = await start();
    const { arn, keyId } = await cutOff(service);
    expect(await failed(service.workspace.apply())).toContain("terraform state rm");

    await worked(service.workspace.run("state rm", "keyturn_api_key.web"));
    await worked(service.workspace.run("import", "keyturn_api_key.web", arn));
    await worked(service.workspace.apply());

    expect(service.failures).toBe(0);
    expect((await service.stand.currentKey(arn)).keyId).toBe(keyId);
    await expectNothingPlanned(service);
  });
});

describeTerraformService("an object that is destroyed before the next one is made", (start) => {
  test("while nobody uses the key: the old value ends, and the value works when the command is over", async () => {
    const service = await start();
    const { arn, keyId } = await deployed(service, AFTER_DESTROY);
    await worked(service.workspace.apply("-replace=keyturn_api_key.web"));

    expect((await service.stand.currentKey(arn)).keyId).not.toBe(keyId);
    expect(mintedKeys(service.stand.pictify)).toHaveLength(1);
    expect(await service.currentWorks(arn)).toBe(true);
    expect(await service.claims(arn)).toEqual([service.workspace.state("web")?.claim]);
  });

  test("while the key is in use: it is refused, and nothing was done", async () => {
    const service = await start();
    const { arn, keyId } = await deployed(service, AFTER_DESTROY);
    await service.use(arn);
    await service.stand.clock.advance(6 * MINUTE_MS);
    service.workspace.write({ web: keyFor(arn, { ...AFTER_DESTROY, timeouts: { delete: "1s" } }) });
    await worked(service.workspace.apply());
    const output = await failed(service.workspace.apply("-replace=keyturn_api_key.web"));

    expect(output).toContain("IN_USE");
    expect((await service.stand.currentKey(arn)).keyId).toBe(keyId);
    expect(await service.currentWorks(arn)).toBe(true);
    await expectNothingPlanned(service);
  });
});
