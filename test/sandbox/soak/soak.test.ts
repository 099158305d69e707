import { UpdateSecretVersionStageCommand } from "@aws-sdk/client-secrets-manager";
import { afterEach, describe, expect, test } from "vitest";
import { QUIET_LIMIT_MS } from "../../../sandbox/soak/delays.ts";
import { secretsOfSoak } from "../../../sandbox/soak/observe.ts";
import { runSoak } from "../../../sandbox/soak/soak.ts";
import type { SoakStage } from "../../../sandbox/soak/stage.ts";
import { problemsOf } from "../../../sandbox/soak/summary.ts";
import { inProcessSoak } from "./in-process-soak.ts";

const TIMEOUT_MS = 120_000;
const KEYS = 6;

const stages: SoakStage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close();
});

/** A soak in this process. @param meanwhile what somebody does to it while it runs */
const soak = async (
  minutes: number,
  change: (stage: SoakStage) => Partial<SoakStage> = () => ({}),
  meanwhile: (stage: SoakStage) => Promise<void> = async () => {},
) => {
  const { clock, stage } = await inProcessSoak(KEYS);
  stages.push(stage);
  const lines: string[] = [];
  const options = { view: { line: (text: string) => void lines.push(text) }, minutes, keys: KEYS, seed: 3 };
  const running = runSoak({ ...options, stage: { ...stage, ...change(stage) } });
  const summary = await clock.run(Promise.all([running, clock.sleep(40_000).then(() => meanwhile(stage))]));
  return { summary: summary[0], lines };
};

describe("a soak", { timeout: TIMEOUT_MS }, () => {
  test("rotates, kills and calls, and nothing fails or is left over", async () => {
    const { summary, lines } = await soak(6);
    const { rotations, census, workloads, deaths, quietAfterMs } = summary;

    expect(problemsOf(summary)).toEqual([]);
    expect(summary.ok).toBe(true);
    expect(rotations.started).toBeGreaterThan(20);
    expect(rotations.finished).toBe(rotations.started + rotations.startedByKeyturn);
    expect(rotations.resumed).toBeGreaterThan(0);
    expect(deaths.rotate).toBeGreaterThan(0);
    expect(deaths.reconcile).toBeGreaterThan(0);
    expect(census).toMatchObject({ current: KEYS, active: KEYS });
    expect(census.minted).toBeGreaterThanOrEqual(KEYS + rotations.finished);
    expect(workloads.requests).toBeGreaterThan(1_000);
    expect(quietAfterMs).toBeLessThan(QUIET_LIMIT_MS);
    expect(lines.some((line) => /\d+ requests, 0 failures; \d+ rotations, /.test(line))).toBe(true);
  });

  test("counts the requests of a workload whose key was revoked under it, and says whose they were", async () => {
    const { summary } = await soak(1, undefined, async (stage) => {
      const { vendor, direct } = stage.vendors.pictify;
      const [key] = (await vendor.list(direct)).keys.filter(({ active, name }) => active && name.startsWith("soak-"));
      await vendor.revoke(direct, key?.id ?? "");
    });

    expect(summary.ok).toBe(false);
    expect(summary.workloads.failures).toBeGreaterThan(0);
    expect(summary.failures[0]).toMatch(
      /^keyturn\/soak\/soak-pictify-\d\d: answered 401, with \S+, read \d+ s before$/,
    );
    expect(problemsOf(summary)).toContain(`${summary.workloads.failures} requests failed`);
  });

  test("counts a key that belongs to no secret, and a label that nobody takes off", async () => {
    const { summary } = await soak(0.5, undefined, async (stage) => {
      const { vendor, direct } = stage.vendors.pictograph;
      const access = { kind: "role", value: "member" } as const;
      await vendor.create(direct, { name: "of somebody", access, idempotencyKey: "one" });
      const [secret] = await secretsOfSoak(stage);
      const [versionId = ""] = Object.keys(secret?.stages ?? {});
      const label = { VersionStage: "by-hand", MoveToVersionId: versionId };
      await stage.secretsManager.send(new UpdateSecretVersionStageCommand({ SecretId: secret?.arn, ...label }));
    });

    const problems = problemsOf(summary);
    expect(problems).toContainEqual(expect.stringMatching(/^key left over: pictograph \S+ \(of somebody\)$/));
    expect(problems).toContainEqual(expect.stringMatching(/^label left over: keyturn\/soak\/\S+: by-hand$/));
    expect(problems).toContain("it was not quiet after 30 minutes");
    expect([summary.ok, summary.quietAfterMs]).toEqual([false, null]);
  });

  test("finds a value in what a function logged", async () => {
    const { summary } = await soak(0.5, ({ vendors }) => ({
      functionLogs: async () => new Map([["rotate", `{"value":"${vendors.pictify.issuedValues().at(-1)}"}`]]),
    }));

    expect(problemsOf(summary)).toEqual([
      expect.stringMatching(/^secret value: one that begins with pk_live_\w{4} stands in .*rotate\.log$/),
    ]);
  });
});
