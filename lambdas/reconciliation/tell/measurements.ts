import { CURRENT, versionWith } from "../../contracts/labels.ts";
import { type Measurement, VALUES_PER_LINE } from "../../contracts/metrics.ts";
import type { Life } from "../decide/finding.ts";
import type { Observation, ObservedKey } from "../observe/observation.ts";
import type { Scope } from "../observe/version.ts";

/** The values of one line; none: nothing is known. */
export type Measured = Readonly<Partial<Record<Measurement, readonly number[]>>>;

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

interface Gathered {
  readonly observation: Observation;
  readonly livesOf: ReadonlyMap<string, readonly Life[]>;
}

const ofKey = ({ observation, livesOf }: Gathered, { secret, adoption }: ObservedKey): Measured => {
  const { nowMs } = observation;
  const lives = livesOf.get(secret.arn) ?? [];
  const currentId = versionWith(secret.stages, CURRENT);
  const current = lives.find(({ versionId }) => versionId === currentId);
  const bornMs = current?.createdAtMs;
  const lagSinceMs = adoption && !adoption.adopted ? adoption.sinceMs : undefined;
  const lagMs = adoption?.adopted ? 0 : lagSinceMs === undefined ? undefined : nowMs - lagSinceMs;
  return {
    keyAge: bornMs === undefined ? [] : [(nowMs - bornMs) / SECOND_MS],
    daysToRotation: secret.nextRotationAtMs === undefined ? [] : [(secret.nextRotationAtMs - nowMs) / DAY_MS],
    liveGenerations: [lives.length],
    adoptionLag: lagMs === undefined ? [] : [lagMs / SECOND_MS],
  };
};

const PER_KEY = ["keyAge", "daysToRotation", "liveGenerations", "adoptionLag"] as const;

const together = (all: readonly Measured[]): Measured =>
  Object.fromEntries(PER_KEY.map((name) => [name, all.flatMap((one) => one[name] ?? [])]));

const isDebt = ({ state }: Life): boolean => state === "due" || state === "blocked";

const grouped = <Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> => {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
};

/**
 * The measurements of each connection that was listed, in lines of at most 100 keys: a fleet of 10,000 keys is 100 lines a
 * listing, about 100 an hour.
 * @param slotsLeft by connection, where its plan has a limit
 * @param scope whose keys are measured @default all; the connection of its strays alone has what is of the whole connection
 */
export const measure = (
  observation: Observation,
  lives: readonly Life[],
  slotsLeft: (connection: string) => number | undefined,
  scope?: Scope,
): ReadonlyMap<string, readonly Measured[]> => {
  const livesOf = grouped(lives, ({ secretId = "" }) => secretId);
  const measured = observation.keys.filter(({ secret }) => scope?.secretIds.has(secret.arn) ?? true);
  const keysOf = grouped(measured, ({ declaration }) => declaration.connection);
  const debtOf = grouped(lives.filter(isDebt), ({ connection }) => connection);
  return new Map(
    [...observation.vendors.keys()].map((connection) => {
      const keys = keysOf.get(connection) ?? [];
      const left = slotsLeft(connection);
      const isWhole = scope === undefined || scope.speaksFor === connection;
      const whole: Measured = isWhole
        ? { debt: [debtOf.get(connection)?.length ?? 0], ...(left === undefined ? {} : { slotsLeft: [left] }) }
        : {};
      const lines: Measured[] = [];
      for (let from = 0; from < keys.length; from += VALUES_PER_LINE) {
        const part = keys.slice(from, from + VALUES_PER_LINE);
        lines.push(together(part.map((key) => ofKey({ observation, livesOf }, key))));
      }
      const [first = {}, ...rest] = lines;
      return [connection, [{ ...first, ...whole }, ...rest]];
    }),
  );
};
