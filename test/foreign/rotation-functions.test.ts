import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findPython } from "../../sandbox/aws/python-interpreter.ts";
import { checkPython } from "../../sandbox/prerequisites.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { describeUnlessMissing } from "../sandbox/describe-unless-missing.ts";
import { prepareAwsCli } from "./aws-cli.ts";
import { askClient, runClient } from "./client.ts";
import { type SandboxProcess, START_TIMEOUT_MS, startSandboxProcess } from "./sandbox-process.ts";

const TIMEOUT_MS = 180_000;

/** A zip with one function's source in it, as it is handed to Lambda. There is no package beside it that says ESM. */
const zipOf = (source: string): string => {
  const path = fileURLToPath(new URL(`functions/${source}`, import.meta.url));
  const zip = join(temporaryFolder(), "function.zip");
  writeFileSync(zip, zipSync({ [source.replace(".cjs", ".js")]: new Uint8Array(readFileSync(path)) }));
  return zip;
};

/** Creates, permits and turns on, as the guide on rotation says, with boto3. */
const DEPLOY_WITH_BOTO3 = `
import boto3, sys
functions, secrets = boto3.client("lambda"), boto3.client("secretsmanager")
arn = functions.create_function(
    FunctionName="rotate-password",
    Runtime="python3.12",
    Handler="rotate_password.handler",
    Role="arn:aws:iam::000000000000:role/rotation",
    Code={"ZipFile": open(sys.argv[1], "rb").read()},
    Timeout=60,
)["FunctionArn"]
functions.get_waiter("function_active_v2").wait(FunctionName="rotate-password", WaiterConfig={"Delay": 1})
functions.add_permission(
    FunctionName="rotate-password",
    StatementId="secrets-manager",
    Action="lambda:InvokeFunction",
    Principal="secretsmanager.amazonaws.com",
)
secrets.create_secret(Name="db/login", SecretString='{"username":"web","password":"first"}')
secrets.rotate_secret(SecretId="db/login", RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30})
`;

describeUnlessMissing([checkPython(await findPython())], "a rotation function of somebody else", () => {
  let sandbox: SandboxProcess;
  let cli: string;

  const aws = (...rest: readonly string[]) => askClient(cli, ["-m", "awscli", ...rest], sandbox.variables);
  const secret = (operation: string, id: string, ...rest: readonly string[]) =>
    aws("secretsmanager", operation, "--secret-id", id, ...rest);

  /** Resolves when the version that is current is another one, and no rotation is under way. */
  const untilRotated = (id: string, before: string) =>
    expect
      .poll(
        async () => {
          const stages: [string, string[]][] = Object.entries((await secret("describe-secret", id)).VersionIdsToStages);
          const holding = (label: string) => stages.find(([, labels]) => labels.includes(label))?.[0];
          const pending = holding("AWSPENDING");
          const current = holding("AWSCURRENT");
          return current !== before && (pending === undefined || pending === current);
        },
        { timeout: TIMEOUT_MS, interval: 500 },
      )
      .toBe(true);

  beforeAll(async () => {
    [cli, sandbox] = await Promise.all([prepareAwsCli(), startSandboxProcess()]);
  }, START_TIMEOUT_MS);

  afterAll(() => sandbox.stop(), TIMEOUT_MS);

  test("in Python, with boto3, rotates a secret without being told where Secrets Manager is", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const boto3 = join(sandbox.stateFolder, "venv", "bin", "python");
    const zip = zipOf("rotate_password.py");

    await askClient(boto3, ["-c", DEPLOY_WITH_BOTO3, zip], sandbox.variables);
    await expect
      .poll(async () => JSON.parse((await secret("get-secret-value", "db/login")).SecretString).password, {
        timeout: TIMEOUT_MS,
        interval: 500,
      })
      .not.toBe("first");

    const { SecretString, VersionId } = await secret("get-secret-value", "db/login");
    expect(JSON.parse(SecretString)).toEqual({ username: "web", password: expect.stringMatching(/^[\w-]{32}$/) });
    expect(await secret("get-secret-value", "db/login", "--version-stage", "AWSPREVIOUS")).toMatchObject({
      SecretString: '{"username":"web","password":"first"}',
    });

    await untilRotated("db/login", "none");
    await secret("rotate-secret", "db/login");
    await untilRotated("db/login", VersionId);
    expect((await secret("get-secret-value", "db/login")).SecretString).not.toBe(SecretString);
  });

  test("in Node, deployed by the CLI, does so as soon as Secrets Manager may invoke it", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await aws("secretsmanager", "create-secret", "--name", "api/token", "--secret-string", "token-first");
    const { FunctionArn } = await aws(
      ...["lambda", "create-function", "--function-name", "rotate-token", "--runtime", "nodejs22.x"],
      ...["--handler", "rotate-token.handler", "--role", "arn:aws:iam::000000000000:role/rotation"],
      ...["--zip-file", `fileb://${zipOf("rotate-token.cjs")}`, "--timeout", "60"],
    );
    await aws("lambda", "wait", "function-active-v2", "--function-name", "rotate-token");
    const rotation = ["--rotation-lambda-arn", FunctionArn, "--rotation-rules", "AutomaticallyAfterDays=30"];
    const rotate = ["secretsmanager", "rotate-secret", "--secret-id", "api/token", ...rotation];
    const refused = await runClient(cli, ["-m", "awscli", ...rotate], sandbox.variables);
    expect(refused.stderr).toContain("AccessDeniedException");
    expect(refused.code).not.toBe(0);

    await aws(
      ...["lambda", "add-permission", "--function-name", "rotate-token", "--statement-id", "secrets-manager"],
      ...["--action", "lambda:InvokeFunction", "--principal", "secretsmanager.amazonaws.com"],
    );
    const { VersionId: before } = await secret("get-secret-value", "api/token");
    await aws(...rotate);
    await untilRotated("api/token", before);

    expect((await secret("get-secret-value", "api/token")).SecretString).toMatch(/^token-[0-9a-f-]{36}$/);
    expect(await secret("describe-secret", "api/token")).toMatchObject({
      RotationEnabled: true,
      RotationRules: { AutomaticallyAfterDays: 30 },
      LastRotatedDate: expect.any(Number),
    });

    await secret("cancel-rotate-secret", "api/token");
    expect((await secret("describe-secret", "api/token")).RotationEnabled).toBe(false);
  });
});
