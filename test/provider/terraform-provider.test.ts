import { expect, test } from "vitest";
import { arnOf } from "./fake-service.ts";
import { describeTerraform, KEY, SECRET } from "./terraform-stand.ts";

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

    const { keys, slots_left } = JSON.parse(output);
    expect(slots_left).toBe(3);
    expect(keys).toMatchObject([
      { key_id: "hand-made", owner: "unmanaged", age_days: null, last_used_at: null, secret_name: null },
      { key_id: "key-1", owner: "managed", secret_name: SECRET },
      { key_id: "lost", owner: "stray", last_used_at: "2024-01-02T08:00:00.000Z", secret_name: null },
    ]);
    expect(keys[2].age_days).toBeGreaterThan(365);
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
});
