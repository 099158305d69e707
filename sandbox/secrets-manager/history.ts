/** A state and when it began, for readers that are late. */
export interface Moment<State> {
  readonly atMs: number;
  readonly state: State;
}

/** The state that held at `atMs`, if any did. */
export const stateAt = <State>(history: readonly Moment<State>[], atMs: number): State | undefined =>
  history.findLast((moment) => moment.atMs <= atMs)?.state;

/** Appends a state and forgets what nobody who looks back as far as `fromMs` can see any more. */
export function remember<State>(
  history: readonly Moment<State>[],
  next: Moment<State>,
  fromMs: number,
): readonly Moment<State>[] {
  const firstNeeded = history.findLastIndex((moment) => moment.atMs <= fromMs);
  return [...history.slice(Math.max(0, firstNeeded)), next];
}
