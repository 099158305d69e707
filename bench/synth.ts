import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runNode, withFolder } from "./child-process.ts";
import { growth, median } from "./rounds.ts";
import { atMost, type Figure, type Row, told } from "./row.ts";
import { countText, kilobytesText, megabytesText, secondsText, times } from "./texts.ts";

const SIZES = [10, 100, 1_000] as const;
const LARGEST = 1_000;
const MOST = 1.5;
/** Per key from 100 to 1,000 beside that from 10 to 100: what noise may add to 1, which is linear. */
const MOST_GROWTH = 1.3;

type Kind = "ours" | "bare";

interface Synthesized {
  readonly durationMs: number;
  readonly peakBytes: number;
  /** Of the stack's JSON. */
  readonly bytes: number;
  readonly resources: number;
  readonly zips: number;
}

const zipsIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".zip")).length;

/** Synthesizes once, in a process of its own. */
export const synthesizeOnce = (kind: Kind, size: number): Promise<Synthesized> =>
  withFolder(async (folder) => {
    const script = join(import.meta.dirname, "synth-process.ts");
    const one = await runNode<Omit<Synthesized, "zips">>(["--import", "tsx/esm", script, kind, String(size), folder]);
    return { ...one, zips: zipsIn(folder) };
  });

interface Compared {
  readonly size: number;
  readonly ours: Synthesized;
  readonly bare: Synthesized;
}

const middle = (all: readonly Synthesized[]): Synthesized => {
  const [first] = all;
  if (!first) throw new RangeError("nothing was synthesized");
  const of = (name: "durationMs" | "peakBytes") => median(all.map((one) => one[name]));
  return { ...first, durationMs: of("durationMs"), peakBytes: of("peakBytes") };
};

const compare = async (size: number, rounds: number): Promise<Compared> => {
  const all: Record<Kind, Synthesized[]> = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round++)
    for (const kind of round % 2 === 0 ? (["ours", "bare"] as const) : (["bare", "ours"] as const))
      all[kind].push(await synthesizeOnce(kind, size));
  return { size, ours: middle(all.ours), bare: middle(all.bare) };
};

const ratioFigure = (
  what: string,
  one: Compared,
  of: "durationMs" | "peakBytes",
  text: (value: number) => string,
): Figure =>
  atMost({
    what: `${what} of ${countText(one.size)} keys, beside the same resources in bare cdktf`,
    value: one.ours[of] / one.bare[of],
    atMost: MOST,
    text: times,
    reason: `${text(one.ours[of])} and ${text(one.bare[of])}`,
  });

const bytesAKey = (measured: readonly Compared[], kind: Kind): number => {
  const [, middle, large] = measured;
  if (!middle || !large) throw new RangeError("bytes per key need three sizes");
  return (large[kind].bytes - middle[kind].bytes) / (large.size - middle.size);
};

const sizeRow = ({ size, ours, bare }: Compared): readonly string[] => [
  countText(size),
  secondsText(ours.durationMs),
  secondsText(bare.durationMs),
  megabytesText(ours.peakBytes),
  megabytesText(bare.peakBytes),
  kilobytesText(ours.bytes),
  countText(ours.zips),
];

/** What it costs to declare keys by the constructs. */
export const synth: Row = {
  name: "synth",
  title: "Synth",
  async measure({ rounds, progress }) {
    const measured: Compared[] = [];
    for (const size of SIZES) {
      progress(`${countText(size)} keys`);
      measured.push(await compare(size, rounds));
    }
    const largest = measured.find(({ size }) => size === LARGEST);
    if (!largest) throw new Error(`nothing of ${LARGEST} keys was measured`);
    return {
      figures: [
        ...measured.map((one) => ratioFigure("time", one, "durationMs", secondsText)),
        ratioFigure("memory", largest, "peakBytes", megabytesText),
        atMost({
          what: "time of a key, from 100 to 1,000 keys beside from 10 to 100",
          value: growth(measured.map(({ size, ours }) => ({ size, cost: ours.durationMs }))),
          atMost: MOST_GROWTH,
          text: times,
        }),
        told(
          "bytes of a key in the synthesized stack",
          `${bytesAKey(measured, "ours").toFixed(0)} bytes`,
          `${bytesAKey(measured, "bare").toFixed(0)} in bare cdktf`,
        ),
        atMost({
          what: "zips for 1,000 keys: one for each function",
          value: largest.ours.zips,
          atMost: largest.bare.zips,
          text: countText,
        }),
      ],
      details: [
        {
          title: "Synth by the number of keys",
          head: ["keys", "time", "bare", "memory", "bare", "the stack's JSON", "zips"],
          rows: measured.map(sizeRow),
        },
      ],
    };
  },
};
