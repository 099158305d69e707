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

/** The vendor is hostile at a call: does it and does not say so, says so and does not do it, is late, lies, or is not there. */
export const hostileVendor: Family = {
  name: "hostile vendor",
  what: "the vendor is hostile to a call",
  inFull: (recorded) =>
    vendorEffects(recorded).flatMap((effect) =>
      faultsAt(effect).map((name) => ({
        chapter: recorded.chapter,
        vendor: recorded.vendor,
        twists: [...recorded.twists, hostileVendorText(effect.number, name, "1")],
      })),
    ),
  draw(recorded, random) {
    const effects = vendorEffects(recorded);
    if (effects.length === 0) return undefined;
    const effect = drawOne(effects, random);
    return { twist: hostileVendorText(effect.number, drawOne(faultsAt(effect), random), drawOne(LASTING, random)) };
  },
};
