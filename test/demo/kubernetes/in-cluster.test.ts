import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../constructs/temporary-folder.ts";
import { describeWithKubernetes } from "../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../kubernetes-api/eventually.ts";
import { DEMO, type EndedCommand, runCommand, startCommand } from "../command.ts";
import { processesMarked } from "../processes.ts";
import {
  ALL_BUT_ONE,
  GENERATIONS_WITH_CLUSTER,
  generationCounts,
  mintsAndRevocations,
  missingInCluster,
  STORY,
  WORKLOADS_WITH_CLUSTER,
} from "../story.ts";
import { type ShownSummary, summaryIn } from "../summary-shape.ts";

const TIMEOUT_MS = 300_000;

/** A run in a folder of its own, with a place for temporary files of its own. */
const place = () => {
  const [cwd, temporary] = [temporaryFolder(), temporaryFolder()];
  return { cwd, temporary, env: { TMPDIR: temporary, TSX_DISABLE_CACHE: "1", KEYTURN_TEST_KUBECONFIG: undefined } };
};

// The run's shared server is started first, so that the binary is there: where it is missing, the demo would build it meanwhile.
describeWithKubernetes(
  "the demo in process, with an API server of its own,",
  () => {
    const where = place();
    let ended: EndedCommand;
    let summary: ShownSummary;

    beforeAll(async () => {
      ended = await runCommand(DEMO, ["--in-process", "--json"], where);
      if (ended.code !== 0) throw new Error(`it ended with ${ended.code}; it printed:\n${ended.stderr}`);
      summary = summaryIn(ended.stdout);
    }, TIMEOUT_MS);

    test("brings a rotated key into the pods, and revokes the old one when they all run with the new one", () => {
      expect(missingInCluster(ended.stderr)).toEqual([]);
    });

    test("plays all the rest as without a cluster, with one key more", () => {
      for (const promise of STORY) expect(ended.stderr).toMatch(promise);
      expect(generationCounts(summary)).toEqual(GENERATIONS_WITH_CLUSTER);
      expect(mintsAndRevocations(summary)).toEqual(ALL_BUT_ONE);
    });

    test("has pods of which no request failed", () => {
      expect(summary.workloads.map(({ name }) => name).sort()).toEqual(WORKLOADS_WITH_CLUSTER);
      expect(summary.workloads.filter(({ requests, failures }) => requests === 0 || failures > 0)).toEqual([]);
      expect(summary).toMatchObject({ ok: true, leaks: 0 });
    });

    test("leaves no file and no process", () => {
      expect(readdirSync(where.temporary)).toEqual([]);
      expect(readdirSync(join(where.cwd, ".sandbox"))).toEqual([]);
    });

    test("says by what the pods can be looked at, when it is kept, and ends its server on Ctrl-C", {
      timeout: TIMEOUT_MS,
    }, async () => {
      const again = place();
      const command = startCommand(DEMO, ["--in-process", "--keep"], again);
      await command.says("It keeps running");
      expect(command.printed()).toMatch(/kubectl --kubeconfig '\/.+' -n web get pods/);
      expect(processesMarked(command.mark).length).toBeGreaterThan(1);

      command.interrupt();

      expect(await command.ended).toMatchObject({ code: 130 });
      expect(processesMarked(command.mark)).toEqual([]);
      expect(readdirSync(again.temporary)).toEqual([]);
    });
  },
  { ownServer: true },
);

describeWithKubernetes("the demo in process, with the cluster that KEYTURN_TEST_KUBECONFIG names,", (cluster) => {
  const namespacesOfDemos = async (): Promise<readonly string[]> => {
    const { items } = await cluster().core.listNamespace();
    const live = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    return live.map(({ metadata }) => metadata?.name ?? "").filter((name) => name.startsWith("keyturn-demo-"));
  };

  /** The variables of a run against the tests' cluster. */
  const named = async () => {
    const path = join(temporaryFolder(), "kubeconfig");
    await writeFile(path, cluster().kubeconfig);
    return { cwd: temporaryFolder(), env: { KEYTURN_TEST_KUBECONFIG: path } };
  };

  test("brings a rotated key into its pods, in a namespace of its own, and takes that away", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { code, stdout } = await runCommand(DEMO, ["--in-process"], await named());

    expect(missingInCluster(stdout)).toEqual([]);
    expect(stdout).toContain("cluster: the cluster that KEYTURN_TEST_KUBECONFIG names, ");
    expect(code).toBe(0);
    expect(await namespacesOfDemos()).toEqual([]);
  });

  test("takes its namespace away when it is stopped, too", { timeout: TIMEOUT_MS }, async () => {
    const command = startCommand(DEMO, ["--in-process"], await named());
    await command.says("4. Kubernetes");
    expect(await namespacesOfDemos()).toHaveLength(1);

    command.interrupt();

    expect(await command.ended).toMatchObject({ code: 130 });
    await eventually("the namespace goes", async () => (await namespacesOfDemos()).length === 0);
  });
});
