import { daysUntilRotation, defaultSpreadDays } from "../constructs/rotation-spread.ts";
import { SERVICE } from "./declared.ts";
import {
  createFleetAccount,
  type FleetAccountOptions,
  type FleetCounts,
  PROPAGATION_MS,
  REQUESTS_A_MINUTE,
} from "./fleet-account.ts";
import { atMost, type Figure, type Row, told } from "./row.ts";
import { countText, minutesText, times } from "./texts.ts";

const SIZE = 1_000;
const PERIOD_DAYS = 90;
const MOST_OF_FLOOR = 1.1;
const MINUTE_MS = 60_000;
/** AWS's longest. */
const LONGEST_FUNCTION_MS = 900_000;
const KEYS_A_PAGE = 100;

export interface FleetMeasured {
  readonly due: number;
  readonly durationMs: number;
  readonly floorMs: number;
  readonly counts: FleetCounts;
}

/**
 * The requests of one listing of so many keys: the plain one, all by the hundred where that shows pages, and one that brings nothing
 * new.
 */
export const requestsOfListing = (keys: number, pages: boolean): number =>
  pages && keys > 20 ? 2 + Math.ceil(keys / KEYS_A_PAGE) : 2;

/**
 * What the vendor forces: every rotation lists all keys that there are by then and creates one, so many requests a minute, and
 * the last key has to become known before it can be verified.
 */
export const floorMs = (size: number, due: number, pages: boolean): number => {
  const requests = Array.from({ length: due }, (_, done) => requestsOfListing(1 + size + done, pages) + 1);
  const all = requests.reduce((sum, one) => sum + one, 0);
  return Math.floor((all - 1) / REQUESTS_A_MINUTE) * MINUTE_MS + PROPAGATION_MS;
};

/** Lets so many keys of a fleet fall due at one moment. Virtual time. */
export const measureFleet = async (due: number, options: FleetAccountOptions): Promise<FleetMeasured> => {
  const account = await createFleetAccount(options);
  try {
    const durationMs = await account.rotateAtOnce(due);
    return { due, durationMs, floorMs: floorMs(options.size, due, options.pages), counts: account.counts };
  } finally {
    account.close();
  }
};

/** The keys that fall due on the fullest day, when all were deployed on one. */
export const fullestDay = (size: number): number => {
  const days = new Map<number, number>();
  for (let index = 0; index < size; index++) {
    const key = { service: SERVICE, name: `key-${index}` };
    const day = daysUntilRotation(key, PERIOD_DAYS, defaultSpreadDays(PERIOD_DAYS));
    days.set(day, (days.get(day) ?? 0) + 1);
  }
  return Math.max(...days.values());
};

const failuresText = ({ failures }: FleetCounts): string =>
  Object.entries(failures)
    .map(([name, count]) => `${countText(count)} ${name}`)
    .join(", ");

const failed = ({ counts }: FleetMeasured): number => Object.values(counts.failures).reduce((sum, one) => sum + one, 0);

const timeFigure = (what: string, { durationMs, floorMs: floor }: FleetMeasured, reason = ""): Figure =>
  atMost({
    what: `${what}: time beside what the vendor's limit forces`,
    value: durationMs / floor,
    atMost: MOST_OF_FLOOR,
    text: times,
    reason: `${minutesText(durationMs)} and ${minutesText(floor)}${reason}`,
  });

const refusedFigure = (what: string, { due, counts }: FleetMeasured): Figure => {
  const most = Math.max(0, ...counts.refusedByMinute.values());
  return atMost({
    what: `${what}: most answers with 429 in a minute, a rotation`,
    value: most / due,
    atMost: 1,
    text: (value) => value.toFixed(2),
    reason: `${countText(counts.refused)} in all; whoever waits asks once a minute at most`,
  });
};

const repeatedFigure = (what: string, one: FleetMeasured, floorReason: string): Figure =>
  atMost({
    what: `${what}: tries that AWS had to repeat`,
    value: failed(one),
    atMost: 0,
    text: countText,
    reason: `${failuresText(one.counts)}: ${floorReason}`,
    explainsMiss: true,
  });

const WHY_REPEATED =
  "the queue is longer than the function's 5 minutes, which are not made longer since a lost value counts as lost only after the longest run; AWS's retry brings each of them to its end";

const tableRow = (name: string, one: FleetMeasured): readonly string[] => [
  name,
  countText(one.due),
  minutesText(one.durationMs),
  minutesText(one.floorMs),
  countText(one.counts.refused),
  countText(failed(one)),
  countText(one.counts.throttled),
  countText(one.counts.mostRunsAtOnce),
];

/** A fleet whose keys are due at once, and the same fleet with its due dates spread. */
export const fleet: Row = {
  name: "fleet",
  title: "A fleet of 1,000 keys due at once",
  async measure({ progress }) {
    const due = fullestDay(SIZE);
    progress(`${SIZE} keys at once`);
    const all = await measureFleet(SIZE, { size: SIZE, pages: false });
    progress(`${SIZE} keys at once, functions of 15 minutes`);
    const longer = await measureFleet(SIZE, { size: SIZE, pages: false, timeoutMs: LONGEST_FUNCTION_MS });
    progress(`${due} of ${SIZE} keys on the fullest day`);
    const spread = await measureFleet(due, { size: SIZE, pages: false });
    progress("the same, of a vendor that lists by pages");
    const paged = await measureFleet(due, { size: SIZE, pages: true });
    const [whole, day, byPages] = ["1,000 keys at once", "the fullest day of the spread", "the same, listed by pages"];
    return {
      figures: [
        timeFigure(whole, all),
        refusedFigure(whole, all),
        repeatedFigure(whole, all, WHY_REPEATED),
        told(
          `${whole}, with functions of 15 minutes: tries that AWS had to repeat`,
          countText(failed(longer)),
          `${minutesText(longer.durationMs)}: ${times(longer.durationMs / longer.floorMs)} of the floor`,
        ),
        told(
          "keys due on the fullest day, of 1,000 deployed on one day",
          countText(due),
          "90 days, less up to 9 by name",
        ),
        told(
          `${day}: time`,
          minutesText(spread.durationMs),
          "the vendor's limit forces nothing; 30 s until a key is known, and 50 writes a second at Secrets Manager",
        ),
        repeatedFigure(day, spread, "Secrets Manager takes 50 writes a second"),
        timeFigure(byPages, paged, "; each rotation lists more than 1,000 keys, 100 a page"),
        repeatedFigure(byPages, paged, WHY_REPEATED),
      ],
      details: [
        {
          title: "Rotations that are due at one moment, in virtual time",
          head: ["fleet of 1,000", "due", "time", "floor", "429", "tries repeated", "writes throttled", "runs at once"],
          rows: [
            tableRow("whole list", all),
            tableRow("whole list, functions of 15 minutes", longer),
            tableRow("whole list, the fullest day", spread),
            tableRow("list by pages, the fullest day", paged),
          ],
        },
      ],
    };
  },
};
