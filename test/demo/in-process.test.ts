import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { type CommandOptions, DEMO, type EndedCommand, runCommand, startCommand } from "./command.ts";
import { processesMarked } from "./processes.ts";
import {
  ALL_BUT_ONE,
  CHANGES,
  GENERATIONS,
  generationCounts,
  mintsAndRevocations,
  STORY,
  shownChanges,
  UNUSED_AT_FIRST,
  WORKLOADS,
} from "./story.ts";
import { generationsOf, type ShownSummary, summaryIn } from "./summary-shape.ts";

const TIMEOUT_MS = 180_000;

/** A run in a folder of its own, with a home and a place for temporary files of its own, too. */
const place = () => {
  const [cwd, home, temporary] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  const env = { HOME: home, TMPDIR: temporary, TSX_DISABLE_CACHE: "1" };
  return { cwd, home, temporary, env };
};

/** What happens in a cluster has tests of its own: these need no Go. */
const WITHOUT_CLUSTER = "--no-kubernetes";

const demo = (arguments_: readonly string[], options: Partial<CommandOptions> = {}): Promise<EndedCommand> =>
  runCommand(DEMO, [...arguments_, WITHOUT_CLUSTER], { cwd: temporaryFolder(), ...options });

const start = (arguments_: readonly string[], cwd = temporaryFolder()) =>
  startCommand(DEMO, [...arguments_, WITHOUT_CLUSTER], { cwd });

/** Nothing can be found on it. */
const EMPTY_PATH = {
  PATH: "",
  KEYTURN_TERRAFORM: undefined,
  KEYTURN_PYTHON: undefined,
  KEYTURN_TEST_KUBECONFIG: undefined,
};

/** What a run leaves in its state folder. */
const leftIn = (cwd: string): readonly string[] =>
  existsSync(join(cwd, ".sandbox")) ? readdirSync(join(cwd, ".sandbox")) : [];

describe("npm run demo -- --in-process --json", { timeout: TIMEOUT_MS }, () => {
  const where = place();
  let ended: EndedCommand;
  let summary: ShownSummary;

  beforeAll(async () => {
    ended = await demo(["--in-process", "--json"], where);
    summary = summaryIn(ended.stdout);
  }, TIMEOUT_MS);

  test("ends well, and prints one line of JSON to stdout and nothing else", () => {
    expect(ended.code).toBe(0);
    expect(ended.stdout.trim().split("\n")).toHaveLength(1);
    expect(summary).toMatchObject({ ok: true, leaks: 0, deferred: false });
  });

  test("shows four keys with their generations: minted, promoted, used, and revoked", () => {
    expect(generationCounts(summary)).toEqual(GENERATIONS);
    for (const { name, mintedAt, promotedAt, lastUsedAt, revokedAt } of generationsOf(summary)) {
      const times = [mintedAt, promotedAt, ...(name === UNUSED_AT_FIRST ? [] : [lastUsedAt]), revokedAt];
      expect(times).not.toContain(null);
      expect(times).toEqual([...times].sort());
    }
  });

  test("shows what became of each change: in place where the vendor can, else a new generation", () => {
    expect(shownChanges(summary)).toEqual(CHANGES);
  });

  test("shows workloads of which no request failed", () => {
    expect(summary.workloads.map(({ name }) => name).sort()).toEqual(WORKLOADS);
    for (const { requests, failures } of summary.workloads) {
      expect(requests).toBeGreaterThan(0);
      expect(failures).toBe(0);
    }
  });

  test("shows the calls to the vendors: as many keys minted as there were generations, and revoked, but for one that somebody else revoked", () => {
    expect(mintsAndRevocations(summary)).toEqual(ALL_BUT_ONE);
  });

  test("tells the story on stderr, without colours where it is no terminal", () => {
    for (let part = 1; part <= 10; part++) expect(ended.stderr).toContain(`\n${part}. `);
    for (const promise of STORY) expect(ended.stderr).toMatch(promise);
    expect(ended.stderr).not.toContain("\x1b");
    expect(ended.stderr).not.toMatch(/pk_(live|test)_/);
  });

  test("writes nothing but to its state folder, and takes that away", () => {
    expect(readdirSync(where.cwd)).toEqual([".sandbox"]);
    expect(leftIn(where.cwd)).toEqual([]);
    expect([...readdirSync(where.home), ...readdirSync(where.temporary)]).toEqual([]);
  });
});

describe("npm run demo -- --in-process", { timeout: TIMEOUT_MS }, () => {
  test("tells the story and the summary on stdout, and leaves stderr alone", async () => {
    const { code, stdout, stderr } = await demo(["--in-process"]);
    expect(stderr).toBe("");
    expect(stdout).toContain("10. Summary (in process)");
    expect(stdout).toMatch(/All of it held\.\n$/);
    expect(code).toBe(0);
  });
});

describe("the options", { timeout: TIMEOUT_MS }, () => {
  test("are explained by --help", async () => {
    const { code, stdout } = await demo(["--help"]);
    for (const option of ["--deploy", "--in-process", "--keep", "--json", "--short-delays", WITHOUT_CLUSTER])
      expect(stdout).toContain(option);
    expect(stdout).toContain("PICTIFY_ADMIN_KEY");
    expect(code).toBe(0);
  });

  test.for([
    ["an unknown one", ["--inprocess"], "unknown option '--inprocess'"],
    ["an argument", ["deploy"], "too many arguments"],
    ["two that exclude each other", ["--deploy", "--in-process"], "--deploy and --in-process exclude each other"],
  ] as const)("%s is refused before anything starts", async ([, arguments_, message]) => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await demo(arguments_, { cwd });
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe("without Terraform, Python and Go", { timeout: TIMEOUT_MS }, () => {
  test("it says what is missing and how to get it, runs in process, and says so again in the summary", async () => {
    const options = { cwd: temporaryFolder(), env: EMPTY_PATH };
    const { code, stdout } = await runCommand(DEMO, [], options);

    const [before = "", after = ""] = stdout.split("Keyturn's demo:");
    expect(before).toContain("Terraform (>= 1.11): no terraform that runs was found on PATH");
    expect(before).toContain("developer.hashicorp.com/terraform/install");
    expect(before).toContain("Python (>= 3.10 with its venv module): no python3 was found on PATH");
    expect(before).toContain("So it runs in process");
    expect(after).toMatch(
      /\n4\. Kubernetes: .*\n.*left out: a Kubernetes API server \(Go >= [\d.]+ to build one, or a cluster\): no go was found on PATH\. See go\.dev\/dl.*KEYTURN_TEST_KUBECONFIG\.\n\n5\./,
    );
    expect(after).toContain("10. Summary (in process, as for the real deploy this is missing: Terraform, Python)");
    expect(code).toBe(0);
  });

  test("it does not start where the deploy is insisted on", async () => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await demo(["--deploy", "--json"], { cwd, env: EMPTY_PATH });
    expect(stderr).toContain("what the deploy needs is missing:\nTerraform (>= 1.11)");
    expect([code, stdout]).toEqual([2, ""]);
    expect(leftIn(cwd)).toEqual([]);
  });
});

describe("vendor servers of somebody else", { timeout: TIMEOUT_MS }, () => {
  test("whose variables are set in part are refused, and the missing ones named", async () => {
    const { code, stderr } = await demo(["--in-process"], { env: { PICTIFY_URL: "http://127.0.0.1:1" } });
    expect(stderr).toContain("missing: PICTIFY_ADMIN_KEY");
    expect(code).toBe(2);
  });

  test("that do not answer are named", async () => {
    const adminKey = "pk_live_admin_of_somebody";
    const env = { PICTIFY_URL: "http://127.0.0.1:1", PICTIFY_ADMIN_KEY: adminKey };
    const { code, stdout, stderr } = await demo(["--in-process"], { env });
    expect(stderr).toContain("The demo failed: pictify: ");
    expect(stderr).toContain("the server at http://127.0.0.1:1 does not answer");
    expect(`${stdout}${stderr}`).not.toContain(adminKey);
    expect(code).toBe(1);
  });
});

describe("Ctrl-C", { timeout: TIMEOUT_MS }, () => {
  test.for(["Keyturn's demo", "1. Deploy", "3. Rotate", "6. Drift", "7. Change"])(
    'at "%s" leaves no process and nothing that stands in the next run\'s way',
    async (moment) => {
      const cwd = temporaryFolder();
      const command = start(["--in-process", "--keep"], cwd);
      await command.says(moment);

      command.interrupt();

      const { code, stderr } = await command.ended;
      expect([code, stderr]).toEqual([130, "\nstopping …\n"]);
      expect(processesMarked(command.mark)).toEqual([]);
      expect(leftIn(cwd)).toEqual([]);
    },
  );

  test("is followed by a run that ends well", async () => {
    const cwd = temporaryFolder();
    const command = start(["--in-process", "--keep"], cwd);
    await command.says("3. Rotate");
    command.interrupt();
    await command.ended;

    expect(await demo(["--in-process"], { cwd })).toMatchObject({ code: 0 });
  });

  test("after a kept run, whose summary it has printed already", async () => {
    const command = start(["--in-process", "--keep", "--json"]);
    await command.says("It keeps running");

    expect(processesMarked(command.mark)).toHaveLength(1);
    command.interrupt();

    const { code, stdout } = await command.ended;
    expect(summaryIn(stdout)).toMatchObject({ ok: true });
    expect(code).toBe(130);
  });
});
