import { randomUUID } from "node:crypto";
import { FUNCTIONS, functionName } from "../constructs/functions.ts";
import { declarationTags } from "../lambdas/contracts/declaration.ts";
import { generationOf, keyName, serviceId } from "../lambdas/contracts/key-name.ts";
import { markLabel } from "../lambdas/contracts/labels.ts";
import { secretNameOf } from "../lambdas/contracts/secret-name.ts";
import { secretValueText } from "../lambdas/contracts/secret-value.ts";
import { Redacted } from "../lambdas/redacted.ts";
import { createAccount } from "../sandbox/in-process/account.ts";
import { HANDLERS } from "../sandbox/in-process/handlers.ts";
import { createPictify } from "../sandbox/vendors/pictify.ts";
import { VirtualClock } from "../sandbox/virtual-clock.ts";
import {
  ACCESSES,
  ADMIN_SECRET,
  BASE_URLS,
  DAY_MS,
  declarationFor,
  grantsFor,
  HOUR_MS,
  MINUTE_MS,
  SERVICE,
  tagList,
} from "./declared.ts";
import { atMost, type Figure, type Row, told } from "./row.ts";
import { countText, minutesText } from "./texts.ts";

/*
 * What reconcile asks of a vendor in a day, on a virtual clock: a fleet in which nothing happens, and one of which a compromised key's
 * revocation fails all day; and how soon a key that somebody revoked at the vendor is told.
 */
const PASS_MS = 5 * MINUTE_MS;

export interface DayOptions {
  readonly size: number;
  readonly plan: "free" | "pro" | "business";
  /** How long is measured; a day is reckoned from it. */
  readonly hours: number;
  /** Whether the vendor fails every revocation, and a replaced key's and a compromised one's are due. */
  readonly isFailing: boolean;
}

export interface Day {
  readonly requestsPerDay: number;
  /** How long after it was revoked at the vendor a current key was told. */
  readonly toldAfterMs: number;
}

interface Laid {
  readonly arn: string;
  readonly keyId: string;
  readonly versionId: string;
}

/** Plays passes for some hours, and then revokes a key at the vendor. */
export const playDay = async ({ size, plan, hours, isFailing }: DayOptions): Promise<Day> => {
  const clock = new VirtualClock(Date.UTC(2026, 2, 1, 0, 2));
  const simulator = createPictify({ clock, plan: "enterprise", adminKeyInUse: true });
  const lines: string[] = [];
  const vendors = new Map([[BASE_URLS.pictify, simulator.fetch]]);
  const account = createAccount({ clock, vendors, write: (line) => void lines.push(line) });
  const { secretsManager, functions } = account;
  const grants = grantsFor("pictify", undefined);
  const connections = Object.entries(grants.connections).map(([name, one]) => [name, { ...one, plan }]);
  const world = account.world({ ...grants, connections: Object.fromEntries(connections) }, {});
  const reconcile = functionName(SERVICE, "reconcile");
  let requests = 0;
  const fetch = ((url: string, init: RequestInit) => {
    requests++;
    return world.fetch(url, init);
  }) as typeof globalThis.fetch;
  functions.create({
    name: reconcile,
    timeoutMs: FUNCTIONS.reconcile.timeoutSeconds * 1_000,
    handler: HANDLERS.reconcile({ ...world, fetch }),
    secretsManagerMayInvoke: false,
  });
  const aws = <Answer>(operation: string, input: object) => secretsManager.call(operation, input) as Promise<Answer>;
  await aws("CreateSecret", { Name: ADMIN_SECRET, SecretString: JSON.stringify({ apiKey: simulator.adminKey }) });
  const id = serviceId(SERVICE, functions.arnOf(reconcile));

  const makeKey = (name: string, versionId: string): { readonly keyId: string; readonly text: string } => {
    const owned = keyName(name, id, generationOf(versionId));
    const { id: keyId, value } = simulator.issueKey({ name: owned, access: ACCESSES.pictify.value, propagationMs: 0 });
    const stored = { vendor: "pictify", connection: "pictify", name: owned, access: ACCESSES.pictify, keyId };
    return { keyId, text: secretValueText({ ...stored, apiKey: new Redacted(value), issuedAtMs: clock.now() }) };
  };
  const lay = async (index: number): Promise<Laid> => {
    const name = `key-${index}`;
    const versionId = randomUUID();
    const { keyId, text } = makeKey(name, versionId);
    const { ARN } = await aws<{ ARN: string }>("CreateSecret", {
      Name: secretNameOf(SERVICE, name),
      ClientRequestToken: versionId,
      SecretString: text,
      Tags: tagList(declarationTags(declarationFor("pictify", name))),
    });
    return { arn: ARN, keyId, versionId };
  };
  const laid: Laid[] = [];
  for (let index = 0; index < size; index++) laid.push(await lay(index));

  const replace = async (index: number, mark: "retiring" | "compromised"): Promise<void> => {
    const { arn, versionId } = laid[index] ?? (await lay(index));
    const next = randomUUID();
    await aws("PutSecretValue", {
      SecretId: arn,
      ClientRequestToken: next,
      SecretString: makeKey(`key-${index}`, next).text,
    });
    await aws("UpdateSecretVersionStage", {
      SecretId: arn,
      VersionStage: markLabel(mark, clock.now()),
      MoveToVersionId: versionId,
    });
  };
  await clock.advance(HOUR_MS);
  if (isFailing) {
    await replace(0, "retiring");
    await clock.advance(2 * DAY_MS);
    await replace(1, "compromised");
    simulator.hostile.next("revoke", "unavailable", Number.POSITIVE_INFINITY);
  }
  const passes = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const startedMs = clock.now();
      // A pass in which something failed ends with an error: that is what is measured.
      await clock.run(functions.invoke(reconcile, {}));
      await clock.advance(Math.max(0, PASS_MS - (clock.now() - startedMs)));
    }
  };
  await passes((hours * HOUR_MS) / PASS_MS);
  const requestsPerDay = Math.round((requests * 24) / hours);

  const revoked = laid.at(-1)?.keyId ?? "";
  // Right after the first passes of an hour, of which one has listed.
  await passes(3);
  simulator.revokeKey(revoked);
  const revokedMs = clock.now();
  const told = (): string | undefined => lines.find((line) => line.includes('"key.dead"') && line.includes(revoked));
  while (told() === undefined) {
    await clock.advance(PASS_MS);
    await clock.run(functions.invoke(reconcile, {}));
    if (clock.now() - revokedMs > 3 * HOUR_MS) throw new Error(`${revoked} is dead for three hours, and was not told`);
  }
  account.close();
  const { timestamp } = JSON.parse(told() ?? "{}") as { timestamp: string };
  return { requestsPerDay, toldAfterMs: Date.parse(timestamp) - revokedMs };
};

/** Requests a day that a plan allows. */
const LIMITS = { free: 1_000, pro: 10_000, business: 100_000 } as const;
/** A tenth of it, what a quarter of a day may have saved, the hourly listing, which is made whatever it takes, and the end of compromised keys. */
const mostFor = (plan: keyof typeof LIMITS, listing: number): number => (LIMITS[plan] / 10) * 1.25 + 24 * listing + 250;

const listingOf = (size: number): number => Math.ceil(size / 100) + 2;

const DAYS: readonly DayOptions[] = [
  { size: 10, plan: "free", hours: 24, isFailing: false },
  { size: 10, plan: "free", hours: 24, isFailing: true },
  { size: 1_000, plan: "pro", hours: 6, isFailing: false },
  { size: 1_000, plan: "pro", hours: 24, isFailing: true },
  { size: 1_000, plan: "business", hours: 6, isFailing: false },
  { size: 10_000, plan: "business", hours: 2, isFailing: false },
];

const figureOf = ({ size, plan, isFailing }: DayOptions, { requestsPerDay }: Day): Figure =>
  atMost({
    what: `vendor requests a day, ${countText(size)} keys, plan ${plan}, ${isFailing ? "every revocation fails" : "nothing happens"}`,
    value: requestsPerDay,
    atMost: mostFor(plan, listingOf(size)),
    text: countText,
    reason: `the plan allows ${countText(LIMITS[plan])}`,
  });

/** What reconcile asks of a vendor, and how soon it sees what somebody did there. */
export const reconcileDay: Row = {
  name: "requests",
  title: "A day of reconcile at a vendor",
  async measure({ progress }) {
    const measured: [DayOptions, Day][] = [];
    for (const options of DAYS) {
      progress(`${countText(options.size)} keys, plan ${options.plan}${options.isFailing ? ", failing" : ""}`);
      measured.push([options, await playDay(options)]);
    }
    return {
      figures: [
        ...measured.map(([options, day]) => figureOf(options, day)),
        ...measured
          .filter(([{ isFailing }]) => !isFailing)
          .map(([{ size, plan }, { toldAfterMs }]) =>
            told(
              `a key revoked at the vendor is told after, ${countText(size)} keys, plan ${plan}`,
              minutesText(toldAfterMs),
            ),
          ),
      ],
      details: [],
    };
  },
};
