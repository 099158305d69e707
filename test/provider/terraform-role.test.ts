import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeSts, SESSION_KEY_ID, startFakeSts } from "./fake-sts.ts";
import { describeTerraform, joined, KEY, present } from "./terraform-stand.ts";

const ROLE_ARN = "arn:aws:iam::123456789012:role/deploy/keys";

describeTerraform("the block assume_role under the real Terraform", (stand) => {
  let sts: FakeSts | undefined;
  beforeEach(async () => {
    sts = await startFakeSts();
  });
  afterEach(() => sts?.close());

  const applyAs = (role: object) => {
    stand.workspace.write({ web: KEY }, {}, { assume_role: role });
    const environment = { AWS_ENDPOINT_URL_STS: present(sts).url };
    return stand.workspace.start(["apply", "-auto-approve", "-no-color"], environment).done;
  };

  test("the functions are asked with a session of the role, of one hour by default", async () => {
    const { code, output } = await applyAs({ role_arn: ROLE_ARN });

    expect(code, output).toBe(0);
    expect(present(sts).asked[0]).toEqual({ RoleArn: ROLE_ARN, RoleSessionName: "keyturn-terraform" });
    expect(new Set(stand.lambda.signers)).toEqual(new Set([SESSION_KEY_ID]));
  });

  test("a process assumes it once, however often it asks the functions", async () => {
    const { code, output } = await applyAs({ role_arn: ROLE_ARN });

    expect(code, output).toBe(0);
    expect(stand.lambda.signers.length).toBeGreaterThan(present(sts).asked.length);
  });

  test("session name, external id and duration reach STS", async () => {
    const { code, output } = await applyAs({
      role_arn: ROLE_ARN,
      session_name: "ci@main",
      external_id: "team:42",
      duration: "1h30m",
    });

    expect(code, output).toBe(0);
    expect(present(sts).asked[0]).toEqual({
      RoleArn: ROLE_ARN,
      RoleSessionName: "ci@main",
      ExternalId: "team:42",
      DurationSeconds: "5400",
    });
  });

  test("a role that refuses is named, with what STS said, and no function is asked", async () => {
    present(sts).refuse("AccessDenied", "User: deploy is not authorized to perform: sts:AssumeRole");

    const { code, output } = await applyAs({ role_arn: ROLE_ARN });

    expect(code).toBe(1);
    expect(joined(output)).toMatch(/could not be assumed \(ROLE_REFUSED\).*role\/deploy\/keys.*not authorized/);
    expect(stand.lambda.signers).toEqual([]);
  });

  test.each([
    ["role_arn", { role_arn: "deploy" }],
    ["session_name", { role_arn: ROLE_ARN, session_name: "a b" }],
    ["external_id", { role_arn: ROLE_ARN, external_id: "a b" }],
    ["duration", { role_arn: ROLE_ARN, duration: "5m" }],
    ["duration", { role_arn: ROLE_ARN, duration: "3600" }],
  ])("a wrong %s is said at once", async (name, role) => {
    const { code, output } = await applyAs(role);

    expect(code).toBe(1);
    expect(joined(output)).toContain(`Invalid ${name}`);
    expect(present(sts).asked).toEqual([]);
  });
});
