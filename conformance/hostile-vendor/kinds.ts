import { drawOne, type Family } from "../family.ts";
import { answerAlarms } from "../stage/on-call.ts";
import { LOOKS_TO_REST } from "../stage/settings.ts";
import type { VendorName } from "../stage/vendors.ts";
import type { TwistKind } from "../twist.ts";
import { VARIANTS } from "./variants.ts";

const fitting = (vendor: string): readonly string[] =>
  Object.entries(VARIANTS).flatMap(([name, variant]) => (variant[vendor as VendorName] ? [name] : []));

const textOf = (name: string): string => `vendor-kind=${name}`;

/** While a person is waited for, each pass asks again: six for a key, and two keys may be left. */
const LOOKS_WITH_PEOPLE = LOOKS_TO_REST + 2 * 6;

/** `vendor-kind=<variant>`: the vendor is as another document has it, for the whole life. */
export const vendorKindTwist: TwistKind = (name) => {
  const variant = VARIANTS[name];
  if (!variant)
    throw new Error(`there is no variant "${name}" of a vendor; there are ${Object.keys(VARIANTS).join(", ")}`);
  const { hidesUse = false, needsPeople, longestLifeMs, moreSlots } = variant;
  return {
    variant,
    ...(needsPeople ? { looksToRest: LOOKS_WITH_PEOPLE } : {}),
    ...(longestLifeMs === undefined ? {} : { longestLifeMs }),
    ...(moreSlots === undefined ? {} : { moreSlots }),
    begin(life) {
      life.witness.exceptions.hidesUse ||= hidesUse;
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
