import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret/index.js";
import { App, Aspects, Fn, LocalBackend, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { describe, expect, test } from "vitest";
import { addWebKey, newApp, newService, newStack } from "./declare.ts";

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag-${index}`, "x"]));

/** What synth refuses; nothing where it does not. */
const refusal = (stack: TerraformStack): string => {
  try {
    App.of(stack).synth();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
};

/** A stack with a key, whose AWS provider is as `aws` says. */
const stackWith = (aws: ConstructorParameters<typeof AwsProvider>[2] = {}) => {
  const stack = new TerraformStack(newApp(), "stack");
  new LocalBackend(stack, { path: "terraform.tfstate" });
  new AwsProvider(stack, "Aws", { region: "eu-central-1", ...aws });
  return { stack, key: addWebKey(newService(stack)) };
};

/** Has an aspect do something to each secret. */
const everySecret = (stack: TerraformStack, change: (secret: SecretsmanagerSecret) => void) =>
  Aspects.of(stack).add({
    visit(node: IConstruct) {
      if (node instanceof SecretsmanagerSecret) change(node);
    },
  });

describe("tags that come after the declaration", () => {
  test("45 default_tags beside a key's own are refused, with both counts and AWS's limit", () => {
    const { stack } = stackWith({ defaultTags: [{ tags: many(45) }] });

    expect(refusal(stack)).toMatch(
      /\[stack\/WebApp\] the secret of this key: it would have 53 tags, 8 of its own and 45 by default_tags, and AWS takes 50/,
    );
  });

  test("as many default_tags as AWS has room for are taken", () => {
    expect(refusal(stackWith({ defaultTags: [{ tags: many(42) }] }).stack)).toBe("");
    expect(refusal(stackWith({ defaultTags: [{ tags: many(43) }] }).stack)).toContain("it would have 51 tags");
  });

  test("a tag that the key and default_tags both have counts once", () => {
    const { stack } = stackWith({ defaultTags: [{ tags: many(42) }] });
    everySecret(stack, (secret) => {
      secret.tags = { ...secret.tagsInput, "tag-0": "the key's own" };
    });

    expect(refusal(stack)).toBe("");
  });

  test("an aspect that adds tags past AWS's limit is refused", () => {
    const { stack } = stackWith();
    everySecret(stack, (secret) => {
      secret.tags = { ...secret.tagsInput, ...many(43) };
    });

    expect(refusal(stack)).toContain("it would have 51 tags, 51 of its own and 0 by default_tags, and AWS takes 50");
  });

  test("an aspect that replaces the tags is refused, with each keyturn: tag that is gone", () => {
    const { stack } = stackWith();
    everySecret(stack, (secret) => {
      secret.tags = { team: "web" };
    });

    const problem = refusal(stack);

    expect(problem).toContain("an aspect or an override changed the keyturn: tags");
    expect(problem).toContain("keyturn:service is gone");
    expect(problem).toContain("{ ...secret.tagsInput, …");
  });

  test("an override that changes a keyturn: tag, or adds one, is refused", () => {
    const { stack, key } = stackWith();
    key.secret.addOverride("tags", { ...key.secret.tagsInput, "keyturn:overlap": "PT1S", "keyturn:restart:x": "y/z" });

    const problem = refusal(stack);

    expect(problem).toContain('keyturn:overlap is "PT1S" instead of "PT24H"');
    expect(problem).toContain("keyturn:restart:x was added");
  });

  test("tags that only a deploy knows are refused, since what they leave of the declaration cannot be seen", () => {
    const { stack } = stackWith();
    everySecret(stack, (secret) => secret.addOverride("tags", Fn.merge([secret.tagsInput, { team: "web" }])));

    expect(refusal(stack)).toContain("its tags were replaced by what only a deploy knows");
  });

  test("an aspect that adds a tag to those that are there is taken", () => {
    const { stack } = stackWith();
    everySecret(stack, (secret) => {
      secret.tags = { ...secret.tagsInput, team: "web" };
    });

    expect(refusal(stack)).toBe("");
  });
});

describe("what the AWS provider does to tags", () => {
  test("default_tags with a keyturn: tag are refused", () => {
    const { stack } = stackWith({ defaultTags: [{ tags: { "keyturn:restart:web": "deployment/web" } }] });

    expect(refusal(stack)).toContain("default_tags of its AWS provider would add keyturn:restart:web");
  });

  test("ignore_tags that would leave out the declaration are refused, by prefix and by key", () => {
    const byPrefix = stackWith({ ignoreTags: [{ keyPrefixes: ["keyturn"] }] });
    const byKey = stackWith({ ignoreTags: [{ keys: ["keyturn:quiet", "owner"] }] });

    expect(refusal(byPrefix.stack)).toContain("ignore_tags of its AWS provider would leave out keyturn:service");
    expect(refusal(byKey.stack)).toContain("would leave out keyturn:quiet, which");
  });

  test("the provider counts that an aspect gave the secret", () => {
    const { stack } = stackWith();
    const other = new AwsProvider(stack, "Other", { alias: "other", defaultTags: [{ tags: many(45) }] });
    everySecret(stack, (secret) => {
      secret.provider = other;
    });

    expect(refusal(stack)).toContain("45 by default_tags");
  });

  test("a stack without tags of its own is as before", () => {
    const stack = newStack();
    addWebKey(newService(stack));

    expect(refusal(stack)).toBe("");
  });
});
