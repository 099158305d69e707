/** Before the call reaches anybody, or after the other side did it and before its answer arrived. */
export const MOMENTS = ["before", "after"] as const;
export type Moment = (typeof MOMENTS)[number];

/** Whether the function's next invocation starts from nothing, or finds what its module had cached before. */
export const MODULES = ["cold", "warm"] as const;
export type Module = (typeof MODULES)[number];

/** How long the killed function stays away: every retry of it fails until then. */
export const RETRIES = ["at-once", "late", "after-overlap"] as const;
export type Retry = (typeof RETRIES)[number];

/** Where a process is killed: at the n-th effect of a chapter at a vendor. */
export interface CrashPoint {
  readonly chapter: string;
  readonly vendor: string;
  readonly effect: number;
  readonly moment: Moment;
  readonly module: Module;
  readonly retry: Retry;
  /** A second kill, so many effects after the first; always before the call. */
  readonly again?: number;
}

/** Such as `rotation/pictify/12/after/cold/late`, or with `/again-5` at its end. */
export const crashPointText = ({ chapter, vendor, effect, moment, module, retry, again }: CrashPoint): string =>
  [chapter, vendor, effect, moment, module, retry, ...(again === undefined ? [] : [`again-${again}`])].join("/");

const isOneOf = <Value extends string>(values: readonly Value[], text: string): text is Value =>
  (values as readonly string[]).includes(text);

/** Reads what `crashPointText` wrote. @throws Error that says what a crash point looks like */
export const parseCrashPoint = (text: string): CrashPoint => {
  const [chapter = "", vendor = "", number = "", moment = "", module = "", retry = "", further] = text.split("/");
  const effect = Number(number);
  const again = further === undefined ? undefined : Number(/^again-(\d+)$/.exec(further)?.[1]);
  const isWhole = Number.isInteger(effect) && effect > 0 && !Number.isNaN(again);
  if (isWhole && isOneOf(MOMENTS, moment) && isOneOf(MODULES, module) && isOneOf(RETRIES, retry))
    return { chapter, vendor, effect, moment, module, retry, ...(again === undefined ? {} : { again }) };
  throw new Error(
    `"${text}" is no crash point; one is <chapter>/<vendor>/<effect>/${MOMENTS.join("|")}/${MODULES.join("|")}/${RETRIES.join("|")}, such as rotation/pictify/12/after/cold/late`,
  );
};
