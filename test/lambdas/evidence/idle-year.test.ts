import { describe, expect, test } from "vitest";
import { METRICS, WITHOUT_ALARM } from "../../../lambdas/contracts/metrics.ts";
import { dataPoints } from "../../cross/embedded-metrics.ts";
import { ownLabels, records, unlimited } from "../reconciliation/passes.ts";
import { answerWith } from "../rotation/begun.ts";
import { DAY_MS, mintedKeys, pictographKey, type Stand, type StandOptions } from "../stand.ts";

/*
 * A year of a fleet that nobody uses: the functions' own calls are all that the vendors see.
 */
const PASS_MS = DAY_MS;
const KEYS = 4;
/** Days 90, 180, 270 and 360, a day later for half of them where they were not all made on one day. */
const ROTATIONS = 4;
const VENDORS = ["pictify", "pictograph"] as const;

const SILENT: ReadonlySet<string> = new Set([
  METRICS.reconcileCompleted,
  ...WITHOUT_ALARM.map((name) => METRICS[name]),
]);
const WATCHED: ReadonlySet<string> = new Set(Object.values(METRICS).filter((name) => !SILENT.has(name)));

interface Year {
  readonly stand: Stand;
  readonly arns: readonly string[];
}

type Switches = NonNullable<NonNullable<StandOptions["pictify"]>["switches"]> &
  NonNullable<NonNullable<StandOptions["pictograph"]>["switches"]>;

const BY_DAY: Switches = { lastUsed: "date", pageSize: 3, revokedKeysListed: false };

const opened = (switches: Switches): Promise<Stand> =>
  unlimited({
    grants: { reconcileInterval: "PT24H" },
    pictify: { adminKeyInUse: false, switches },
    pictograph: { adminKeyInUse: false, switches },
  });

/**
 * Keys at both vendors, each rotated every 90 days, and reconcile, for a year.
 * @param days on which they were made: what is done for one of them is a call that may prove something for another
 */
const aYear = async (stand: Stand, days: 1 | 2 = 2): Promise<Year> => {
  const endMs = stand.clock.now() + 365 * DAY_MS;
  const arns: string[] = [];
  for (let n = 0; n < KEYS; n++) {
    arns.push(await stand.deploy({ name: `web-${n}` }), await stand.deploy({ ...pictographKey, name: `train-${n}` }));
    if (n === 1) await stand.clock.advance((days - 1) * DAY_MS);
  }
  while (stand.clock.now() < endMs) {
    await stand.clock.advance(PASS_MS);
    expect((await stand.invoke("reconcile", {})).error).toBeUndefined();
  }
  return { stand, arns };
};

/** The metrics that calls somebody, of those that were written. */
const alarming = (stand: Stand): readonly string[] => [
  ...new Set(
    dataPoints(stand.lines)
      .filter(({ metricName, value }) => WATCHED.has(metricName) && value > 0)
      .map(({ metricName }) => metricName),
  ),
];

const currentIds = async ({ stand, arns }: Year): Promise<readonly string[]> =>
  (await Promise.all(arns.map((arn) => stand.currentKey(arn)))).map(({ keyId }) => keyId);

const aliveAt = ({ stand }: Year, vendor: (typeof VENDORS)[number]): readonly string[] =>
  mintedKeys(stand[vendor]).map(({ id }) => id);

const madeAt = ({ stand }: Year, vendor: (typeof VENDORS)[number]): number =>
  stand[vendor].keys().filter(({ name }) => name.includes("-kt-")).length;

/** Each key was rotated at its times, and no old one is left. */
const expectDone = async (year: Year): Promise<void> => {
  const current = await currentIds(year);
  expect(VENDORS.flatMap((vendor) => aliveAt(year, vendor)).sort()).toEqual([...current].sort());
  for (const vendor of VENDORS) expect(madeAt(year, vendor)).toBe(KEYS * (1 + ROTATIONS));
  for (const arn of year.arns) expect(await ownLabels(year.stand, arn)).toEqual([]);
};

interface Shown {
  readonly id: string;
}

/** No list shows the admin keys, so that a use shows only where a function tried a key. */
const hideAdminKeys = (stand: Stand): void => {
  const hidden = new Set([stand.pictify.adminKeyId, stand.pictograph.adminKeyId]);
  const shown = (keys: readonly Shown[]) => keys.filter(({ id }) => !hidden.has(id));
  answerWith(
    stand,
    (url, { method = "GET" }) => method === "GET" && /\/api-keys\/?(\?|$)/.test(url),
    async (url, init, ask) => {
      const answer = await ask(url, init);
      if (!answer.ok) return answer;
      const body = (await answer.json()) as Record<string, readonly Shown[]>;
      const lists = ["apiKeys", "api_keys"].flatMap((name) => (body[name] ? [[name, shown(body[name])]] : []));
      return Response.json(
        { ...body, ...Object.fromEntries(lists) },
        { headers: { date: answer.headers.get("date") ?? "" } },
      );
    },
  );
};

describe("a year in which nobody uses a key raises no alarm, and every old key goes,", () => {
  test.each<[string, Switches]>([
    ["where each call counts as use", {}],
    ["where a use is told by its day, by pages of three, and revoked keys are not listed", BY_DAY],
    ["where no use is told", { lastUsed: "missing" }],
  ])("%s", async (_, switches) => {
    const year = await aYear(await opened(switches));

    expect(alarming(year.stand)).toEqual([]);
    await expectDone(year);
  });

  test("where no list shows the admin keys: each key that goes is called with twice, where its vendor takes that", async () => {
    const stand = await opened({});
    hideAdminKeys(stand);

    const year = await aYear(stand, 1);

    expect(alarming(stand)).toEqual([]);
    await expectDone(year);
    const tried = records(stand, "use.tried").map(({ connection }) => connection);
    expect(tried).toEqual(Array.from({ length: 2 * KEYS * ROTATIONS }, () => "pictograph"));
  });
});

describe("a year in which nobody uses a key, at vendors where verifications are no use,", () => {
  test("raises the one alarm that use is not understood, for the one of them that answers them with success", async () => {
    const year = await aYear(await opened({ verificationsAreUse: false, refusedCallsAreUse: false }), 1);

    expect(alarming(year.stand)).toEqual([METRICS.useNotUnderstood]);
    const told = records(year.stand, "use.not-understood");
    expect(new Set(told.map(({ connection }) => connection))).toEqual(new Set(["pictograph"]));
    expect(new Set(told.map(({ requestId }) => requestId)).size).toBe(told.length);
    const current = new Set(await currentIds(year));
    expect(aliveAt(year, "pictify").filter((id) => !current.has(id))).toEqual([]);
    for (const vendor of VENDORS) expect(madeAt(year, vendor)).toBe(KEYS * (1 + ROTATIONS));
  });
});
