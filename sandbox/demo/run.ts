import { revokeLeftovers } from "../leftovers.ts";
import type { VendorStand } from "../vendor-stand.ts";
import { SERVICE_ID } from "./key-watch.ts";
import { type Leak, searchForLeaks } from "./leak-search.ts";
import { type Outcome, play } from "./play.ts";
import type { Stage } from "./stage.ts";
import { keysSummary, type Summary, summaryText } from "./summary.ts";
import type { View } from "./view.ts";

/** The outcome in the form that `--json` prints. */
const summaryOf = (stage: Stage, outcome: Outcome, leaks: readonly Leak[]): Summary => ({
  ok: outcome.problems.length === 0 && leaks.length === 0,
  keys: keysSummary(outcome.keys),
  changes: outcome.changes,
  workloads: outcome.workloads.map(({ name, workload }) => ({ name, ...workload.counts() })),
  vendorCalls: Object.values<VendorStand>(stage.vendors).flatMap(({ name, recorder }) =>
    recorder.calls().map(({ operation, count }) => ({ vendor: name, operation, count })),
  ),
  leaks: leaks.length,
  deferred: outcome.deferrals.length > 0,
});

/** Every value that must stand in no file: what the vendors issued, and the tokens by which the cluster is reached. */
const secretValues = ({ vendors, cluster }: Stage): readonly string[] => [
  ...Object.values<VendorStand>(vendors).flatMap((stand) => stand.issuedValues()),
  ...(cluster.found?.tokens() ?? []),
];

export interface RunOptions {
  readonly stage: Stage;
  readonly view: View;
  readonly keep: boolean;
  /** Runs the play on the stage's clock. */
  readonly onClock: <Result>(work: Promise<Result>) => Promise<Result>;
  /** What kind of run it was, for the summary. */
  readonly mode: string;
  /** Told the summary as soon as there is one. */
  readonly onSummary: (summary: Summary) => void;
  /** Waits until a kept run is to end. */
  readonly untilStopped: () => Promise<void>;
}

const showVerdict = (view: View, summary: Summary, outcome: Outcome, leaks: readonly Leak[]): void => {
  for (const { name, reason } of outcome.deferrals) view.plain(`deferred: ${name}: ${reason}`);
  for (const problem of outcome.problems) view.plain(`PROBLEM: ${problem}`);
  for (const { file, prefix } of leaks) view.plain(`LEAK: a value that begins with ${prefix} stands in ${file}`);
  view.plain(
    summary.ok ? `\nAll of it held${summary.deferred ? ", with a deferred retirement" : ""}.` : "\nIt did not hold.",
  );
};

const foreignVendors = ({ vendors }: Stage): readonly VendorStand[] =>
  Object.values<VendorStand>(vendors).filter(({ isForeign }) => isForeign);

/** A vendor server of somebody else still has what an earlier run left that was killed. */
const clearLeftovers = async (stage: Stage, view: View): Promise<void> => {
  for (const stand of foreignVendors(stage)) {
    const { revoked, byHand } = await revokeLeftovers(stand, SERVICE_ID).catch((cause) => {
      throw new Error(`${stand.name}: ${cause.message}`, { cause });
    });
    if (revoked.length > 0) view.plain(`revoked what an earlier run left at ${stand.name}: ${revoked.join(", ")}`);
    if (byHand.length > 0) view.plain(`an earlier run left at ${stand.name}, revoke by hand: ${byHand.join(", ")}`);
  }
};

/** Puts away what a run left that did not come to its end: its processes, and its keys at vendors that outlive it. */
export const putAway = async (stage: Stage, say: (text: string) => void): Promise<void> => {
  await stage.close();
  for (const stand of foreignVendors(stage)) {
    try {
      await revokeLeftovers(stand, SERVICE_ID);
    } catch (error) {
      const reason = error instanceof Error ? error.message : "unknown";
      say(`keys may be left at ${stand.name} (${reason}); the next run revokes them`);
    }
  }
};
/** One whole run: the play, the search for leaks, the summary. Whoever made the stage closes it. */
export const run = async (options: RunOptions): Promise<Summary> => {
  const { stage, view, keep, onClock, mode, onSummary, untilStopped } = options;
  await onClock(clearLeftovers(stage, view));
  const outcome = await onClock(play({ stage, view, keep }));
  view.title(`10. Summary (${mode})`);
  const { leaks, files } = await searchForLeaks(stage.folder, secretValues(stage));
  const summary = summaryOf(stage, outcome, leaks);
  view.plain(`\n${summaryText(summary)}\n`);
  const and = stage.cluster.found ? ", and for the cluster's tokens" : "";
  view.plain(`searched ${files} files of the run for every value that the vendors issued${and}: ${leaks.length} found`);
  showVerdict(view, summary, outcome, leaks);
  onSummary(summary);
  if (keep) await untilStopped();
  return summary;
};
