import { describe, expect, test } from "vitest";
import { decideProviderSource, type ProviderFacts } from "../../../sandbox/terraform/provider-source.ts";

const mirror = { folder: "/mirrors/found", version: "5.100.0" };
const nothing: ProviderFacts = { isRegistryReachable: false, mirrors: [] };
const own = { path: "/users/me/.terraformrc", installsProviders: true };
const decide = (facts: Partial<ProviderFacts>) => decideProviderSource({ ...nothing, ...facts });

describe("where the AWS provider comes from", () => {
  test("a CLI configuration that says so is respected, whatever else there is", () => {
    const namedMirror = { folder: "/named", mirror: { folder: "/named", version: "6.0.0" } };
    expect(decide({ configuration: own, namedMirror, mirrors: [mirror], isRegistryReachable: true })).toEqual({
      source: { kind: "configuration", path: own.path },
      notes: ["Terraform uses your CLI configuration /users/me/.terraformrc."],
    });
  });

  test("a CLI configuration about other things is respected when the registry can be reached", () => {
    const { source } = decide({ configuration: { ...own, installsProviders: false }, isRegistryReachable: true });
    expect(source).toEqual({ kind: "configuration", path: own.path });
  });

  test("a CLI configuration about other things is never replaced; the message says what to add to it", () => {
    const { source } = decide({ configuration: { ...own, installsProviders: false }, mirrors: [mirror] });
    expect(source).toEqual({
      kind: "none",
      missing:
        "Terraform's registry cannot be reached, and your CLI configuration /users/me/.terraformrc names no other place " +
        "for the AWS provider. A mirror with it is /mirrors/found: add a provider_installation block with a " +
        "filesystem_mirror of that path.",
    });
  });

  test("a CLI configuration about other things, and no mirror: the message says how to make one", () => {
    const { source } = decide({ configuration: { ...own, installsProviders: false } });
    expect(source).toMatchObject({ kind: "none", missing: expect.stringContaining("terraform providers mirror") });
  });

  test("a file that TF_CLI_CONFIG_FILE names and that is not there is said, and then nothing more", () => {
    expect(decide({ missingConfigurationFile: "/gone", isRegistryReachable: true })).toEqual({
      source: { kind: "registry" },
      notes: ["TF_CLI_CONFIG_FILE names /gone, which does not exist; the sandbox goes on as if it were not set."],
    });
  });

  test("a mirror that the user names comes before the registry", () => {
    const namedMirror = { folder: "/named", mirror: { folder: "/named", version: "6.0.0" } };
    expect(decide({ namedMirror, isRegistryReachable: true })).toEqual({
      source: { kind: "mirror", mirror: namedMirror.mirror },
      notes: ["Terraform takes its AWS provider 6.0.0 from the mirror /named."],
    });
  });

  test("the registry, where it can be reached, needs no words", () => {
    expect(decide({ isRegistryReachable: true })).toEqual({ source: { kind: "registry" }, notes: [] });
  });

  test("a mirror that was found serves where the registry does not", () => {
    expect(decide({ mirrors: [mirror] })).toEqual({
      source: { kind: "mirror", mirror },
      notes: ["Terraform takes its AWS provider 5.100.0 from the mirror /mirrors/found."],
    });
  });

  test("a named mirror without the provider is said, and the search goes on", () => {
    expect(decide({ namedMirror: { folder: "/named" }, mirrors: [mirror] })).toEqual({
      source: { kind: "mirror", mirror },
      notes: [
        "KEYTURN_TERRAFORM_MIRROR names /named, but no AWS provider >= 5.100.0, < 7.0.0 for this machine is in it.",
        "Terraform takes its AWS provider 5.100.0 from the mirror /mirrors/found.",
      ],
    });
  });

  test("nowhere: the message says what is needed and how to get it", () => {
    expect(decide({}).source).toEqual({
      kind: "none",
      missing:
        "Terraform's AWS provider (>= 5.100.0, < 7.0.0) cannot be had: its registry cannot be reached, and no mirror " +
        "with it was found. `terraform providers mirror <folder>`, run where the registry can be reached, makes such a " +
        "folder; name it in KEYTURN_TERRAFORM_MIRROR.",
    });
  });

  test("nowhere, with a named mirror that does not help: that is said too", () => {
    expect(decide({ namedMirror: { folder: "/named" } })).toMatchObject({
      source: {
        missing: expect.stringContaining("KEYTURN_TERRAFORM_MIRROR names /named, but no fitting version is in it."),
      },
      notes: [],
    });
  });
});
