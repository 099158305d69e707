import { describe, expect, test } from "vitest";
import { checkNode, checkProvider, checkPython, checkTerraform, describeMissing } from "../../sandbox/prerequisites.ts";

describe("prerequisites", () => {
  test.each(["v20.19.0", "v20.20.2", "v22.0.0", "v24.1.0"])("Node %s will do", (version) => {
    expect(checkNode(version)).toBeUndefined();
  });

  test.each(["v20.18.9", "v18.20.0"])("Node %s is too old", (version) => {
    expect(checkNode(version)).toMatchObject({ name: "Node.js", found: version, needed: ">= 20.19" });
  });

  test("what is there is not missing", () => {
    const python = { command: "python3", version: "3.11.7", canMakeEnvironments: true };
    const terraform = { command: "terraform", version: "1.11.4", platform: "linux_amd64" };
    expect([checkPython({ found: python }), checkTerraform({ found: terraform }), checkProvider({})]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("what is missing is named with what is there instead and how to get it", () => {
    const missing = [
      checkTerraform({ problem: "terraform is version 1.9.0, older than 1.11" }),
      checkPython({ problem: "no python3 was found on PATH" }),
      checkProvider({ missing: "It cannot be had." }),
    ].filter((prerequisite) => prerequisite !== undefined);

    const text = describeMissing(missing);

    expect(text.split("\n").filter((line) => !line.startsWith(" "))).toEqual([
      "Terraform (>= 1.11): terraform is version 1.9.0, older than 1.11",
      "Python (>= 3.10 with its venv module): no python3 was found on PATH",
      "Terraform's AWS provider (hashicorp/aws from its registry or a mirror) is missing",
    ]);
    expect(text).toContain("apt install python3 python3-venv");
    expect(text).toContain("    It cannot be had.");
  });

  test("nothing missing is nothing to say", () => {
    expect(describeMissing([])).toBe("");
  });
});
