import { describe, expect, test } from "vitest";
import { locateTerraform, readVersionAnswer } from "../../../sandbox/terraform/locate.ts";

const answer = (version: string) => JSON.stringify({ terraform_version: version, platform: "linux_amd64" });

describe("terraform", () => {
  test.each(["1.11.0", "1.11.4", "1.12.0-beta1", "2.0.0"])("%s is new enough", (version) => {
    const found = { command: "terraform", version, platform: "linux_amd64" };
    expect(readVersionAnswer("terraform", answer(version))).toEqual({ found });
  });

  test.each(["1.10.5", "0.15.0"])("%s is too old, and named", (version) => {
    const problem = `terraform is version ${version}, older than 1.11`;
    expect(readVersionAnswer("terraform", answer(version))).toEqual({ problem });
  });

  test.each(["Terraform v1.11.4", "{}"])("an answer like %s is not taken for one", (stdout) => {
    const problem = "terraform does not say its version as Terraform does";
    expect(readVersionAnswer("terraform", stdout)).toEqual({ problem });
  });

  test("one that KEYTURN_TERRAFORM names and that does not run is named", async () => {
    const environment = { PATH: process.env.PATH, KEYTURN_TERRAFORM: "/nowhere/terraform" };
    const problem = "KEYTURN_TERRAFORM names /nowhere/terraform, which does not run";
    expect(await locateTerraform(environment)).toEqual({ problem });
  });

  test("none on PATH is said", async () => {
    expect(await locateTerraform({ PATH: "/nowhere" })).toEqual({
      problem: "no terraform that runs was found on PATH",
    });
  });
});
