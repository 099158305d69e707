import { drawOne, type Family } from "../family.ts";
import { watchMints } from "../promises/mints.ts";
import type { Life } from "../stage/life.ts";
import { answerAlarms } from "../stage/on-call.ts";
import { HOUR_MS, LOOKS_TO_REST } from "../stage/settings.ts";
import type { VendorName } from "../stage/vendors.ts";
import type { TwistKind } from "../twist.ts";
import { VARIANTS } from "./variants.ts";

const fitting = (vendor: string): readonly string[] =>
  Object.entries(VARIANTS).flatMap(([name, variant]) => (variant[vendor as VendorName] ? [name] : []));

const textOf = (name: string): string => `vendor-kind=${name}`;

/** While a person is waited for, each pass asks again: six for a key, and two keys may be left. */
const LOOKS_WITH_PEOPLE = LOOKS_TO_REST + 2 * 6;

/** The hourly look finds a key that is listed otherwise: so long it would be replaced each time. */
const WORDED_MS = 5 * HOUR_MS;
/** What a chapter asks for itself, and what shows that a replacement is listed otherwise, too: at most once for each declaration. */
const MINTS_WORDED = 4;

/** `vendor-kind=<variant>`: the vendor is as another document has it, for the whole life. */
export const vendorKindTwist: TwistKind = (name) => {
  const variant = VARIANTS[name];
  if (!variant)
    throw new Error(`there is no variant "${name}" of a vendor; there are ${Object.keys(VARIANTS).join(", ")}`);
  const { hidesUse = false, wordsAccess = false, needsPeople, longestLifeMs, moreSlots } = variant;
  let isWatched = !wordsAccess;
  const watch = async (life: Life): Promise<void> => {
    await watchMints(life.stage, WORDED_MS, MINTS_WORDED);
    isWatched = true;
  };
  return {
    variant,
    isOver: () => isWatched,
    ...(needsPeople ? { looksToRest: LOOKS_WITH_PEOPLE } : {}),
    ...(longestLifeMs === undefined ? {} : { longestLifeMs }),
    ...(moreSlots === undefined ? {} : { moreSlots }),
    begin(life) {
      life.witness.exceptions.hidesUse ||= hidesUse;
      life.witness.exceptions.wordsAccess ||= wordsAccess;
      if (wordsAccess) void watch(life);
      if (needsPeople) answerAlarms(life);
    },
  };
};

/** The vendor is not quite what we take it for: what no document says for sure is otherwise. */
export const vendorKinds: Family = {
  name: "vendor kinds",
  what: "the vendor is as another document has it",
  inFull: ({ chapter, vendor, twists }) =>
    fitting(vendor).map((name) => ({ chapter, vendor, twists: [...twists, textOf(name)] })),
  draw: ({ vendor }, random) => ({ twist: textOf(drawOne(fitting(vendor), random)) }),
};
