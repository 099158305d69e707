import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeTerraform, joined, KEY } from "./terraform-stand.ts";

const OUTPUTS = {
  output: {
    key: { value: `\${keyturn_api_key.web.key_id}` },
    status: { value: `\${keyturn_api_key.web.status}` },
    debt: { value: `\${keyturn_api_key.web.debt}` },
    generations: { value: `\${keyturn_api_key.web.live_generations}` },
  },
};

const assertion = (condition: string) => `assert {
  condition     = ${condition}
  error_message = "it is not so"
}`;

describeTerraform("terraform test", (stand) => {
  /** Runs a test file against a configuration with one key. */
  const runTests = (file: string, key: object = KEY) => {
    stand.workspace.write({ web: key }, OUTPUTS);
    writeFileSync(join(stand.workspace.folder, "key.tftest.hcl"), file);
    return stand.workspace.run("test");
  };

  test("a mocked provider makes every computed attribute up, in its type, and asks nobody", async () => {
    const { code, output } = await runTests(`
      mock_provider "keyturn" {}
      run "key" {
        ${assertion("length(output.key) > 0 && length(output.status) > 0")}
        ${assertion("output.generations == 0 && length(output.debt) == 0")}
      }`);

    expect(code, output).toBe(0);
    expect(stand.service.calls).toEqual([]);
  });

  test("defaults and overrides give the values that a test wants", async () => {
    const { code, output } = await runTests(`
      mock_provider "keyturn" {
        mock_resource "keyturn_api_key" { defaults = { key_id = "mocked", status = "current", debt = ["key_old"] } }
      }
      override_resource {
        target = keyturn_api_key.web
        values = { status = "revoked" }
      }
      run "key" {
        ${assertion('output.status == "revoked" && output.key != ""')}
      }`);

    expect(code, output).toBe(0);
    expect(stand.service.calls).toEqual([]);
  });

  test("a mocked data source gives the keys that a test wants", async () => {
    stand.workspace.write(
      {},
      {
        data: { keyturn_api_keys: { all: { vendor: "pictify" } } },
        output: { owners: { value: `\${data.keyturn_api_keys.all.keys[*].owner}` } },
      },
    );
    writeFileSync(
      join(stand.workspace.folder, "keys.tftest.hcl"),
      `mock_provider "keyturn" {
        mock_data "keyturn_api_keys" {
          defaults = { slots_left = 1, keys = [{ key_id = "a", name = "a", owner = "stray", secret_name = null,
            created_at = null, age_days = 3, last_used_at = null }] }
        }
      }
      run "keys" {
        ${assertion('output.owners == tolist(["stray"])')}
      }`,
    );

    const { code, output } = await stand.workspace.run("test");

    expect(code, output).toBe(0);
    expect(stand.service.calls).toEqual([]);
  });

  test("the provider itself checks a mocked key's arguments", async () => {
    const { code, output } = await runTests('mock_provider "keyturn" {}\nrun "key" {}', { ...KEY, name: "Web App" });

    expect(code).toBe(1);
    expect(joined(output)).toContain("Invalid name");
    expect(stand.service.calls).toEqual([]);
  });

  test("a run that applies makes the key for real, and destroys it at the end", async () => {
    const { code, output } = await runTests(
      `run "key" {
        command = apply
        ${assertion('output.key == "key-1" && output.status == "current"')}
      }
      run "changed" {
        command = apply
        ${assertion('output.key == "key-1"')}
      }`,
      { ...KEY, force_destroy: true },
    );

    expect(code, output).toBe(0);
    expect(stand.service.commands.map(({ action }) => action)).toEqual(["ensure", "claim", "delete"]);
    expect(stand.service.commands.at(-1)).toMatchObject({ force: true });
  });
});
