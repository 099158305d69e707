import { drawOne, type Family } from "../family.ts";
import { declareOther } from "../other-connection/declare.ts";
import { isTrouble, TROUBLES, type TroubleName } from "../other-connection/trouble.ts";
import { watchRequests } from "../promises/requests.ts";
import type { Life } from "../stage/life.ts";
import { DAY_MS, HOUR_MS, LOOKS_TO_REST, REQUESTS_PER_DAY } from "../stage/settings.ts";
import { isVendor, VENDOR_NAMES } from "../stage/vendors.ts";
import type { TwistKind } from "../twist.ts";

/** How long the trouble lasts, which begins an hour after the chapter at the latest. */
const TROUBLE_MS = 20 * HOUR_MS;

const WHOSE = ["own", ...VENDOR_NAMES] as const;

const textOf = (whose: string, trouble: string): string => `day=${whose}:${trouble}`;

/** What is left when the trouble ends: both connections have something to retire. */
const LOOKS_AFTERWARDS = LOOKS_TO_REST + 8;

/** The moment from which the old key is to go. */
const PROMOTION = "UpdateSecretVersionStage +AWSCURRENT";

/** `day=<own|vendor>:<trouble>`: the life's own connection, or another one to that vendor, is in trouble for most of a day. */
export const dayTwist: TwistKind = (argument) => {
  const [whose = "", trouble = ""] = argument.split(":");
  if (!(whose === "own" || isVendor(whose)) || !isTrouble(trouble))
    throw new Error(
      `"${argument}" is no day; write day=<whose>:<trouble> with ${WHOSE.join(", ")} and ${Object.keys(TROUBLES).join(", ")}`,
    );
  let requests: ReturnType<typeof watchRequests> | undefined;
  let state: "quiet" | "in trouble" | "over" = "quiet";
  const beInTrouble = async ({ stage: { troubles, clock, trace } }: Life): Promise<void> => {
    if (state !== "quiet") return;
    state = "in trouble";
    const found = troubles.own ?? troubles.other;
    if (!found) throw new Error("nothing is the matter with it");
    found.isOn = true;
    trace.tell(`a connection ${TROUBLES[trouble].what}`);
    await clock.sleep(TROUBLE_MS);
    found.isOn = false;
    trace.tell("and is well again");
    state = "over";
  };
  return {
    ...(whose === "own" ? { trouble } : { other: { vendor: whose, trouble } }),
    looksToRest: LOOKS_AFTERWARDS,
    longestLifeMs: 2 * DAY_MS,
    async begin(life) {
      requests = watchRequests(life, REQUESTS_PER_DAY);
      const { other, clock } = life.stage;
      if (other) await declareOther(life.stage, other);
      if (other) void beInTrouble(life);
      else void clock.sleep(HOUR_MS).then(() => beInTrouble(life));
    },
    beforeEffect(effect, life) {
      requests?.note(effect);
      if (whose === "own" && effect.name === PROMOTION) void beInTrouble(life);
    },
    isOver: () => state === "over",
    judge: () => requests?.judge(),
  };
};

/** Where something is to go: replaced by schedule, and compromised. */
const CHAPTERS: ReadonlySet<string> = new Set(["rotation", "role-change", "distributed-rotation"]);

const LIVES: readonly (readonly [string, TroubleName])[] = WHOSE.flatMap((whose) =>
  (Object.keys(TROUBLES) as TroubleName[]).map((trouble) => [whose, trouble] as const),
);

/** What a connection in trouble is asked in a day stays within its budget. */
export const days: Family = {
  name: "days in trouble",
  what: "a connection is in trouble for most of a day, and what it is asked counted",
  inFull: ({ chapter, vendor, twists }) =>
    CHAPTERS.has(chapter)
      ? LIVES.map(([whose, trouble]) => ({ chapter, vendor, twists: [...twists, textOf(whose, trouble)] }))
      : [],
  draw: ({ chapter }, random) => (CHAPTERS.has(chapter) ? { twist: textOf(...drawOne(LIVES, random)) } : undefined),
};
