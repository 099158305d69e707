import { App } from "cdktf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AWS_LIMITS } from "../../constructs/aws-limits.ts";
import { PictifyApiKey } from "../../constructs/index.ts";
import { policyCharacters } from "../../constructs/policy-size.ts";
import { addPictify, newService, newStack, reference, resourceOf, resourcesOf } from "./declare.ts";

const PAGE = AWS_LIMITS.inlinePoliciesOfRole.page;

/** A stack with so many keys, each with what `propsOf` says. */
const stackOfKeys = (
  count: number,
  propsOf: (index: number) => Partial<ConstructorParameters<typeof PictifyApiKey>[2]>,
) => {
  const stack = newStack();
  const service = newService(stack);
  const vendor = addPictify(service, { plan: "enterprise" });
  const keys = Array.from(
    { length: count },
    (_, index) =>
      new PictifyApiKey(stack, `Key${index}`, { vendor, name: `key-${index}`, type: "live", ...propsOf(index) }),
  );
  return { stack, service, keys };
};

const problemsOf = (stack: ReturnType<typeof newStack>): string => {
  try {
    App.of(stack).synth();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
};

const kmsKey = (index: number) => ({
  arn: `arn:aws:kms:us-east-1:000000000000:key/${String(index).padStart(36, "0")}`,
});

describe("a role that reads keys one by one", () => {
  test("is refused past what IAM takes, with the limit, its page and what to do", () => {
    const { stack, keys } = stackOfKeys(45, () => ({}));
    for (const key of keys) key.grantRead({ name: "operator" });

    const problems = problemsOf(stack);

    expect(problems).toMatch(/the role operator gets 45 policies by grantRead, of at least \d+ characters together/);
    expect(problems).toContain(`IAM takes 10240 in all inline policies of a role (${PAGE})`);
    expect(problems).toContain("call grantRead of the service, which is one policy for all of them");
  });

  test("may read as many as fit, and other roles the others", () => {
    const { stack, keys } = stackOfKeys(60, () => ({}));
    for (const [index, key] of keys.entries()) key.grantRead({ name: `operator-${index % 2}` });

    expect(problemsOf(stack)).toBe("");
  });
});

describe("a role that reads all keys of a service", () => {
  test("has one policy, however many they are, by name and by tag", () => {
    const { stack, service } = stackOfKeys(3, () => ({}));
    service.grantRead({ name: "operator" });
    service.grantRead({ name: "operator" });

    const policies = Object.values(resourcesOf(stack, "aws_iam_role_policy")).filter(({ role }) => role === "operator");

    expect(policies.map(({ name }) => name)).toEqual(["keyturn-read-platform-prod"]);
    expect(JSON.parse(policies[0]?.policy).Statement).toEqual([
      {
        Sid: "ReadSecret",
        Effect: "Allow",
        Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        Resource: [expect.stringMatching(/:secret:keyturn\/platform-prod\/\*$/)],
        Condition: { StringEquals: { "secretsmanager:ResourceTag/keyturn:service": "platform-prod" } },
      },
    ]);
  });

  test("may decrypt with the KMS keys of keys that are declared later, too", () => {
    const stack = newStack();
    const service = newService(stack);
    service.grantRead({ name: "operator" });
    const vendor = addPictify(service);
    new PictifyApiKey(stack, "Key", { vendor, name: "key", type: "live", encryptionKey: kmsKey(1) });

    const { policy } =
      Object.values(resourcesOf(stack, "aws_iam_role_policy")).find(({ role }) => role === "operator") ?? {};

    expect(JSON.parse(policy).Statement[1]).toMatchObject({ Action: ["kms:Decrypt"], Resource: [kmsKey(1).arn] });
  });
});

describe("the policy of a function", () => {
  test("does not grow with the keys", () => {
    const policyWith = (count: number) =>
      resourceOf(stackOfKeys(count, () => ({})).stack, "aws_iam_role_policy", "_reconcile_")[1].policy;

    expect(policyWith(20)).toBe(policyWith(1));
  });

  test("that names more KMS keys than fit is refused, with the limit, its page and what to do", () => {
    const problems = problemsOf(stackOfKeys(200, (index) => ({ encryptionKey: kmsKey(index) })).stack);

    expect(problems).toMatch(
      /the policy of the function rotate of the service platform-prod has at least \d+ characters, and IAM takes 10240/,
    );
    expect(problems).toContain(PAGE);
    expect(problems).toContain("let keys share an encryptionKey, such as the service's");
  });
});

test("what only a deploy knows is never counted longer than it becomes", () => {
  const part = fc.constantFrom("aws", "aws-cn", "us-east-1", "eu-central-1", "000000000000");
  const arn = fc
    .tuple(
      fc.constantFrom("aws", "aws-cn"),
      fc.constantFrom("sns", "kms", "lambda"),
      fc.stringMatching(/^[a-z:]{1,64}$/),
    )
    .map(([partition, service, name]) => `arn:${partition}:${service}:us-east-1:000000000000:${name}`);
  fc.assert(
    fc.property(fc.array(arn), fc.array(part), (arns, parts) => {
      const real = { Resource: [...arns, ...parts.map((one) => `arn:${one}:x`)] };
      const tokens = {
        Resource: [
          ...arns.map(() => reference("aws_lambda_function.rotate", "arn")),
          ...parts.map(() => `arn:${reference("data.aws_region.here", "id")}:x`),
        ],
      };

      expect(policyCharacters(JSON.stringify(tokens))).toBeLessThanOrEqual(
        JSON.stringify(real, null, 2).replaceAll(/\s/g, "").length,
      );
    }),
  );
});
