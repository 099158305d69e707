/** One row of a covering array: for each factor the number of the value it has, from 0. */
export type Row = readonly number[];

/** A value of a factor. */
type Cell = readonly [factor: number, value: number];

const pairText = ([a, x]: Cell, [b, y]: Cell): string => (a < b ? `${a}:${x} ${b}:${y}` : `${b}:${y} ${a}:${x}`);

const cellsOf = (sizes: readonly number[]): readonly Cell[] =>
  sizes.flatMap((size, factor) => Array.from({ length: size }, (_, value): Cell => [factor, value]));

/** Every pair of values of two factors, in a fixed order. */
const allPairs = (sizes: readonly number[]): Map<string, readonly [Cell, Cell]> => {
  const cells = cellsOf(sizes);
  return new Map(
    cells.flatMap((one) =>
      cells.filter(([factor]) => factor > one[0]).map((other) => [pairText(one, other), [one, other]] as const),
    ),
  );
};

const first = <Of>(all: Iterable<Of>): Of | undefined => {
  for (const one of all) return one;
  return undefined;
};

/** The value that brings most pairs that no row has yet together with those chosen; of equal ones the first. */
const bestValue = (factor: number, size: number, chosen: readonly Cell[], left: ReadonlyMap<string, unknown>): Cell => {
  const gain = (cell: Cell) => chosen.filter((other) => left.has(pairText(cell, other))).length;
  const all = Array.from({ length: size }, (_, value): Cell => [factor, value]);
  return all.reduce((best, cell) => (gain(cell) > gain(best) ? cell : best));
};

/** A row with a given pair; the other factors get what covers most, one after the other. */
const rowWith = (pair: readonly [Cell, Cell], sizes: readonly number[], left: ReadonlyMap<string, unknown>): Row => {
  const chosen: Cell[] = [...pair];
  for (const [factor, size] of sizes.entries())
    if (!pair.some(([taken]) => taken === factor)) chosen.push(bestValue(factor, size, chosen, left));
  return chosen.toSorted(([a], [b]) => a - b).map(([, value]) => value);
};

/**
 * Rows in which every value of each factor meets every value of each other one at least once. Greedy, and always the same for
 * the same sizes: each row begins with a pair that none has yet.
 * @param sizes how many values each factor has; two factors or more
 */
export const coveringArray = (sizes: readonly number[]): readonly Row[] => {
  const left = allPairs(sizes);
  const rows: Row[] = [];
  for (let next = first(left.values()); next; next = first(left.values())) {
    const row = rowWith(next, sizes, left);
    rows.push(row);
    const cells = row.map((value, factor): Cell => [factor, value]);
    for (const one of cells) for (const other of cells) if (one[0] < other[0]) left.delete(pairText(one, other));
  }
  return rows;
};
