import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic/index.js";
import { App } from "cdktf";
import { beforeAll, expect, test } from "vitest";
import { findPython } from "../../sandbox/aws/python-interpreter.ts";
import { checkPython } from "../../sandbox/prerequisites.ts";
import { emptyBundles } from "../constructs/declare.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { describeUnlessMissing } from "../sandbox/describe-unless-missing.ts";
import { compared, readAccepted } from "./accepted.ts";
import { prepareCheckov } from "./checkov.ts";
import { checked, scanned } from "./scan.ts";
import { STACKS } from "./stacks.ts";

const INSTALL_TIMEOUT_MS = 600_000;

describeUnlessMissing([checkPython(await findPython())], "checkov on the synthesized stacks", () => {
  let python: string;

  beforeAll(async () => {
    python = await prepareCheckov();
  }, INSTALL_TIMEOUT_MS);

  test("finds nothing that is not accepted with its reason, and all that is accepted", async () => {
    const { found } = await scanned(python, temporaryFolder());

    expect(compared(found, readAccepted())).toEqual({ open: [], needless: [] });
  });

  test("finds a policy that allows everything, and a topic without encryption, so that it looks at what is synthesized", async () => {
    const app = new App({ outdir: temporaryFolder() });
    const stack = STACKS.strict(app, emptyBundles());
    new SnsTopic(stack, "Open");
    new IamRolePolicy(stack, "All", {
      role: "somebody",
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: ["*"], Resource: ["*"] }],
      }),
    });
    const { findings } = await checked(python, stack);

    const open = compared(
      findings.map((finding) => ({ ...finding, stack: "strict" as const })),
      readAccepted(),
    ).open.map(({ check, resource }) => `${check} ${resource}`);
    expect(open).toEqual(
      expect.arrayContaining([
        "CKV_AWS_26 aws_sns_topic.Open",
        "CKV_AWS_62 aws_iam_role_policy.All",
        "CKV_AWS_290 aws_iam_role_policy.All",
      ]),
    );
  });
});
