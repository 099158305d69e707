import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { arnOf } from "./fake-service.ts";
import { describeTerraform, KEY, SECRET } from "./terraform-stand.ts";
import { AWS_SECRET } from "./workspace.ts";

describeTerraform("the provider under the real Terraform", (stand) => {
  test("wrong arguments are said at the attribute, before anything is asked", async () => {
    stand.workspace.write({
      web: { ...KEY, name: "Web App", type: "live", role: "member", timeouts: { create: "soon" } },
      bare: { secret_id: "arn:aws:s3:::bucket", name: "bare", vendor: "pictify" },
    });

    const { code, output } = await stand.workspace.run("validate");

    expect(code).toBe(1);
    for (const summary of ["Invalid name", "Both role and type", "Invalid timeout create", "Invalid secret_id"])
      expect(output).toContain(`Error: ${summary}`);
    expect(output).toContain("Missing role or type");
    expect(output).toContain('"name": "Web App"');
    expect(output).toContain('"create": "soon"');
    expect(stand.service.calls).toEqual([]);
  });

  test("a state of the first schema is upgraded", async () => {
    await stand.applied();
    const state = JSON.parse(stand.workspace.read("terraform.tfstate"));
    const [instance] = state.resources[0].instances;
    instance.schema_version = 0;
    instance.attributes = { id: arnOf(SECRET), force: true, ...KEY, key_id: "key-1" };
    writeFileSync(
      join(stand.workspace.folder, "terraform.tfstate"),
      JSON.stringify({ ...state, serial: state.serial + 1 }),
    );
    stand.workspace.write({ web: { ...KEY, force_destroy: true } });

    const { code, output } = await stand.workspace.run("plan", "-detailed-exitcode");

    expect(code, output).toBe(0);
  });

  test("the data source shows whose a vendor's keys are", async () => {
    stand.service.mint(SECRET, { name: "web", connection: "pictify", type: "live" });
    stand.workspace.write(
      {},
      {
        data: { keyturn_api_keys: { all: { vendor: "pictify" } } },
        output: { keys: { value: `\${data.keyturn_api_keys.all}` } },
      },
    );

    await stand.workspace.apply();
    const { output } = await stand.workspace.run("output", "-json", "keys");

    expect(JSON.parse(output)).toMatchObject({
      slots_left: 3,
      keys: [
        { key_id: "hand-made", owner: "unmanaged", age_days: null },
        { key_id: "key-1", owner: "managed" },
      ],
    });
  });

  test("no value is in the state, in a plan or in the most talkative log, and texts of others lose theirs", async () => {
    const leaked = "pk_live_leakedByAnErrorMessage1234567";
    stand.service.fail("ensure", { type: "VALUE_LOST", message: `the vendor said ${leaked}` });
    stand.workspace.write({ web: KEY });
    const traced = { TF_LOG: "TRACE", TF_LOG_PATH: join(stand.workspace.folder, "trace.log") };

    const failed = await stand.workspace.start(["apply", "-no-color", "-auto-approve"], traced).done;
    const made = await stand.workspace.start(["apply", "-no-color", "-auto-approve"], traced).done;
    await stand.workspace.plan();

    expect([failed.code, made.code]).toEqual([1, 0]);
    expect(stand.service.values).toHaveLength(1);
    const shown = await stand.workspace.run("show", "-json", "plan");
    const seen = [
      failed.output,
      made.output,
      shown.output,
      stand.workspace.read("terraform.tfstate"),
      stand.workspace.read("trace.log"),
    ];
    for (const text of seen)
      for (const value of [leaked, AWS_SECRET, ...stand.service.values]) expect(text.includes(value)).toBe(false);
    expect(stand.workspace.read("trace.log")).toContain("ApplyResourceChange");
  });

  test("500 keys are refreshed with one listing", async () => {
    const keys = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [
        `k${n}`,
        { ...KEY, secret_id: arnOf(`keyturn/demo/k${n}`), name: `k${n}` },
      ]),
    );
    stand.workspace.write(keys);
    const { code, output } = await stand.workspace.apply();
    expect(code, output.slice(-2_000)).toBe(0);
    stand.service.calls.length = 0;

    const plan = await stand.workspace.run("plan", "-detailed-exitcode");

    expect(plan.code, plan.output.slice(-2_000)).toBe(0);
    expect(stand.service.calls).toEqual(["list"]);
  }, 120_000);

  test("one lock-file hash serves all platforms", async () => {
    const mirror = "-fs-mirror=terraform.d/plugins";
    const platforms = ["-platform=darwin_arm64", "-platform=linux_amd64", "-platform=linux_arm64"];

    const { code, output } = await stand.workspace.run("providers lock", mirror, ...platforms);

    expect(code, output).toBe(0);
    expect(stand.workspace.read(".terraform.lock.hcl").match(/"h1:/g)).toHaveLength(1);
  });

  test("terraform test mocks the provider without asking anybody", async () => {
    stand.workspace.write({ web: KEY }, { output: { key: { value: `\${keyturn_api_key.web.key_id}` } } });
    writeFileSync(
      join(stand.workspace.folder, "key.tftest.hcl"),
      `mock_provider "keyturn" {
        mock_resource "keyturn_api_key" { defaults = { key_id = "mocked", status = "current" } }
      }
      run "key" {
        assert {
          condition     = output.key == "mocked"
          error_message = "the key is not mocked"
        }
      }`,
    );

    const { code, output } = await stand.workspace.run("test");

    expect(code, output).toBe(0);
    expect(stand.service.calls).toEqual([]);
  });
});
