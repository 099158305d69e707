/** The middle of some numbers; of an even count the mean of the two in the middle. @throws RangeError for none */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError("there is no median of no values");
  return (low + high) / 2;
};

/** Medians of some things that were measured in turn, by their names. */
export type Medians<Name extends string> = Readonly<Record<Name, number>>;

/**
 * Measures some things in turn, again and again, so that what disturbs the machine disturbs them all. The first round warms
 * up, and does not count.
 * @param contenders by name; each returns what it measured
 */
export const alternate = async <Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Medians<Name>> => {
  const names = Object.keys(contenders) as Name[];
  const values = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++)
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await contenders[name]();
      if (round > 0) values.get(name)?.push(value);
    }
  return Object.fromEntries(names.map((name) => [name, median(values.get(name) ?? [])])) as Medians<Name>;
};

/**
 * How much more one unit costs in a large run than in a middle one, both less what the small run costs anyway: 1 is linear,
 * the square law would give about the ratio of the sizes.
 * @param costs by size, at least three
 */
export const growth = (costs: readonly { readonly size: number; readonly cost: number }[]): number => {
  const [small, middle, large] = costs.toSorted((a, b) => a.size - b.size).slice(-3);
  if (!small || !middle || !large) throw new RangeError("growth needs three sizes");
  const each = (from: typeof small, to: typeof small) => (to.cost - from.cost) / (to.size - from.size);
  return each(middle, large) / each(small, middle);
};
