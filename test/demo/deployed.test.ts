import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { checkKubernetes } from "../../sandbox/kubernetes-api/prerequisite.ts";
import { checkPrerequisites } from "../../sandbox/prerequisites.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { describeUnlessMissing } from "../sandbox/describe-unless-missing.ts";
import { DEMO, type EndedCommand, PROJECT, runCommand, startCommand } from "./command.ts";
import { processesMarked } from "./processes.ts";
import {
  ALL_BUT_ONE,
  CHANGES,
  GENERATIONS,
  GENERATIONS_WITH_CLUSTER,
  generationCounts,
  mintsAndRevocations,
  missingInCluster,
  STORY,
  shownChanges,
  UNUSED_AT_FIRST,
  WORKLOADS,
  WORKLOADS_WITH_CLUSTER,
} from "./story.ts";
import { generationsOf, type ShownSummary, summaryIn } from "./summary-shape.ts";

/** It takes about four minutes on a machine with two cores, and waits for the Kubernetes API server where that is being built. */
const TIMEOUT_MS = 1_800_000;

const runFolders = (): readonly string[] => {
  const stateFolder = join(PROJECT, ".sandbox");
  return existsSync(stateFolder) ? readdirSync(stateFolder).filter((name) => name.startsWith("run-")) : [];
};

const missing = await checkPrerequisites({ stateFolder: temporaryFolder() });
/** The demo goes on without a cluster; where everything is required, this must not pass for a whole run. */
const hasCluster = process.env.KEYTURN_REQUIRE_ALL === "1" || (await checkKubernetes()) === undefined;

describeUnlessMissing(missing, "npm run demo -- --deploy --json", () => {
  const foldersBefore = runFolders();
  let ended: EndedCommand;
  let summary: ShownSummary;
  let mark: string;

  beforeAll(async () => {
    const command = startCommand(DEMO, ["--deploy", "--json"], { cwd: PROJECT });
    mark = command.mark;
    ended = await command.ended;
    if (ended.code !== 0) throw new Error(`it ended with ${ended.code}; it printed:\n${ended.stderr}`);
    summary = summaryIn(ended.stdout);
  }, TIMEOUT_MS);

  test("ends well: nothing failed, nothing leaked, nothing is left to do", () => {
    expect(summary).toMatchObject({ ok: true, leaks: 0, deferred: false });
    expect(summary.workloads.map(({ name }) => name).sort()).toEqual(hasCluster ? WORKLOADS_WITH_CLUSTER : WORKLOADS);
    expect(summary.workloads.filter(({ failures }) => failures > 0)).toEqual([]);
  });

  test.runIf(hasCluster)("brings a rotated key into the pods of a cluster, and revokes the old one after that", () => {
    expect(missingInCluster(ended.stderr)).toEqual([]);
  });

  test("shows its keys with their generations: minted, promoted, used, and revoked", () => {
    expect(generationCounts(summary)).toEqual(hasCluster ? GENERATIONS_WITH_CLUSTER : GENERATIONS);
    for (const { name, mintedAt, promotedAt, revokedAt, lastUsedAt } of generationsOf(summary)) {
      const times = [mintedAt, promotedAt, revokedAt];
      expect([...times, ...(name === UNUSED_AT_FIRST ? [] : [lastUsedAt])]).not.toContain(null);
      expect(times).toEqual([...times].sort());
    }
  });

  test("shows what became of each change: in place where the vendor can, else a new generation", () => {
    expect(shownChanges(summary)).toEqual(CHANGES);
  });

  test("mints no key more than there are generations, and revokes each but the one that somebody else revoked", () => {
    expect(mintsAndRevocations(summary)).toEqual(ALL_BUT_ONE);
  });

  test("names what the stand-in does not give back, and sees no other change after a deploy", () => {
    expect(ended.stderr).toMatch(/the stand-in for AWS does not give back .* of \d+ aws_cloudwatch_metric_alarm/);
  });

  test("tells the whole story: plans, changes, drift, the refused destroy, and the destroy that is not", () => {
    for (const promise of STORY) expect(ended.stderr).toMatch(promise);
  });

  test("leaves no process, and of its files none", () => {
    expect(processesMarked(mark)).toEqual([]);
    expect(runFolders()).toEqual(foldersBefore);
  });
});

describeUnlessMissing(missing, "Ctrl-C in the middle of the real deploy", () => {
  test("ends everything that was started, and leaves nothing that stands in the next run's way", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const foldersBefore = runFolders();
    const command = startCommand(DEMO, ["--deploy"], { cwd: PROJECT });
    const commands = () =>
      processesMarked(command.mark)
        .map((one) => one.command)
        .join("\n");
    await command.says("resources done");
    expect(commands()).toMatch(/terraform.*ministack_host|ministack_host.*terraform/s);

    command.interrupt();

    expect(await command.ended).toMatchObject({ code: 130 });
    expect(processesMarked(command.mark)).toEqual([]);
    expect(runFolders()).toEqual(foldersBefore);
    expect(await runCommand(DEMO, ["--in-process", "--no-kubernetes"], { cwd: PROJECT })).toMatchObject({ code: 0 });
  });
});
