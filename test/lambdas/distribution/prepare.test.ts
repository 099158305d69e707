import { describe, expect, test } from "vitest";
import { systemClock } from "../../../lambdas/clock.ts";
import { markLabel } from "../../../lambdas/contracts/labels.ts";
import type { ClusterSend } from "../../../lambdas/targets/kubernetes/transport.ts";
import { plainKubeconfig } from "./plain-kubeconfig.ts";
import { createDistribution, type DistributionOptions, secretTarget } from "./stand.ts";

/** A key with one target in a cluster that notes what it is asked, and answers nothing of use. */
const started = async (options: DistributionOptions = {}) => {
  const asked: string[] = [];
  const send: ClusterSend = async (_, { method, path }) => {
    asked.push(`${method} ${path}`);
    throw Object.assign(new Error("no cluster"), { code: "CERT_HAS_EXPIRED" });
  };
  const stand = await createDistribution({ kubeconfig: plainKubeconfig(), world: { send }, ...options });
  const key = await stand.declare([secretTarget("web")]);
  return { stand, key, asked };
};

const both = ["apply", "observe"] as const;

describe.each(both)("asked to %s, no cluster is asked anything", (action) => {
  test("for a key that was destroyed", async () => {
    const { stand, key, asked } = await started();
    const VersionStage = markLabel("destroyed", systemClock.now());
    await stand.aws("UpdateSecretVersionStage", {
      SecretId: key.arn,
      VersionStage,
      MoveToVersionId: key.versionId,
    });
    const { targets } = await stand.ask(action, [key]);
    expect(targets).toMatchObject([
      { adopted: false, code: "SUPERSEDED", reason: expect.stringMatching(/was destroyed/) },
    ]);
    expect(asked).toEqual([]);
  });

  test("for a secret that is marked for deletion", async () => {
    const { stand, key, asked } = await started();
    await stand.aws("DeleteSecret", { SecretId: key.arn });
    const { targets } = await stand.ask(action, [key]);
    expect(targets).toMatchObject([{ adopted: false, code: "SUPERSEDED" }]);
    expect(asked).toEqual([]);
  });

  test.each([
    [
      "of another service",
      { Tags: [{ Key: "keyturn:service", Value: "stage" }] },
      /belongs to the service stage, this is prod/,
    ],
    ["that is a replica", { PrimaryRegion: "eu-west-1" }, /is a replica; ask in eu-west-1/],
  ])("for a secret %s", async (_, changed, reason) => {
    const described = <Description>(answer: Description): Description => {
      const { Tags = [], ...rest } = answer as { readonly Tags?: readonly { readonly Key: string }[] };
      const added = "Tags" in changed ? changed.Tags : [];
      const kept = Tags.filter(({ Key }) => !added.some((one) => one.Key === Key));
      return { ...rest, ...changed, Tags: [...kept, ...added] } as Description;
    };
    const { stand, key, asked } = await started({ described });
    const { targets, failed } = await stand.ask(action, [key]);
    expect(targets).toEqual([]);
    expect(failed).toMatchObject([{ arn: key.arn, code: "NOT_MANAGED", reason: expect.stringMatching(reason) }]);
    expect(asked).toEqual([]);
  });

  test("for a version that is not there", async () => {
    const { stand, key, asked } = await started();
    const { targets } = await stand.ask(action, [{ arn: key.arn, versionId: "x".repeat(32) }]);
    expect(targets).toMatchObject([{ adopted: false, code: "SUPERSEDED" }]);
    expect(asked).toEqual([]);
  });
});

test("a cluster whose certificate is not good is asked once, with no key in the request", async () => {
  const { stand, key, asked } = await started();
  expect(await stand.apply(key)).toMatchObject({ adopted: false, code: "BAD_ACCESS" });
  expect(asked).toEqual(["GET /api/v1/namespaces/web/secrets/pictify-credentials"]);
});

test("a secret that is not described in time is told as such, and leaves time for the targets of others", async () => {
  const described = <Description>(answer: Description): Description =>
    (answer as { readonly Name?: string }).Name?.endsWith("/slow") ? (new Promise(() => {}) as never) : answer;
  const { stand, key, asked } = await started({ described, timeoutMs: 7_000 });
  const slow = await stand.declare([secretTarget("web", { name: "slow" })], "slow");
  const { targets, failed } = await stand.ask("observe", [slow, key]);
  expect(failed).toMatchObject([{ arn: slow.arn, code: "NO_TIME" }]);
  expect(targets).toMatchObject([{ arn: key.arn, code: "BAD_ACCESS" }]);
  expect(asked).toHaveLength(1);
});

test("what goes wrong with a secret is told without any key", async () => {
  const apiKey = `pk_live_${"x".repeat(32)}`;
  const described = () => {
    throw new Error(`somebody quotes ${apiKey}`);
  };
  const { stand, key } = await started({ described });
  const answer = await stand.ask("observe", [key]);
  expect(answer.failed).toMatchObject([{ reason: "somebody quotes [redacted]" }]);
  expect([...stand.lines, JSON.stringify(answer)].join()).not.toContain(apiKey);
});
