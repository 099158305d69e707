import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPython } from "../../sandbox/aws/python-interpreter.ts";
import { checkPython } from "../../sandbox/prerequisites.ts";
import { describeUnlessMissing } from "../sandbox/describe-unless-missing.ts";
import { prepareAwsCli } from "./aws-cli.ts";
import { askClient, runClient } from "./client.ts";
import { type SandboxProcess, START_TIMEOUT_MS, startSandboxProcess } from "./sandbox-process.ts";

const TIMEOUT_MS = 120_000;
describeUnlessMissing([checkPython(await findPython())], "the AWS CLI on Secrets Manager", () => {
  let sandbox: SandboxProcess;
  let python: string;

  const call = (operation: string, ...rest: readonly string[]) => [
    "-m",
    "awscli",
    "secretsmanager",
    operation,
    ...rest,
  ];
  const aws = (operation: string, ...rest: readonly string[]) =>
    askClient(python, call(operation, ...rest), sandbox.variables);
  const refused = async (operation: string, ...rest: readonly string[]): Promise<string> => {
    const { code, stderr } = await runClient(python, call(operation, ...rest), sandbox.variables);
    expect(code).not.toBe(0);
    return stderr;
  };

  beforeAll(async () => {
    [python, sandbox] = await Promise.all([prepareAwsCli(), startSandboxProcess()]);
  }, START_TIMEOUT_MS);

  afterAll(() => sandbox.stop(), TIMEOUT_MS);

  describe("values", { timeout: TIMEOUT_MS }, () => {
    test("that are created can be read, by name and by ARN", async () => {
      const created = await aws("create-secret", "--name", "cli/values", "--secret-string", '{"apiKey":"one"}');

      expect(created.ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:cli\/values-\w{6}$/);
      for (const id of ["cli/values", created.ARN])
        expect(await aws("get-secret-value", "--secret-id", id)).toMatchObject({
          SecretString: '{"apiKey":"one"}',
          VersionId: created.VersionId,
          VersionStages: ["AWSCURRENT"],
        });
    });

    test("that are put become current, and the one before previous", async () => {
      const before = await aws("get-secret-value", "--secret-id", "cli/values");
      const put = await aws("put-secret-value", "--secret-id", "cli/values", "--secret-string", "two");

      const previous = ["--version-stage", "AWSPREVIOUS"];
      expect(await aws("get-secret-value", "--secret-id", "cli/values")).toMatchObject({ SecretString: "two" });
      expect(await aws("get-secret-value", "--secret-id", "cli/values", ...previous)).toMatchObject({
        VersionId: before.VersionId,
      });
      const { Versions } = await aws("list-secret-version-ids", "--secret-id", "cli/values");
      expect(Versions).toHaveLength(2);
      expect(Versions).toContainEqual(
        expect.objectContaining({ VersionId: put.VersionId, VersionStages: ["AWSCURRENT"] }),
      );
    });

    test("of a secret that is not there are a service error, named as AWS names it", async () => {
      expect(await refused("get-secret-value", "--secret-id", "cli/nothing")).toContain("ResourceNotFoundException");
    });
  });

  describe("tags", { timeout: TIMEOUT_MS }, () => {
    test("are set, shown and taken off", async () => {
      await aws("create-secret", "--name", "cli/tags", "--tags", "Key=team,Value=web", "Key=stage,Value=test");
      await aws("tag-resource", "--secret-id", "cli/tags", "--tags", "Key=stage,Value=prod", "Key=cost,Value=7");
      await aws("untag-resource", "--secret-id", "cli/tags", "--tag-keys", "team");

      const { Tags } = await aws("describe-secret", "--secret-id", "cli/tags");
      expect(Tags).toEqual(
        expect.arrayContaining([
          { Key: "stage", Value: "prod" },
          { Key: "cost", Value: "7" },
        ]),
      );
      expect(Tags).toHaveLength(2);
    });
  });

  describe("a list", { timeout: TIMEOUT_MS }, () => {
    beforeAll(async () => {
      for (const name of ["a", "b", "c"])
        await aws("create-secret", "--name", `list/${name}`, "--tags", `Key=letter,Value=${name}`);
    }, TIMEOUT_MS);

    const namesOf = ({ SecretList }: { SecretList: readonly { Name: string }[] }) =>
      SecretList.map(({ Name }) => Name).sort();

    test("is filtered by name, and by a tag's key and value", async () => {
      const all = ["list/a", "list/b", "list/c"];
      expect(namesOf(await aws("list-secrets", "--filters", "Key=name,Values=list/"))).toEqual(all);
      expect(namesOf(await aws("list-secrets", "--filters", "Key=tag-key,Values=letter"))).toEqual(all);
      const two = ["--filters", "Key=tag-key,Values=letter", "Key=tag-value,Values=b,c"];
      expect(namesOf(await aws("list-secrets", ...two))).toEqual(["list/b", "list/c"]);
    });

    test("comes in pages, which the CLI puts together", async () => {
      const filter = ["--filters", "Key=name,Values=list/"];
      expect(namesOf(await aws("list-secrets", ...filter, "--page-size", "2"))).toHaveLength(3);

      const first = await aws("list-secrets", ...filter, "--max-results", "2", "--no-paginate");
      const second = await aws("list-secrets", ...filter, "--next-token", first.NextToken, "--no-paginate");
      expect([first.SecretList.length, second.SecretList.length]).toEqual([2, 1]);
      expect(new Set([...namesOf(first), ...namesOf(second)]).size).toBe(3);
    });
  });

  describe("a deletion", { timeout: TIMEOUT_MS }, () => {
    test("with a window hides the value until the secret is restored", async () => {
      await aws("create-secret", "--name", "cli/window", "--secret-string", "kept");
      const deleted = await aws("delete-secret", "--secret-id", "cli/window", "--recovery-window-in-days", "7");
      expect(deleted.DeletionDate * 1_000).toBeGreaterThan(Date.now() + 6 * 86_400_000);
      expect(await refused("get-secret-value", "--secret-id", "cli/window")).toContain("InvalidRequestException");
      expect((await aws("describe-secret", "--secret-id", "cli/window")).DeletedDate).toBeDefined();

      await aws("restore-secret", "--secret-id", "cli/window");

      expect(await aws("get-secret-value", "--secret-id", "cli/window")).toMatchObject({ SecretString: "kept" });
    });

    test("without one is at once and for good", async () => {
      await aws("create-secret", "--name", "cli/gone", "--secret-string", "x");
      await aws("delete-secret", "--secret-id", "cli/gone", "--force-delete-without-recovery");
      expect(await refused("describe-secret", "--secret-id", "cli/gone")).toContain("ResourceNotFoundException");
    });
  });

  describe("a rotation", { timeout: TIMEOUT_MS }, () => {
    test("of a secret that has no function is refused as AWS refuses it", async () => {
      await aws("create-secret", "--name", "cli/rotation", "--secret-string", "x");
      expect(await refused("rotate-secret", "--secret-id", "cli/rotation")).toContain("InvalidRequestException");
    });
  });
});
