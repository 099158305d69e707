import { functionName } from "../constructs/functions.ts";
import { type CountedCall, createCountedAccount } from "./counted-account.ts";
import { HOUR_MS, MINUTE_MS, SERVICE, VENDOR_NAMES, type VendorName } from "./declared.ts";
import { reasonFor } from "./rotation-call-reasons.ts";
import { atMost, type Row, told } from "./row.ts";
import { callsText } from "./texts.ts";

const MOST_AWS_CALLS = 12;
const MOST_VENDOR_CALLS = 4;
/** Its successor's value is tried; its own twice, and a key that works each time; a listing that is worth it, and one that confirms. */
const MOST_CALLS_BESIDES_REVOKE = 9;

/** A target, as a key's tags declare it: then the rotation ends with an invocation of `distribute`. */
const TARGET = { "keyturn:target:web": "kubernetes/prod/web/credentials/api-key" };

/** The calls of one rotation of a key, made by a container that has made one before. */
export const callsOfRotation = async (vendor: VendorName, hasTarget: boolean): Promise<readonly CountedCall[]> => {
  const account = await createCountedAccount(vendor);
  const warming = await account.deploy("warming");
  const secretId = await account.deploy("web", hasTarget ? TARGET : {});
  await account.rotate(warming);
  account.calls.length = 0;
  await account.rotate(secretId);
  account.close();
  return account.calls.filter(({ by, isAdminSecret }) => by === "rotate" && !isAdminSecret);
};

const SETTLED_MS = 30 * HOUR_MS;

/** Lets reconcile run by its schedule from a rotation, or none, until long after its overlap. */
const passesAfter = async (vendor: VendorName, phaseMs: number, rotates: boolean): Promise<readonly CountedCall[]> => {
  const account = await createCountedAccount(vendor);
  const secretId = await account.deploy("web");
  account.account.functions.schedule(functionName(SERVICE, "reconcile"), 5 * MINUTE_MS, {});
  // An hour besides, so that the use of a young key is not in the way.
  await account.clock.advance(HOUR_MS + phaseMs);
  account.calls.length = 0;
  if (rotates) await account.rotate(secretId);
  await account.clock.advance(SETTLED_MS);
  account.close();
  const live = account.simulator.keys().filter(({ active, name }) => active && name.startsWith("web-kt-"));
  if (live.length !== 1) throw new Error(`after ${SETTLED_MS / HOUR_MS} hours ${live.length} generations live`);
  return account.calls.filter(({ by }) => by === "reconcile");
};

export interface RetirementCalls {
  /** Vendor calls beyond those of the same hours without a retirement, and beyond the revocation. */
  readonly besides: number;
  readonly aws: number;
}

const countOf = (calls: readonly CountedCall[], to: CountedCall["to"]) => calls.filter((call) => call.to === to).length;

/**
 * What a retirement asks for, over what reconcile asks for in the same hours anyway.
 * @param phaseMs when within an hour the rotation was: a listing that the hour brings anyway may serve it
 */
export const callsOfRetirement = async (vendor: VendorName, phaseMs: number): Promise<RetirementCalls> => {
  const idle = await passesAfter(vendor, phaseMs, false);
  const busy = await passesAfter(vendor, phaseMs, true);
  const revocations = busy.filter(({ name }) => name.startsWith("revoke")).length;
  return {
    besides: countOf(busy, "vendor") - countOf(idle, "vendor") - revocations,
    aws: countOf(busy, "AWS") - countOf(idle, "AWS"),
  };
};

/** Wherever in the hour it falls: every other pass of reconcile. */
const PHASES_MS = Array.from({ length: 6 }, (_, index) => index * 10 * MINUTE_MS);

const worstRetirement = async (vendor: VendorName): Promise<RetirementCalls> => {
  const all: RetirementCalls[] = [];
  for (const phaseMs of PHASES_MS) all.push(await callsOfRetirement(vendor, phaseMs));
  return {
    besides: Math.max(...all.map(({ besides }) => besides)),
    aws: Math.max(...all.map(({ aws }) => aws)),
  };
};

const listed = (vendor: VendorName, calls: readonly CountedCall[]) => ({
  title: `The calls of one rotation of a key with a target, ${vendor}`,
  head: ["step", "to", "call", "why"],
  rows: calls.map((call, index) => {
    const earlier = calls.slice(0, index).filter(({ task, name }) => task === call.task && name === call.name).length;
    return [call.task, call.to, call.name, reasonFor(call, earlier)];
  }),
});

const figuresOf = async (vendor: VendorName) => {
  const calls = await callsOfRotation(vendor, true);
  const alone = await callsOfRotation(vendor, false);
  const retirement = await worstRetirement(vendor);
  const figures = [
    atMost({
      what: `AWS calls of a rotation, ${vendor}`,
      value: countOf(calls, "AWS"),
      atMost: MOST_AWS_CALLS,
      text: callsText,
      reason: `${countOf(alone, "AWS")} for a key without targets`,
    }),
    atMost({
      what: `vendor calls of a rotation, ${vendor}`,
      value: countOf(calls, "vendor"),
      atMost: MOST_VENDOR_CALLS,
      text: callsText,
    }),
    atMost({
      what: `vendor calls of a retirement besides its revocation, ${vendor}`,
      value: retirement.besides,
      atMost: MOST_CALLS_BESIDES_REVOKE,
      text: callsText,
      reason: "over the hourly listing of the same hours, at the worst minute of the hour",
    }),
    told(`AWS calls of a retirement, ${vendor}`, callsText(retirement.aws)),
  ];
  return { figures, detail: listed(vendor, calls) };
};

/** How often a rotation and a retirement ask somebody outside. */
export const rotationCalls: Row = {
  name: "calls",
  title: "Calls of one rotation",
  async measure({ progress }) {
    const parts = [];
    for (const vendor of VENDOR_NAMES) {
      progress(vendor);
      parts.push(await figuresOf(vendor));
    }
    return { figures: parts.flatMap(({ figures }) => figures), details: parts.map(({ detail }) => detail) };
  },
};
