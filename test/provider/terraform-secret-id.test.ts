import { expect, test } from "vitest";
import { HOUR_MS } from "../lambdas/stand.ts";
import { describeTerraformService, failed, type TerraformService, worked } from "./terraform-service.ts";

const keyFor = (secret_id: string): object => ({ secret_id, name: "web-secret", vendor: "pictify", type: "live" });

/** A key whose secret's name ends as an ARN does, beside one with the name that is left without that. */
const deployed = async ({ stand, workspace }: TerraformService, secretId?: string) => {
  await stand.declare({ name: "web" });
  const arn = await stand.declare({ name: "web-secret" });
  workspace.write({ web: keyFor(secretId ?? arn) });
  await worked(workspace.apply());
  await stand.clock.advance(2 * HOUR_MS);
  return { arn, keyId: (await stand.currentKey(arn)).keyId };
};

describeTerraformService("a secret whose name ends in a hyphen and six characters", (start) => {
  test.each([
    ["a part of its ARN", (arn: string) => arn.slice(0, -7)],
    ["its name", () => "keyturn/prod/web-secret"],
  ])("is the same secret by %s: its key stays", async (_, idOf) => {
    const service = await start();
    const { arn, keyId } = await deployed(service);
    service.watch(arn);
    service.workspace.write({ web: keyFor(idOf(arn)) });
    await worked(service.workspace.apply());

    expect((await service.stand.currentKey(arn)).keyId).toBe(keyId);
    expect(service.workspace.state("web")).toMatchObject({ secret_id: idOf(arn), secret_arn: arn });
    expect((await service.workspace.run("plan", "-detailed-exitcode")).code).toBe(0);
    expect(service.asked.map(({ action }) => action)).not.toContain("delete");
  });

  test("is found by its name from the begin on", async () => {
    const service = await start();
    const { arn } = await deployed(service, "keyturn/prod/web-secret");

    expect(service.workspace.state("web")).toMatchObject({ secret_arn: arn });
    expect(await service.currentWorks(arn)).toBe(true);
  });

  test("is imported by a part of its ARN", async () => {
    const service = await start();
    const { arn } = await deployed(service);
    const second = await service.anotherState();
    second.write({ web: keyFor(arn) });
    await worked(second.run("import", "keyturn_api_key.web", arn.slice(0, -7)));

    expect(second.state("web")).toMatchObject({ secret_arn: arn });
  });

  test("is not the one without that ending: another secret is another key", async () => {
    const service = await start();
    const { arn } = await deployed(service);
    service.workspace.write({ web: { ...keyFor("keyturn/prod/web"), lifecycle: { create_before_destroy: true } } });
    const [change] = await service.workspace.plan();

    expect(change?.actions).toEqual(["create", "delete"]);
    expect(await failed(service.workspace.apply())).toContain("NOT_AS_DECLARED");
    expect(await service.currentWorks(arn)).toBe(true);
  });
});
