import type { Operation } from "../../sandbox/vendors/hostility.ts";
import { effectsToKillAt, type Recorded } from "../effects/recorded.ts";
import { drawOne, type Family } from "../family.ts";
import type { VendorName } from "../stage/vendors.ts";
import { FAULTS, isFitting, operationAt } from "./faults.ts";
import { hostileVendorText, LASTING } from "./hostile-vendor.ts";

interface VendorEffect {
  readonly number: number;
  readonly operation: Operation;
}

/** The effects of a recorded life that are calls to the vendor. */
const vendorEffects = ({ vendor, effects }: Recorded): readonly VendorEffect[] =>
  effectsToKillAt(effects).flatMap(({ number, name }) => {
    const operation = operationAt(vendor as VendorName, name);
    return operation === undefined ? [] : [{ number, operation }];
  });

const faultsAt = ({ operation }: VendorEffect): readonly string[] =>
  Object.keys(FAULTS).filter((name) => isFitting(name, operation));

/** What a vendor is for long: whoever believes it once may be saved by the next look. */
const LONG: ReadonlySet<string> = new Set([
  "omits-all",
  "omits-some",
  "cut-short",
  "auth-store-down",
  "edge-403",
  "not-revoked",
]);

/** How many places of a life a long fault begins at. */
const PARTS = 6;

const partsOf = <Of>(all: readonly Of[]): readonly Of[] => {
  const step = Math.max(1, Math.ceil(all.length / PARTS));
  return all.filter((_, index) => index % step === 0);
};

/** The vendor is hostile at a call: does it and does not say so, says so and does not do it, is late, lies, or is not there. */
export const hostileVendor: Family = {
  name: "hostile vendor",
  what: "the vendor is hostile to a call",
  inFull(recorded) {
    const { chapter, vendor, twists } = recorded;
    const life = (text: string) => ({ chapter, vendor, twists: [...twists, text] });
    const effects = vendorEffects(recorded);
    const once = effects.flatMap((effect) =>
      faultsAt(effect).map((name) => life(hostileVendorText(effect.number, name, "1"))),
    );
    const long = partsOf(effects).flatMap((effect) =>
      faultsAt(effect)
        .filter((name) => LONG.has(name))
        .map((name) => life(hostileVendorText(effect.number, name, "hour"))),
    );
    return [...once, ...long];
  },
  draw(recorded, random) {
    const effects = vendorEffects(recorded);
    if (effects.length === 0) return undefined;
    const effect = drawOne(effects, random);
    return { twist: hostileVendorText(effect.number, drawOne(faultsAt(effect), random), drawOne(LASTING, random)) };
  },
};
