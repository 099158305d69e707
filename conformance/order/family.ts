import type { Family } from "../family.ts";
import { orderText } from "./order.ts";

const SEEDS = 1_000_000;

/** Which of the calls that wait is made next, is drawn: to be met with something that makes calls wait. */
export const orders: Family = {
  name: "orders",
  what: "calls of one moment are made in a drawn order",
  inFull: ({ chapter, vendor, twists }) => [{ chapter, vendor, twists: [...twists, orderText(1)] }],
  draw: (_, random) => ({ twist: orderText(1 + Math.floor(random() * SEEDS)) }),
};
