import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUNDLES, bundlePath } from "../constructs/functions.ts";
import { GRANTS_FILE } from "../lambdas/contracts/grants.ts";
import { runNode, withFolder } from "./child-process.ts";
import { grantsFor } from "./declared.ts";
import {
  FLEET_FUNCTION_ARN,
  type FleetCalls,
  type FleetOptions,
  type FleetStandIn,
  startFleet,
} from "./fleet-stand-in.ts";
import { growth, median } from "./rounds.ts";
import { atMost, type Figure, type Row, told } from "./row.ts";
import { callsText, countText, megabytesText, secondsText, times } from "./texts.ts";

const SIZES = [100, 1_000, 10_000] as const;
const LARGEST = 10_000;
const RETIRING = 20;
const MOST_BYTES = 512_000_000;
/** Per key from 1,000 to 10,000 beside that from 100 to 1,000: what noise may add to 1, which is linear. */
const MOST_GROWTH = 1.3;

interface Pass {
  readonly durationMs: number;
  readonly processorMs: number;
  readonly answer: { readonly actions: Readonly<Record<string, number>> };
}

interface Container {
  readonly passes: readonly Pass[];
  readonly peakBytes: number;
}

/** The bundle as it is, with the stand-in behind every endpoint, in a process of its own. */
const runPasses = (standIn: FleetStandIn, passes: number): Promise<Container> =>
  withFolder(async (folder) => {
    const grants = grantsFor("pictify", undefined);
    const connections = Object.entries(grants.connections).map(([name, one]) => [
      name,
      // The wait for a revocation to spread is the vendor's, not a cost of a pass.
      { ...one, baseUrl: standIn.url, propagation: "PT1S" },
    ]);
    writeFileSync(
      join(folder, GRANTS_FILE),
      JSON.stringify({ ...grants, connections: Object.fromEntries(connections) }),
    );
    const bundle = join(folder, "index.js");
    copyFileSync(bundlePath(BUNDLES, "reconcile"), bundle);
    return runNode<Container>(
      [join(import.meta.dirname, "reconcile-process.cjs"), bundle, FLEET_FUNCTION_ARN, String(passes)],
      {
        LAMBDA_TASK_ROOT: folder,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
        AWS_SECRET_ACCESS_KEY: "example",
        AWS_ENDPOINT_URL_SECRETS_MANAGER: standIn.url,
      },
    );
  });

export interface PassMeasured {
  readonly size: number;
  /** The median of containers: the first pass, cold. */
  readonly durationMs: number;
  readonly processorMs: number;
  readonly peakBytes: number;
  /** Calls of a first pass, and of one after it in the same container. */
  readonly first: FleetCalls;
  readonly further: FleetCalls;
  readonly keys: number;
}

const withoutAdmin = (calls: FleetCalls): FleetCalls =>
  Object.fromEntries(Object.entries(calls).filter(([name]) => !name.includes("admin")));

/** @param rounds containers, each for one pass; their medians count */
export const measurePasses = async (options: Omit<FleetOptions, "nowMs">, rounds: number): Promise<PassMeasured> => {
  const standIn = await startFleet({ ...options, nowMs: Date.now() });
  try {
    const containers: Container[] = [];
    for (let round = 0; round < rounds; round++) containers.push(await runPasses(standIn, 1));
    standIn.takeCalls();
    await runPasses(standIn, 1);
    const first = withoutAdmin(standIn.takeCalls());
    await runPasses(standIn, 2);
    const both = withoutAdmin(standIn.takeCalls());
    const further = Object.fromEntries(Object.entries(both).map(([name, count]) => [name, count - (first[name] ?? 0)]));
    const firsts = containers.flatMap(({ passes }) => passes.slice(0, 1));
    return {
      size: options.size,
      durationMs: median(firsts.map(({ durationMs }) => durationMs)),
      processorMs: median(firsts.map(({ processorMs }) => processorMs)),
      peakBytes: median(containers.map(({ peakBytes }) => peakBytes)),
      first,
      further,
      keys: standIn.keys,
    };
  } finally {
    await standIn.close();
  }
};

const sum = (calls: FleetCalls): number => Object.values(calls).reduce((total, count) => total + count, 0);

/** The requests of one listing: the first is asked for plainly, the rest by the hundred, and one more that brings nothing new. */
const pagesOf = (keys: number): number => (keys <= 20 ? 2 : 2 + Math.ceil(keys / 100));

/** What a pass has to ask for when nothing changed: secrets by the hundred, and one listing. */
export const leastCalls = (size: number, keys: number): number => Math.ceil(size / 100) + pagesOf(keys);

const callsFigure = (what: string, { size, keys }: PassMeasured, calls: FleetCalls, explains?: string): Figure =>
  atMost({
    what,
    value: sum(calls),
    atMost: leastCalls(size, keys),
    text: callsText,
    reason: explains ?? `${calls.ListSecrets} of ListSecrets, ${calls["list keys"]} pages of ${countText(keys)} keys`,
    explainsMiss: explains !== undefined,
  });

const CALLS_A_RETIREMENT = 16;

const sizeRow = (one: PassMeasured): readonly string[] => [
  countText(one.size),
  secondsText(one.durationMs),
  secondsText(one.processorMs),
  megabytesText(one.peakBytes),
  countText(sum(one.further)),
];

/** A pass over a whole fleet: what it asks for, how long it takes, and what it holds in memory. */
export const reconcilePass: Row = {
  name: "reconcile",
  title: "Reconcile of 10,000 keys",
  async measure({ rounds, progress }) {
    const measured: PassMeasured[] = [];
    for (const size of SIZES) {
      progress(`${countText(size)} keys`);
      measured.push(await measurePasses({ size, retiring: 0, showsRevoked: true }, rounds));
    }
    const largest = measured.find(({ size }) => size === LARGEST) as PassMeasured;
    progress("a vendor that hides revoked keys");
    const hiding = await measurePasses({ size: LARGEST, retiring: 0, showsRevoked: false }, 1);
    progress(`${RETIRING} retirements`);
    const busy = await measurePasses({ size: LARGEST, retiring: RETIRING, showsRevoked: true }, 1);
    const perRetirement = (sum(busy.first) - sum(largest.first)) / RETIRING;
    return {
      figures: [
        callsFigure("calls of a pass over 10,000 keys, nothing changed", largest, largest.further),
        callsFigure("the same, of a vendor whose list hides revoked keys", hiding, hiding.further),
        told(
          "the same, the first pass of a container",
          callsText(sum(hiding.first)),
          "each former generation's value is read once in a container: a value never changes, and its key id is all that tells that its key is gone",
        ),
        atMost({
          what: "calls for each retirement in a pass",
          value: perRetirement,
          atMost: CALLS_A_RETIREMENT,
          text: callsText,
          reason:
            "both values before the decision; the successor's value, and a try of it; the secret, both values, its mark and the secret again before the revocation; the revocation; the secret after it, since a person may have moved AWSCURRENT back meanwhile; two tries of the value, and what the pass asks for all of them: two tries of the admin key, and a list",
        }),
        atMost({
          what: "memory of a pass over 10,000 keys",
          value: largest.peakBytes,
          atMost: MOST_BYTES,
          text: megabytesText,
        }),
        told("time of a pass over 10,000 keys, against stand-ins on loopback", secondsText(largest.durationMs)),
        atMost({
          what: "processor time of a key, from 1,000 to 10,000 keys beside from 100 to 1,000",
          value: growth(measured.map(({ size, processorMs }) => ({ size, cost: processorMs }))),
          atMost: MOST_GROWTH,
          text: times,
        }),
      ],
      details: [
        {
          title: "A pass of reconcile by the size of the fleet",
          head: ["keys", "time", "processor time", "memory at its peak", "calls"],
          rows: measured.map(sizeRow),
        },
      ],
    };
  },
};
