import { type CrashPoint, crashPointText, parseCrashPoint } from "./kills/crash-point.ts";

/** A life as it may be asked for, and played again: its chapter and vendor, where it dies, and what else happens in it. */
export interface LifeName {
  readonly chapter: string;
  readonly vendor: string;
  readonly point?: CrashPoint;
  /** Texts of twists, in order. */
  readonly twists: readonly string[];
}

const BEFORE_TWIST = "+";

/** Such as `rotation/pictify`, `rotation/pictify/12/after/cold/late` or `rotation/pictify+setting=new-retry-token`. */
export const lifeNameText = ({ chapter, vendor, point, twists }: LifeName): string =>
  [point ? crashPointText(point) : `${chapter}/${vendor}`, ...twists].join(BEFORE_TWIST);

/** Reads what `lifeNameText` wrote. @throws Error that says what a crash point looks like */
export const parseLifeName = (text: string): LifeName => {
  const [place = "", ...twists] = text.split(BEFORE_TWIST);
  const [chapter = "", vendor = "", ...further] = place.split("/");
  if (further.length === 0 && vendor !== "") return { chapter, vendor, twists };
  return { chapter, vendor, point: parseCrashPoint(place), twists };
};
