import type { Clock } from "../../lambdas/clock.ts";
import type { VendorOperation } from "../../sandbox/recorder/operation.ts";
import type { Fault } from "../../sandbox/vendors/hostility.ts";
import { answerAlarms } from "../stage/on-call.ts";
import { HOUR_MS, LOOKS_TO_REST } from "../stage/settings.ts";
import type { Stage } from "../stage/stage.ts";
import type { Twist, TwistKind } from "../twist.ts";
import { FAULTS, isFitting, operationAt } from "./faults.ts";

/** How long a fault lasts: so many calls, or for an hour, which is longer than anybody repeats a call at once. */
export const LASTING = ["1", "3", "hour"] as const;
export type Lasting = (typeof LASTING)[number];

/**
 * Each call that the vendor spoils may be the end of a rotation, where AWS does not retry it: giving it up and starting the next
 * takes three looks.
 */
const LOOKS_A_ROTATION = 3;

/** From which effect on the vendor is hostile, and how. */
interface Blow {
  readonly effect: number;
  readonly name: string;
  readonly fault: Fault;
  readonly lasting: Lasting;
}

/** What a vendor is to every call, not to one kind of them. */
const EVERYWHERE: ReadonlySet<string> = new Set(["auth-store-down"]);

const isLasting = (text: string): text is Lasting => (LASTING as readonly string[]).includes(text);

/** @throws Error that says what it takes */
const blowOf = (argument: string): Blow => {
  const [number = "", name = "", lasting = "1", ...more] = argument.split(":");
  const effect = Number(number);
  const fault = FAULTS[name];
  if (Number.isInteger(effect) && effect > 0 && fault && isLasting(lasting) && more.length === 0)
    return { effect, name, fault, lasting };
  throw new Error(
    `"${argument}" is no fault of a vendor; one is <effect>:<fault>[:${LASTING.join("|")}], such as 6:silence:3, with one of ${Object.keys(FAULTS).join(", ")}`,
  );
};

export const hostileVendorText = (effect: number, name: string, lasting: Lasting): string =>
  `vendor=${effect}:${name}${lasting === "1" ? "" : `:${lasting}`}`;

/**
 * `vendor=<effect>:<fault>[:3|:hour]`: the vendor is hostile to the call that is that effect, or, where it is none that the fault
 * fits, to the next one; then to further calls of that operation. Only calls of functions are meant, none of workloads.
 */
export const hostileVendorTwist: TwistKind = (argument): Twist => {
  const { effect, name, fault, lasting } = blowOf(argument);
  let isReached = false;
  let struck: VendorOperation | undefined;
  let left = lasting === "hour" ? Number.POSITIVE_INFINITY : Number(lasting);
  let end: { readonly clock: Clock; readonly atMs: number } | undefined;
  /** While it lasts by the clock, what the functions try again and again is a wait for its end. */
  const isOn = () => end !== undefined && end.clock.now() < end.atMs;

  const strike = (operation: VendorOperation, { clock, vendor, simulator, trace }: Stage): void => {
    const at = operationAt(vendor, operation);
    if (at === undefined || !isFitting(name, at)) return;
    if (lasting === "hour") end ??= { clock, atMs: clock.now() + HOUR_MS };
    struck = operation;
    left--;
    trace.tell(`      the vendor, at ${operation}: ${name}`);
    simulator.hostile.next(at, fault);
  };

  return {
    ...(lasting === "3" ? { looksToRest: LOOKS_TO_REST + 2 * LOOKS_A_ROTATION } : {}),
    begin: (life) => {
      const { exceptions } = life.witness;
      exceptions.makesTwins ||= fault.kind === "create-twice";
      exceptions.changesNames ||= fault.kind === "name-truncated" || fault.kind === "name-suffixed";
      // A key whose name was cut off, and whose minting died, is found by a person alone.
      if (fault.kind === "name-truncated") answerAlarms(life);
    },
    isOver: () => !isOn(),
    beforeEffect: ({ number }) => {
      isReached ||= number >= effect;
    },
    beforeVendorCall(operation, stage) {
      const isMeant = struck === undefined || struck === operation || EVERYWHERE.has(name);
      if (isReached && isMeant && left > 0 && (end === undefined || isOn())) strike(operation, stage);
    },
  };
};
