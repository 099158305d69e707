import { ACTS } from "../beside/acts.ts";
import { besideText } from "../beside/beside.ts";
import { placesOf } from "../beside/places.ts";
import type { Recorded } from "../effects/recorded.ts";
import { drawOne, type Family } from "../family.ts";
import type { LifeName } from "../life-name.ts";
import { watchRepairs } from "../promises/repair.ts";
import { LOOKS_TO_REST } from "../stage/settings.ts";
import { isVendor, VENDOR_NAMES, type VendorName } from "../stage/vendors.ts";
import type { TwistKind } from "../twist.ts";
import { declareOther, deployOther } from "./declare.ts";
import { isTrouble, TROUBLES } from "./trouble.ts";

const textOf = (vendor: VendorName, trouble: string): string => `other=${vendor}:${trouble}`;

/** The old generation of the other connection's key is decided on once, and what was decided looked at. */
const LOOKS_AT_OTHER = 6;

/** `other=<vendor>:<trouble>`: the service has a second connection, which is in trouble for the whole life. */
export const otherConnectionTwist: TwistKind = (argument) => {
  const [vendor = "", trouble = ""] = argument.split(":");
  if (!isVendor(vendor) || !isTrouble(trouble))
    throw new Error(
      `"${argument}" is no other connection; write other=<vendor>:<trouble> with ${VENDOR_NAMES.join(", ")} and ${Object.keys(TROUBLES).join(", ")}`,
    );
  let repairs: ReturnType<typeof watchRepairs> | undefined;
  return {
    other: { vendor, trouble },
    looksToRest: LOOKS_TO_REST + LOOKS_AT_OTHER,
    async begin(life) {
      repairs = watchRepairs(life);
      const { other } = life.stage;
      if (!other) return;
      await declareOther(life.stage, other);
      void deployOther(life.stage);
    },
    beforeEffect: () => repairs?.note(),
    judge: () => repairs?.judge(),
  };
};

/** Where a person revokes the current key meanwhile. */
const DEATHS = 2;

/** Twists by which a person revokes the current key, at different moments of a chapter. */
export const deathsIn = (recorded: Recorded): readonly string[] => {
  const act = ACTS["revoke-current"];
  if (!act) return [];
  const places = placesOf(recorded, act);
  const step = Math.max(1, Math.floor(places.length / DEATHS));
  return places
    .filter((_, index) => index % step === step - 1)
    .slice(0, DEATHS)
    .map(({ number }) => besideText("revoke-current", number));
};

const livesOf = (recorded: Recorded, vendor: VendorName, trouble: string): readonly LifeName[] => {
  const twist = textOf(vendor, trouble);
  const { chapter, vendor: own, twists } = recorded;
  const with_ = (...more: readonly string[]) => ({ chapter, vendor: own, twists: [...twists, twist, ...more] });
  return [with_(), ...deathsIn(recorded).map((death) => with_(death))];
};

/** What other connections are in for the whole of a life; one that only fails to revoke is a matter of its requests. */
const FOR_LONG = Object.keys(TROUBLES).filter((name) => name !== "fails-to-revoke");

/** The service has a second connection, whose vendor hangs, throttles, fails or lies. */
export const otherConnections: Family = {
  name: "other connections",
  what: "another connection of the service is in trouble all the while",
  inFull: (recorded) =>
    VENDOR_NAMES.flatMap((vendor) => FOR_LONG.flatMap((trouble) => livesOf(recorded, vendor, trouble))),
  draw: (_, random) => ({ twist: textOf(drawOne(VENDOR_NAMES, random), drawOne(Object.keys(TROUBLES), random)) }),
};
