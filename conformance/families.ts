import { besides } from "./beside/family.ts";
import { days } from "./days/family.ts";
import type { Recorded } from "./effects/recorded.ts";
import { drawOne, type Family, type Random } from "./family.ts";
import { hostileVendor } from "./hostile-vendor/family.ts";
import { vendorKinds } from "./hostile-vendor/kinds.ts";
import { kills } from "./kills/family.ts";
import type { LifeName } from "./life-name.ts";
import { moves } from "./moves/family.ts";
import { objects } from "./objects/family.ts";
import { orders } from "./order/family.ts";
import { otherClusters } from "./other-cluster/family.ts";
import { otherConnections } from "./other-connection/family.ts";
import { overlaps } from "./overlap/family.ts";
import { plans } from "./plans/family.ts";
import { settings } from "./settings/family.ts";

/** Every way of making lives harder. */
export const FAMILIES: readonly Family[] = [
  kills,
  settings,
  hostileVendor,
  vendorKinds,
  besides,
  otherConnections,
  otherClusters,
  moves,
  days,
  plans,
  overlaps,
  objects,
  orders,
];

/** How many hardships of different kinds meet in a drawn life. */
const HARDSHIPS = 2;

/** Each of them brings a service's surroundings with it, of which a life has one. */
const SURROUNDINGS: readonly Family[] = [otherConnections, otherClusters, moves, days, plans, overlaps];

/** What these judge holds for a vendor that is as documented, and where nobody else changes the key: they meet nothing else. */
const MEETS: ReadonlyMap<Family, ReadonlySet<Family>> = new Map([
  [moves, new Set([settings, hostileVendor, orders])],
  [days, new Set([kills, settings, orders])],
  [overlaps, new Set([settings, orders])],
]);

const mayMeet = (one: Family, other: Family): boolean =>
  one !== other &&
  !(SURROUNDINGS.includes(one) && SURROUNDINGS.includes(other)) &&
  (MEETS.get(one)?.has(other) ?? true) &&
  (MEETS.get(other)?.has(one) ?? true);

const without = (families: readonly Family[], taken: Family): readonly Family[] =>
  families.filter((family) => mayMeet(taken, family));

/** A life with hardships of several families at once. Pure: the same random numbers draw the same life. */
export const drawLife = (
  recorded: readonly Recorded[],
  random: Random,
  families: readonly Family[] = FAMILIES,
): LifeName => {
  const of = drawOne(recorded, random);
  const life = { chapter: of.chapter, vendor: of.vendor, twists: [...of.twists] };
  let point: LifeName["point"];
  let left = families;
  for (let count = 0; count < HARDSHIPS && left.length > 0; count++) {
    const family = drawOne(left, random);
    left = without(left, family);
    const drawn = family.draw(of, random);
    if (drawn?.twist !== undefined) life.twists.push(drawn.twist);
    point = drawn?.point ?? point;
  }
  return point ? { ...life, point } : life;
};
