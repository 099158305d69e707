import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { soakKeyCounts } from "../../stacks/soak-configuration.ts";
import { searchForLeaks } from "../demo/leak-search.ts";
import type { VendorStand } from "../vendor-stand.ts";
import { deathsIn, invocationsIn } from "./function-log.ts";
import { censusOf, type Run, requestCounts } from "./run.ts";
import type { SoakStage } from "./stage.ts";
import { problemsOf, type Summary } from "./summary.ts";

/** Lays what the functions logged beside the rest. @returns how often each was invoked, and how often it died with its process */
const keepLogs = async ({ stage }: Run): Promise<Pick<Summary, "invocations" | "deaths">> => {
  const invocations: Record<string, number> = {};
  const deaths: Record<string, number> = {};
  for (const [name, log] of await stage.functionLogs()) {
    await writeFile(join(stage.folder, `${name}.log`), log);
    invocations[name] = invocationsIn(log);
    deaths[name] = deathsIn(log);
  }
  return { invocations, deaths };
};

const issuedValues = ({ vendors }: SoakStage): readonly string[] =>
  Object.values<VendorStand>(vendors).flatMap((stand) => stand.issuedValues());

/** Stops the workloads, and counts. @param quietAfterMs null: it did not come to rest */
export const conclude = async (run: Run, quietAfterMs: number | null): Promise<Summary> => {
  const { stage, minutes, seed, keys, ledger, groups, failures, kills } = run;
  await Promise.all(groups.map((group) => group.stop()));
  const census = await censusOf(run);
  const logged = await keepLogs(run);
  const { leaks, files } = await searchForLeaks(stage.folder, issuedValues(stage));
  const summary = {
    minutes,
    seed,
    keys: soakKeyCounts(keys),
    workloads: requestCounts(run),
    failures,
    rotations: { ...ledger.counts(), underWay: ledger.underWay().length },
    kills,
    ...logged,
    census,
    quietAfterMs,
    leaks: leaks.map(({ file, prefix }) => `one that begins with ${prefix} stands in ${file}`),
    filesSearched: files,
  };
  return { ok: problemsOf(summary).length === 0, ...summary };
};
