import { KEY_PROTOCOL } from "../../lambdas/contracts/key-facts.ts";
import type { Effect } from "../effects/effect.ts";
import type { Family } from "../family.ts";
import { watchRepairs } from "../promises/repair.ts";
import { watchRequests } from "../promises/requests.ts";
import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { DAY_MS, HOUR_MS } from "../stage/settings.ts";
import { BASE_URLS } from "../stage/vendors.ts";
import type { TwistKind } from "../twist.ts";

/*
 * A Free plan on which somebody plans 200 times a day: each plan lists the keys of the service and describes one. Other people's scripts use the
 * admin key, too.
 */
const PLANS_PER_DAY = 200;
const EVERY_MS = DAY_MS / PLANS_PER_DAY;

/** Pictify's Free plan, with the slots that a rotation needs. */
const LIMIT = { requestsPerMinute: 60, requestsPerDay: 1_000 };
/** A tenth of it, which is what reconcile may take, and is left to what is urgent. */
const RESERVE = LIMIT.requestsPerDay / 10;

/**
 * Of the day's limit the vendor tells nothing as long as less is left of the minute's: so few are left when it does, a plan's own four
 * requests and those of others in that minute apart.
 */
const SHOWN = LIMIT.requestsPerMinute - 10;

/** Once an hour a plan asks how much is left; a listing that has begun is read to its end. */
const TO_LEARN = 2;

/** When in its day the limit is used up but for the reserve, at the latest; somebody revokes the current key then. */
const SHORT_MS = 23 * HOUR_MS;

/** The first whole day of the limit, and what follows: who waited for the next one has it. */
const LASTS_MS = 2 * DAY_MS + 6 * HOUR_MS;

const OTHERS = ["0", "500"] as const;

const textOf = (others: string): string => `plans=${others}`;

const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);
const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);

/** What is left of the limit of the admin key, which counts by the UTC day. */
const watchLimit = ({ stage: { simulator, clock } }: Life) => {
  const used = (): number => simulator.keys().find(({ id }) => id === simulator.adminKeyId)?.requests ?? 0;
  let day = dayOf(clock.now());
  let before = used();
  return (): number => {
    if (dayOf(clock.now()) !== day) [day, before] = [dayOf(clock.now()), used()];
    return LIMIT.requestsPerDay - (used() - before);
  };
};

/** Sees that plans leave the reserve alone. */
const watchReserve = (life: Life) => {
  const left = watchLimit(life);
  const taken = new Map<number, number>();
  return {
    left,
    note({ by, connection, atMs }: Effect): void {
      if (by === "inspect" && connection === "own" && left() <= SHOWN)
        taken.set(hourOf(atMs), (taken.get(hourOf(atMs)) ?? 0) + 1);
    },
    judge(): void {
      for (const count of taken.values())
        if (count > TO_LEARN)
          life.stage.trace.violation(
            "a plan never takes the reserve",
            `plans took ${count} of the last ${SHOWN} requests of a day within an hour, which are for what is urgent`,
          );
    },
  };
};

const planAgainAndAgain = async ({ stage }: Life, untilMs: number): Promise<void> => {
  const { clock, invoke, trace } = stage;
  const look = async (question: object): Promise<void> => {
    const { error } = await invoke("inspect", { protocol: KEY_PROTOCOL.newest, ...question });
    if (error !== undefined) trace.violation("a plan never fails for another one's limit", error);
  };
  while (clock.now() < untilMs) {
    await look({ action: "list" });
    await look({ action: "describe", secretId: SECRET_NAME });
    await clock.sleep(EVERY_MS);
  }
};

const useAdminKey = async ({ stage }: Life, perDay: number, untilMs: number): Promise<void> => {
  const { clock, simulator, vendor } = stage;
  const headers = { Authorization: `Bearer ${simulator.adminKey}` };
  while (perDay > 0 && clock.now() < untilMs) {
    await simulator.fetch(new Request(`${BASE_URLS[vendor]}/api-keys`, { headers }));
    await clock.sleep(DAY_MS / perDay);
  }
};

/** A person revokes the current key while the limit is nearly used up. */
const revokeCurrent = async ({ stage, witness }: Life): Promise<void> => {
  const { clock, simulator, trace } = stage;
  await clock.sleep((dayOf(clock.now()) + 1) * DAY_MS + SHORT_MS - clock.now());
  const keyId = witness.currentKeyId;
  if (keyId === undefined) return;
  witness.exceptions.revokedByHand.set(keyId, clock.now());
  trace.tell(`a person revokes ${keyId} at the vendor`);
  simulator.revokeKey(keyId);
  await witness.observe();
};

/** `plans=<others>`: 200 plans a day on a Free plan, of whose limit other people's scripts take so many requests a day. */
export const plansTwist: TwistKind = (argument) => {
  const others = OTHERS.find((one) => one === argument);
  if (others === undefined)
    throw new Error(`"${argument}" is no number of other people's requests; there are ${OTHERS.join(", ")}`);
  let watched: readonly { note(effect: Effect): void; judge(): void }[] = [];
  let isOver = false;
  const run = async (life: Life): Promise<void> => {
    const untilMs = life.stage.clock.now() + LASTS_MS;
    await Promise.all([
      planAgainAndAgain(life, untilMs),
      useAdminKey(life, Number(others), untilMs),
      revokeCurrent(life),
    ]);
    isOver = true;
  };
  return {
    variant: {
      connection: { plan: "free", reconcileRequestsPerDay: RESERVE },
      pictify: { rateLimit: LIMIT },
    },
    longestLifeMs: 3 * DAY_MS,
    begin(life) {
      watched = [watchRequests(life, RESERVE), watchReserve(life), watchRepairs(life)];
      void run(life);
    },
    beforeEffect(effect) {
      for (const one of watched) one.note(effect);
    },
    isOver: () => isOver,
    judge() {
      for (const one of watched) one.judge();
    },
  };
};

const CHAPTERS: ReadonlySet<string> = new Set([
  "first-key",
  "rotation",
  "rename",
  "role-change",
  "compromise",
  "distributed-rotation",
]);

/** Pictograph's limits are by the hour, and no plan of it has fewer than a thousand. */
const fits = (chapter: string, vendor: string): boolean => CHAPTERS.has(chapter) && vendor === "pictify";

/** Plans take what is left of a vendor's limit, and no more. */
export const plans: Family = {
  name: "plans",
  what: "200 plans a day on a Free plan, beside other people's use of its limit",
  inFull: ({ chapter, vendor, twists }) =>
    fits(chapter, vendor) ? OTHERS.map((others) => ({ chapter, vendor, twists: [...twists, textOf(others)] })) : [],
  // It counts what is left of a limit, to which all that makes a life harder adds.
  draw: () => undefined,
};
