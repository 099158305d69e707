import { type TerraformElement, type TerraformMetaArguments, TerraformOutput, TerraformStack, Testing } from "cdktf";
import { describe, expect, test } from "vitest";
import type { AssumedRoleProps } from "../../../constructs/service-settings.ts";
import { KeyturnApiKey, type KeyturnApiKeyConfig } from "../../../constructs/terraform/keyturn-api-key.ts";
import { KeyturnProvider, type KeyturnProviderConfig } from "../../../constructs/terraform/keyturn-provider.ts";
import { PROVIDER_SCHEMA } from "../../../provider/configuration.ts";
import { KEY_SCHEMA } from "../../../provider/key/schema.ts";
import type { ObjectSchema } from "../../../provider/protocol/schema.ts";
import { EMPTY_PROVIDER, newApp } from "../declare.ts";

const EVERY_ROLE_ARGUMENT: Required<AssumedRoleProps> = {
  roleArn: "arn:aws:iam::123456789012:role/deploy",
  sessionName: "ci",
  externalId: "team:42",
  duration: "1h",
};

const EVERY_SETTING: Required<KeyturnProviderConfig> = {
  alias: "service-prod",
  inspectFunction: "inspect",
  manageFunction: "manage",
  region: "eu-central-1",
  profile: "deploy",
  endpointUrl: "https://lambda.example",
  assumeRole: () => EVERY_ROLE_ARGUMENT,
  built: EMPTY_PROVIDER,
};

const EVERY_ARGUMENT: Required<Omit<KeyturnApiKeyConfig, "provider" | keyof TerraformMetaArguments>> = {
  secretId: "keyturn/prod/web",
  name: "web",
  vendor: "pictify",
  role: "member",
  type: "live",
  adoptKeyId: "key_by_hand",
  forceDestroy: true,
  timeouts: { create: "1m", update: "2m", delete: "3m" },
};

const declare = (hclOutput = false) => {
  const stack = new TerraformStack(newApp(), "stack");
  const provider = new KeyturnProvider(stack, "Provider", EVERY_SETTING);
  const key = new KeyturnApiKey(stack, "Key", { ...EVERY_ARGUMENT, provider });
  return { stack, key, synthesized: hclOutput ? Testing.synthHcl(stack) : Testing.synth(stack) };
};

/** What a user writes of a schema, attributes and blocks. */
const writable = ({ attributes, blocks = {} }: ObjectSchema): readonly string[] => [
  ...Object.entries(attributes).flatMap(([name, { is }]) => (is === "computed" ? [] : [name])),
  ...Object.keys(blocks),
];

const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const gettersOf = (element: TerraformElement): readonly string[] =>
  Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(element)))
    .filter(([, { get }]) => get !== undefined)
    .map(([name]) => name);

describe("the binding of keyturn_api_key", () => {
  test("writes every argument that the provider's schema has, and no other", () => {
    const { resource } = JSON.parse(declare().synthesized);

    const { Key } = resource.keyturn_api_key;

    const { "//": _, provider, ...written } = Key;
    expect(provider).toBe("keyturn.service-prod");
    expect(Object.keys(written).sort()).toEqual([...writable(KEY_SCHEMA)].sort());
    expect(Object.keys(Key.timeouts).sort()).toEqual(Object.keys(KEY_SCHEMA.blocks?.timeouts?.attributes ?? {}).sort());
  });

  test("reads every attribute that the provider's schema has, and no other, under the name that TypeScript wants", () => {
    const { stack, key } = declare();
    const names = Object.keys(KEY_SCHEMA.attributes);

    expect([...gettersOf(key)].sort()).toEqual(names.map(camelCase).sort());
    for (const name of names)
      new TerraformOutput(stack, camelCase(name), { value: key[camelCase(name) as keyof KeyturnApiKey] });
    const { output } = JSON.parse(Testing.synth(stack));
    for (const name of names) expect(output[camelCase(name)].value).toBe(`\${keyturn_api_key.Key.${name}}`);
  });

  test("writes the same as HCL", () => {
    const hcl = declare(true).synthesized;

    for (const name of writable(KEY_SCHEMA)) expect(hcl).toMatch(new RegExp(`^${name} [={]`, "m"));
    expect(hcl).toContain("force_destroy = true");
    expect(hcl).toMatch(/timeouts \{\s+create = "1m"/);
  });
});

describe("the binding of the provider block", () => {
  test("writes every argument that the provider's schema has, and no other", () => {
    const { provider } = JSON.parse(declare().synthesized);

    const [block] = provider.keyturn;
    expect(Object.keys(block).sort()).toEqual([...writable(PROVIDER_SCHEMA), "alias"].sort());
    expect(Object.keys(block.assume_role).sort()).toEqual(
      Object.keys(PROVIDER_SCHEMA.blocks?.assume_role?.attributes ?? {}).sort(),
    );
  });

  test("writes the same as HCL", () => {
    const hcl = declare(true).synthesized;

    for (const name of writable(PROVIDER_SCHEMA)) expect(hcl).toMatch(new RegExp(`^${name} [={]`, "m"));
    expect(hcl).toMatch(/assume_role \{\s+role_arn = "arn:/);
  });

  test("requires the very version that is laid beside the stack", () => {
    const { terraform } = JSON.parse(declare().synthesized);

    expect(terraform.required_providers.keyturn).toEqual({
      source: "registry.terraform.io/keyturn/keyturn",
      version: EMPTY_PROVIDER.version,
    });
  });
});
