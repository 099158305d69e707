import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { DEMO, type EndedCommand, runCommand, startCommand } from "./command.ts";
import { type OtherPictify, type OtherPictifyStyle, startOtherPictify } from "./other-pictify.ts";
import { type OtherPictograph, startOtherPictograph } from "./other-pictograph.ts";
import { callsOf, generationsOf, type ShownSummary, summaryIn } from "./summary-shape.ts";

/** These servers keep their own time, so a run takes as long as the delays: about two minutes. All go side by side. */
const TIMEOUT_MS = 600_000;

/** The day of a key's last use. Near midnight the server is a little ahead, so that the day has not ended soon. */
const day = (): string => new Date(Date.now() + 3_600_000).toISOString().slice(0, 10);

/** A bare list in snake_case; of its use a key tells the day; it cannot be revoked, only deleted. */
const BARE: OtherPictifyStyle = {
  list: (items) => items,
  item: ({ id, name, type, createdAtMs, used, revoked }) => ({
    key_id: id,
    name,
    type,
    created_at: new Date(createdAtMs).toISOString().slice(0, 10),
    last_used: used ? day() : null,
    status: revoked ? "Revoked" : "Active",
  }),
  created: ({ id, secret }) => ({ key_id: id, secret }),
  ending: "DELETE",
};

/** An envelope in camelCase; of a key's use it tells nothing. */
const ENVELOPED: OtherPictifyStyle = {
  list: (apiKeys) => ({ apiKeys, pagination: { page: 1, limit: 100, total: apiKeys.length, hasNext: false } }),
  item: ({ id, name, type, createdAtMs, revoked }) => ({
    id,
    name,
    type: type === "live" ? "Live" : "Test",
    createdAt: new Date(createdAtMs).toISOString(),
    status: revoked ? "revoked" : "active",
  }),
  created: ({ id, name, type, secret }) => ({ apiKey: { id, name, type, key: secret } }),
  ending: "POST revoke",
};

/** The same, and only a person can end a key, in the dashboard. */
const { ending: _, ...DASHBOARD_ONLY } = ENVELOPED;

/** A folder to run in, servers of its own, and the variables that name them. */
interface Servers {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly pictify: OtherPictify;
  readonly pictograph: OtherPictograph;
}

interface Run extends Servers {
  readonly ended: EndedCommand;
  readonly summary: ShownSummary;
}

const ARGUMENTS = ["--in-process", "--short-delays", "--json", "--no-kubernetes"];
const closers: (() => Promise<void>)[] = [];

const serversOf = async (style: OtherPictifyStyle): Promise<Servers> => {
  const [pictify, pictograph] = await Promise.all([startOtherPictify(style), startOtherPictograph()]);
  closers.push(pictify.close, pictograph.close);
  const env = {
    PICTOGRAPH_URL: pictograph.url,
    PICTOGRAPH_ADMIN_KEY: pictograph.adminKey,
    PICTOGRAPH_ORGANIZATION_ID: pictograph.organizationId,
    PICTIFY_URL: pictify.url,
    PICTIFY_ADMIN_KEY: pictify.adminKey,
  };
  return { cwd: temporaryFolder(), env, pictify, pictograph };
};

const runAgainst = async (servers: Servers): Promise<Run> => {
  const ended = await runCommand(DEMO, ARGUMENTS, servers);
  if (ended.code !== 0) throw new Error(`it ended with ${ended.code}; it printed:\n${ended.stderr}`);
  return { ...servers, ended, summary: summaryIn(ended.stdout) };
};

const activeAt = ({ pictify, pictograph }: Servers) => [
  ...pictify.keys().filter(({ revoked }) => !revoked),
  ...pictograph.keys(),
];

const leftIn = (cwd: string): readonly string[] =>
  existsSync(join(cwd, ".sandbox")) ? readdirSync(join(cwd, ".sandbox")) : [];

/** The generations that were replaced: the first of each key. */
const replacedIn = ({ keys }: ShownSummary) => keys.map(({ name, generations }) => ({ name, ...generations[0] }));

/** A run that is killed when its keys are minted, and so cannot clear anything away. */
const runAndKill = async (servers: Servers): Promise<readonly string[]> => {
  const command = startCommand(DEMO, ARGUMENTS, servers);
  await command.says("3. Rotate");
  command.kill();
  await command.ended;
  return activeAt(servers).map(({ id }) => id);
};

const stopAt = async (servers: Servers, moment: string) => {
  const command = startCommand(DEMO, ARGUMENTS, servers);
  await command.says(moment);
  const held = activeAt(servers).length;
  command.interrupt();
  return { held, ended: await command.ended };
};

describe("the demo against vendor servers of somebody else", { timeout: TIMEOUT_MS }, () => {
  let bare: Run;
  let enveloped: Run;
  let dashboardOnly: Run;
  let leftByTheKilled: readonly string[];
  let stopped: Servers & Awaited<ReturnType<typeof stopAt>>;

  beforeAll(async () => {
    const afterKill = async () => {
      const servers = await serversOf(BARE);
      leftByTheKilled = await runAndKill(servers);
      bare = await runAgainst(servers);
    };
    const stop = async () => {
      const servers = await serversOf(BARE);
      stopped = { ...servers, ...(await stopAt(servers, "3. Rotate")) };
    };
    await Promise.all([
      afterKill(),
      stop(),
      serversOf(ENVELOPED).then(async (servers) => (enveloped = await runAgainst(servers))),
      serversOf(DASHBOARD_ONLY).then(async (servers) => (dashboardOnly = await runAgainst(servers))),
    ]);
  }, TIMEOUT_MS);

  afterAll(async () => {
    for (const close of closers) await close();
  });

  test("ends well with all of them: no request failed, and nothing leaked", () => {
    for (const { summary } of [bare, enveloped, dashboardOnly]) {
      expect(summary).toMatchObject({ ok: true, leaks: 0 });
      expect(summary.keys).toHaveLength(4);
      expect(summary.workloads.map(({ failures }) => failures)).toEqual([0, 0, 0, 0]);
    }
  });

  test("never prints an admin key, nor any other", () => {
    for (const { ended, env } of [bare, enveloped, dashboardOnly])
      for (const secret of [env.PICTIFY_ADMIN_KEY ?? "", env.PICTOGRAPH_ADMIN_KEY ?? "", "pk_live_", "pk_test_"])
        expect(`${ended.stdout}${ended.stderr}`).not.toContain(secret);
  });

  test("leaves no file that tells how to reach them", () => {
    for (const { cwd } of [bare, enveloped, dashboardOnly, stopped]) expect(leftIn(cwd)).toEqual([]);
  });

  describe("one that tells but the day of a key's last use", () => {
    test("has its retirements deferred, with the reason and the moment that is waited for", () => {
      expect(bare.summary.deferred).toBe(true);
      const lines = bare.ended.stderr.split("\n").filter((line) => line.startsWith("deferred: "));
      expect(lines.map((line) => line.split(":")[1]?.trim())).toEqual([
        ...["sandbox-ci", "sandbox-webapp"],
        // Neither a name nor a type can be changed there, so that both took another generation.
        ...["sandbox-website", "sandbox-ci"],
      ]);
      for (const line of lines)
        expect(line).toMatch(
          /last used at \d{4}-\d\d-\d\dT23:59:59\.999Z, so that it is quiet at \d{4}-\d\d-\d\dT00:00/,
        );
    });

    test("holds no key of ours in the end, and nor does the other vendor", () => {
      expect(activeAt(bare)).toEqual([]);
      for (const { revokedAt } of generationsOf(bare.summary)) expect(revokedAt).not.toBeNull();
    });

    test("gets the keys revoked that a killed run left, when the next one starts", () => {
      expect(leftByTheKilled).toHaveLength(4);
      const [atPictify = "", atPictograph = ""] = ["pictify", "pictograph"].map(
        (vendor) => new RegExp(`revoked what an earlier run left at ${vendor}: (.*)`).exec(bare.ended.stderr)?.[1],
      );
      expect([...atPictify.split(", "), ...atPictograph.split(", ")].sort()).toEqual([...leftByTheKilled].sort());
    });
  });

  test("takes another generation where a server cannot change a key, and leaves out what a server cannot show", () => {
    for (const { summary } of [bare, enveloped, dashboardOnly])
      expect(summary.changes.filter(({ how }) => how === "in place")).toEqual([]);
    for (const { ended } of [bare, enveloped, dashboardOnly])
      expect(ended.stderr).toContain("left out: a vendor does not tell when a key was used");
  });

  describe("one that tells nothing of a key's use", () => {
    test("has its keys retired with a margin, by the schedule", () => {
      expect(enveloped.summary.deferred).toBe(false);
      for (const { name, revokedAt, lastUsedAt } of replacedIn(enveloped.summary)) {
        expect([name, lastUsedAt]).toEqual([name, null]);
        expect(revokedAt).not.toBeNull();
      }
      expect(enveloped.ended.stderr).toContain("so a margin is kept until");
    });

    test("holds no key of ours in the end", () => {
      expect(activeAt(enveloped)).toEqual([]);
      expect(callsOf(enveloped.summary, "pictify", "create key")).toBe(6);
    });
  });

  describe("one whose keys only a person can revoke", () => {
    test("has that said of each key, and the run ends well", () => {
      expect(dashboardOnly.summary.deferred).toBe(true);
      for (const { id } of dashboardOnly.pictify.keys()) expect(dashboardOnly.ended.stderr).toContain(id);
      expect(dashboardOnly.ended.stderr).toContain("revoke it by hand");
    });

    test("keeps only those: the other vendor's are revoked", () => {
      expect(dashboardOnly.pictograph.keys()).toEqual([]);
    });

    test("does not stand in the next run's way, which names what is left", async () => {
      const left = dashboardOnly.pictify.keys().map(({ id }) => id);
      const { ended } = await stopAt(dashboardOnly, "1. Deploy");
      expect(ended.stderr).toContain(`an earlier run left at pictify, revoke by hand: ${left.join(", ")}\n`);
    });
  });

  test("a run that is stopped with Ctrl-C revokes its keys first", async () => {
    expect(stopped.held).toBe(4);
    expect(stopped.ended.code).toBe(130);
    await expect.poll(() => activeAt(stopped)).toEqual([]);
  });
});
