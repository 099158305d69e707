import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findPython } from "../../sandbox/aws/python-interpreter.ts";
import { checkPython } from "../../sandbox/prerequisites.ts";
import { describeUnlessMissing } from "../sandbox/describe-unless-missing.ts";
import { askClient } from "./client.ts";
import { type SandboxProcess, START_TIMEOUT_MS, startSandboxProcess } from "./sandbox-process.ts";

const TIMEOUT_MS = 120_000;

const PREAMBLE = `
import boto3, json
client = boto3.client("secretsmanager")
def show(value):
    print(json.dumps(value, default=str))
`;

describeUnlessMissing([checkPython(await findPython())], "boto3 on Secrets Manager", () => {
  let sandbox: SandboxProcess;

  /** What a program prints with \`show\`. */
  const python = (program: string) =>
    askClient(join(sandbox.stateFolder, "venv", "bin", "python"), ["-c", PREAMBLE + program], sandbox.variables);

  beforeAll(async () => {
    sandbox = await startSandboxProcess();
  }, START_TIMEOUT_MS);

  afterAll(() => sandbox.stop(), TIMEOUT_MS);

  test("a secret lives from its creation to its last version", { timeout: TIMEOUT_MS }, async () => {
    const shown = await python(`
created = client.create_secret(Name="b/life", SecretString="one", Tags=[{"Key": "team", "Value": "web"}])
put = client.put_secret_value(SecretId="b/life", SecretString="two")
client.put_secret_value(SecretId="b/life", SecretBinary=bytes([0, 255]), VersionStages=["mine"])
described = client.describe_secret(SecretId=created["ARN"])
versions = client.list_secret_version_ids(SecretId="b/life")["Versions"]
show({
    "first": client.get_secret_value(SecretId="b/life", VersionId=created["VersionId"])["SecretString"],
    "current": client.get_secret_value(SecretId="b/life")["SecretString"],
    "binary": list(client.get_secret_value(SecretId="b/life", VersionStage="mine")["SecretBinary"]),
    "stages": sorted(described["VersionIdsToStages"].values()),
    "tags": described["Tags"],
    "versions": len(versions),
})
`);
    expect(shown).toEqual({
      first: "one",
      current: "two",
      binary: [0, 255],
      stages: [["AWSCURRENT"], ["AWSPREVIOUS"], ["mine"]],
      tags: [{ Key: "team", Value: "web" }],
      versions: 3,
    });
  });

  test("a token that is used again for another value is refused, and for the same is none", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const shown = await python(`
token = "0123456789abcdef0123456789abcdef"
client.create_secret(Name="b/token", SecretString="one", ClientRequestToken=token)
same = client.put_secret_value(SecretId="b/token", SecretString="one", ClientRequestToken=token)
try:
    client.put_secret_value(SecretId="b/token", SecretString="two", ClientRequestToken=token)
    conflict = None
except client.exceptions.ResourceExistsException as error:
    conflict = error.response["Error"]["Code"]
show({"same": same["VersionId"] == token, "conflict": conflict})
`);
    expect(shown).toEqual({ same: true, conflict: "ResourceExistsException" });
  });

  test("its paginator walks a filtered list, every secret once", { timeout: TIMEOUT_MS }, async () => {
    const shown = await python(`
for number in range(7):
    client.create_secret(Name=f"b/list/{number}", Tags=[{"Key": "kind", "Value": "listed"}])
pages = client.get_paginator("list_secrets").paginate(
    Filters=[{"Key": "tag-key", "Values": ["kind"]}], PaginationConfig={"PageSize": 3})
show([[secret["Name"] for secret in page["SecretList"]] for page in pages])
`);
    expect(shown.map((page: readonly string[]) => page.length)).toEqual([3, 3, 1]);
    expect(new Set(shown.flat()).size).toBe(7);
  });

  test("tags, a deletion that is taken back, and one that is not", { timeout: TIMEOUT_MS }, async () => {
    const shown = await python(`
client.create_secret(Name="b/end", SecretString="kept")
client.tag_resource(SecretId="b/end", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
client.untag_resource(SecretId="b/end", TagKeys=["a"])
tags = client.describe_secret(SecretId="b/end")["Tags"]
client.delete_secret(SecretId="b/end", RecoveryWindowInDays=30)
try:
    client.get_secret_value(SecretId="b/end")
    hidden = None
except client.exceptions.InvalidRequestException as error:
    hidden = error.response["Error"]["Code"]
client.restore_secret(SecretId="b/end")
restored = client.get_secret_value(SecretId="b/end")["SecretString"]
client.delete_secret(SecretId="b/end", ForceDeleteWithoutRecovery=True)
try:
    client.describe_secret(SecretId="b/end")
    gone = None
except client.exceptions.ResourceNotFoundException as error:
    gone = error.response["Error"]["Code"]
show({"tags": tags, "hidden": hidden, "restored": restored, "gone": gone})
`);
    expect(shown).toEqual({
      tags: [{ Key: "b", Value: "2" }],
      hidden: "InvalidRequestException",
      restored: "kept",
      gone: "ResourceNotFoundException",
    });
  });
});
