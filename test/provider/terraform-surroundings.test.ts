import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeTerraform, joined, KEY } from "./terraform-stand.ts";

describeTerraform("what people set for Terraform, under the real Terraform", (stand) => {
  const applyWith = (environment: NodeJS.ProcessEnv, providerBlock: object = {}) => {
    stand.workspace.write({ web: KEY }, {}, providerBlock);
    return stand.workspace.start(["apply", "-auto-approve", "-no-color"], environment).done;
  };

  test.each([
    ["AWS_DEFAULT_REGION alone", { AWS_REGION: "", AWS_DEFAULT_REGION: "eu-central-1" }, undefined, "eu-central-1"],
    ["AWS_REGION before it", { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-central-1" }, undefined, "eu-west-1"],
    ["the provider block before both", { AWS_DEFAULT_REGION: "eu-central-1" }, "us-west-2", "us-west-2"],
  ])(
    "the functions are asked in the region that the AWS provider would take: %s",
    async (_, environment, region, taken) => {
      const { code, output } = await applyWith(environment, { region });

      expect(code, output).toBe(0);
      expect(new Set(stand.lambda.regions)).toEqual(new Set([taken]));
    },
  );

  test.each([81, 82, 160])("a temporary folder whose path has %i characters serves", async (length) => {
    const folder = join(stand.workspace.folder, "t".repeat(length - stand.workspace.folder.length - 1));
    mkdirSync(folder);

    const { code, output } = await applyWith({ TMPDIR: folder });

    expect(folder).toHaveLength(length);
    expect(code, output).toBe(0);
  });

  test("a temporary folder that is not there is named, with the variable", async () => {
    const folder = join(stand.workspace.folder, "missing");

    const { code, output } = await applyWith({ TMPDIR: folder });

    expect(code).toBe(1);
    expect(joined(output)).toContain(`cannot listen for Terraform in ${folder}`);
    expect(joined(output)).toContain("Let TMPDIR name a folder");
  });

  test("a module that NODE_OPTIONS loads and that prints does not get between Terraform and the provider", async () => {
    const printing = join(stand.workspace.folder, "printing.cjs");
    writeFileSync(printing, "console.log('tracer: started');");

    const { code, output } = await applyWith({ NODE_OPTIONS: `--require ${printing}` });

    expect(code, output).toBe(0);
  });
});
