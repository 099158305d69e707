import { ACTS } from "../beside/acts.ts";
import { besideText } from "../beside/beside.ts";
import { placesOf } from "../beside/places.ts";
import type { Recorded } from "../effects/recorded.ts";
import { drawOne, type Family } from "../family.ts";
import type { LifeName } from "../life-name.ts";
import type { Life } from "../stage/life.ts";
import { LOOKS_TO_REST, MINUTE_MS, RECONCILE_MS } from "../stage/settings.ts";
import { isVendor, VENDOR_NAMES, type VendorName } from "../stage/vendors.ts";
import type { TwistKind } from "../twist.ts";
import { declareOther, deployOther } from "./declare.ts";
import { isTrouble, TROUBLES } from "./trouble.ts";

const textOf = (vendor: VendorName, trouble: string): string => `other=${vendor}:${trouble}`;

/** The old generation of the other connection's key is decided on once, and what was decided looked at. */
const LOOKS_AT_OTHER = 6;

/** Measurements are written for a connection whenever it was listed. */
const listedAtMs = (line: string, connection: string): number | undefined => {
  const written: { Connection?: unknown; _aws?: { Timestamp: number } } = JSON.parse(line);
  return written.Connection === connection ? written._aws?.Timestamp : undefined;
};

const toldAtMs = (line: string, keyId: string): number | undefined => {
  const said: { action?: unknown; keyId?: unknown; timestamp?: string } = JSON.parse(line);
  return said.action === "key.dead" && said.keyId === keyId ? Date.parse(said.timestamp ?? "") : undefined;
};

/** A pass that was under way when a key was revoked may have listed it before. */
const UNDER_WAY_MS = 2 * MINUTE_MS;

/** The key that was current at a moment. */
const currentAt = (currentSince: ReadonlyMap<string, number>, atMs: number): string | undefined =>
  [...currentSince].findLast(([, sinceMs]) => sinceMs <= atMs)?.[0];

/**
 * A key that a person revoked while it was current is told in the pass that lists its vendor next, and replaced before the third one
 * after that, whatever another connection does.
 */
const lateRepair = ({ stage, witness }: Life, currentSince: ReadonlyMap<string, number>): string | undefined => {
  if (stage.killedAt() !== undefined) return undefined;
  const lines = stage.seen.filter((line) => line.startsWith("{"));
  for (const [keyId, revokedMs] of witness.exceptions.revokedByHand) {
    if (keyId !== currentAt(currentSince, revokedMs) || witness.exceptions.revokedUnseen.has(keyId)) continue;
    const seenMs = lines
      .flatMap((line) => listedAtMs(line, stage.vendor) ?? [])
      .find((ms) => ms > revokedMs + UNDER_WAY_MS);
    const replacedMs = [...currentSince.values()].find((ms) => ms > revokedMs);
    if (seenMs === undefined || (replacedMs !== undefined && replacedMs <= seenMs)) continue;
    const told = lines.flatMap((line) => toldAtMs(line, keyId) ?? []).some((ms) => ms <= seenMs + RECONCILE_MS);
    if (!told) return `${keyId} is dead, and the pass that listed its vendor did not tell`;
    if (replacedMs === undefined || replacedMs > seenMs + 3 * RECONCILE_MS)
      return `${keyId} is dead, and was not replaced before the third pass`;
  }
  return undefined;
};

/** `other=<vendor>:<trouble>`: the service has a second connection, which is in trouble for the whole life. */
export const otherConnectionTwist: TwistKind = (argument) => {
  const [vendor = "", trouble = ""] = argument.split(":");
  if (!isVendor(vendor) || !isTrouble(trouble))
    throw new Error(
      `"${argument}" is no other connection; write other=<vendor>:<trouble> with ${VENDOR_NAMES.join(", ")} and ${Object.keys(TROUBLES).join(", ")}`,
    );
  const currentSince = new Map<string, number>();
  let life: Life | undefined;
  const note = (): void => {
    const keyId = life?.witness.currentKeyId;
    if (life && keyId !== undefined && !currentSince.has(keyId)) currentSince.set(keyId, life.stage.clock.now());
  };
  return {
    other: { vendor, trouble },
    looksToRest: LOOKS_TO_REST + LOOKS_AT_OTHER,
    async begin(begun) {
      life = begun;
      note();
      const { other } = begun.stage;
      if (!other) return;
      await declareOther(begun.stage, other);
      void deployOther(begun.stage);
    },
    beforeEffect: note,
    failure() {
      note();
      return life && lateRepair(life, currentSince);
    },
  };
};

/** Where a person revokes the current key meanwhile. */
const DEATHS = 2;

const deathsIn = (recorded: Recorded): readonly string[] => {
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
