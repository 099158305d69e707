import { describe, expect, test } from "vitest";
import { grantsOf } from "../../../lambdas/contracts/grants.ts";
import { placeGrantOf } from "../../../lambdas/contracts/place-grant.ts";
import type { TargetDeclaration } from "../../../lambdas/contracts/targets.ts";
import type { Clusters } from "../../../lambdas/distribution/clusters.ts";
import type { PreparedSecret } from "../../../lambdas/distribution/prepare.ts";
import { runJobs } from "../../../lambdas/distribution/work.ts";
import type { Invocation } from "../../../lambdas/invocation.ts";
import { createLog } from "../../../lambdas/log.ts";
import { Redacted } from "../../../lambdas/redacted.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";
import { settingsOfTest } from "../settings-of-test.ts";
import { CLUSTER, secretTarget } from "./stand.ts";

const ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:keyturn/prod/web";
const SECRET = "keyturn/prod/web";
const target = secretTarget("web");
const grants = grantsOf({
  ...settingsOfTest,
  connections: {},
  clusters: {
    [CLUSTER]: {
      access: { kubeconfigSecret: "clusters/test" },
      serves: [{ secret: SECRET, kind: "kubernetes", namespace: "web", name: target.name, restart: [] }],
    },
  },
});

const NEVER: Clusters = { use: () => new Promise(() => {}) };

/** The results of as many targets as given in a cluster that never answers, and when they came. */
const hang = async (count: number, functionsTimeMs: number) => {
  const clock = new VirtualClock();
  const beganMs = clock.now();
  const versions = { current: { versionId: "v1", apiKey: new Redacted("pk_live_0123456789") } };
  const prepared = {
    asked: { arn: ARN, versionId: "v1" },
    secret: { name: SECRET },
    versions,
  } as unknown as PreparedSecret;
  const invocation = {
    clock,
    grants,
    log: createLog({ write: () => {}, clock, service: "prod", requestId: "r" }),
    remainingMs: () => functionsTimeMs - (clock.now() - beganMs),
  } as unknown as Invocation;
  const jobs = Array.from({ length: count }, () => ({ prepared, declared: { id: "web", target } }));
  const results = await clock.run(runJobs(invocation, NEVER, "apply", jobs));
  return { codes: results.map(({ code }) => code), tookMs: clock.now() - beganMs };
};

/** What a target asks of its kind, whose tags ask for this. */
const asked = async (tagged: TargetDeclaration) => {
  const clock = new VirtualClock();
  const declared = secretTarget("web", { restart: [{ kind: "deployment", name: "web" }], delayMs: 300_000 });
  const lines: string[] = [];
  const invocation = {
    clock,
    grants: grantsOf({
      ...settingsOfTest,
      connections: {},
      clusters: {
        [CLUSTER]: { access: { kubeconfigSecret: "clusters/test" }, serves: [placeGrantOf(SECRET, declared)] },
      },
    }),
    log: createLog({ write: (line) => void lines.push(line), clock, service: "prod", requestId: "r" }),
    remainingMs: () => 120_000,
  } as unknown as Invocation;
  const read: string[] = [];
  const api = {
    get: async (_: unknown, path: { readonly resource: string; readonly name: string }) => {
      read.push(`${path.resource}/${path.name}`);
      return undefined;
    },
  };
  const clusters = { use: (_: unknown, __: unknown, ___: unknown, work: (one: unknown) => unknown) => work(api) };
  const prepared = {
    asked: { arn: ARN, versionId: "v1" },
    secret: { name: SECRET },
    owner: { service: "prod", key: "web", versionIds: ["v1"] },
    versions: { current: { versionId: "v1", apiKey: new Redacted("pk_live_0123456789") } },
  } as unknown as PreparedSecret;
  const [result] = await clock.run(
    runJobs(invocation, clusters as unknown as Clusters, "observe", [
      { prepared, declared: { id: "web", target: tagged } },
    ]),
  );
  return { result, read };
};

describe("a target whose tags ask for less than is granted", () => {
  test("is looked at with the workloads that were declared, and its answer says so", async () => {
    const { result, read } = await asked(secretTarget("web", { restart: [], delayMs: 1 }));

    expect(read).toContain("deployments/web");
    expect(result?.note).toBe(
      "its tags ask for less than is granted: delay PT0.001S (at least PT5M), no restart of deployment/web",
    );
  });

  test("and for another data key is refused, and nothing is read", async () => {
    const { result, read } = await asked(secretTarget("web", { dataKey: "other" }));

    expect(result).toMatchObject({ adopted: false, code: "NOT_GRANTED" });
    expect(read).toEqual([]);
  });
});

describe("targets that never come to their end", () => {
  test("are left after a minute each", async () => {
    expect(await hang(8, 120_000)).toEqual({ codes: Array(8).fill("TIMEOUT"), tookMs: 60_000 });
  });

  test("leave three seconds of the function's time, so that it always answers", async () => {
    const { codes, tookMs } = await hang(20, 100_000);
    expect(tookMs).toBe(97_000);
    expect(codes).toEqual([...Array(16).fill("TIMEOUT"), ...Array(4).fill("NO_TIME")]);
  });
});
