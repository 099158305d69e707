import { beforeEach, expect, test } from "vitest";
import { KEY_SCHEMA } from "../../provider/key/schema.ts";
import { arnOf } from "./fake-service.ts";
import { storeState } from "./stored-state.ts";
import { describeTerraform, joined, KEY, SECRET } from "./terraform-stand.ts";

/** What version 0 wrote: the ARN was `id`, `force_destroy` was `force`, and there were fewer facts. */
const FIRST_SCHEMA = {
  schema_version: 0,
  attributes: { id: arnOf(SECRET), force: true, ...KEY, role: null, key_id: "key-1", status: "current" },
};

const { version } = KEY_SCHEMA;

describeTerraform("a state that another provider wrote", (stand) => {
  beforeEach(() => {
    stand.service.mint(SECRET, { name: "web", connection: "pictify", type: "live" });
    stand.workspace.write({ web: { ...KEY, force_destroy: true } });
  });

  const plan = () => stand.workspace.run("plan", "-detailed-exitcode");

  test("of the first schema is upgraded: nothing is to be changed, and nothing is lost", async () => {
    storeState(stand.workspace, FIRST_SCHEMA);

    const planned = await plan();
    await stand.workspace.apply("-refresh-only");

    expect(planned.code, planned.output).toBe(0);
    expect(stand.workspace.state("web")).toMatchObject({
      secret_arn: arnOf(SECRET),
      force_destroy: true,
      live_generations: 1,
    });
    expect(stand.workspace.state("web")).not.toHaveProperty("id");
  });

  test("of the first schema can be destroyed at once", async () => {
    storeState(stand.workspace, FIRST_SCHEMA);

    const { code, output } = await stand.workspace.run("destroy", "-auto-approve");

    expect(code, output).toBe(0);
    expect(stand.service.commands).toMatchObject([{ action: "delete", secretId: arnOf(SECRET), force: true }]);
  });

  test("of this schema with attributes that are not known here, and without some that are, is read", async () => {
    const attributes = { ...KEY, force_destroy: true, secret_arn: arnOf(SECRET), later: { added: ["by", "others"] } };
    storeState(stand.workspace, { schema_version: version, attributes });

    const planned = await plan();

    expect(planned.code, planned.output).toBe(0);
  });

  test("of a newer schema asks for a newer provider, before anything is done", async () => {
    storeState(stand.workspace, { schema_version: version + 1, attributes: { ...KEY } });

    const { code, output } = await plan();

    expect(code).toBe(1);
    expect(joined(output)).toMatch(/newer provider version|unknown schema version/);
    expect(stand.service.calls).toEqual([]);
  });

  test("in the form of Terraform before 0.12 is refused with what to do", async () => {
    storeState(stand.workspace, { schema_version: version, attributes_flat: { name: "web", secret_id: SECRET } });

    const { code, output } = await plan();

    expect(code).toBe(1);
    expect(joined(output)).toMatch(/state of a keyturn_api_key is not one of this provider's.*terraform state rm/);
    expect(stand.service.calls).toEqual([]);
  });
});
