import { expect, test } from "vitest";
import { describeTerraform, KEY } from "./terraform-stand.ts";

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
});
