import { operationOf } from "../../sandbox/recorder/operation.ts";
import type { Fault, Operation } from "../../sandbox/vendors/hostility.ts";
import type { VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import { operationAt } from "../hostile-vendor/faults.ts";

interface Kind {
  readonly what: string;
  readonly hangs?: true;
  readonly fault?: Fault;
  /** @default every request */
  readonly at?: Operation;
}

/** What may be the matter with a connection, whenever a function calls. */
export const TROUBLES = {
  hangs: { what: "does not answer", hangs: true },
  throttles: { what: "asks for five seconds, each time", fault: { kind: "rate-limited", retryAfterSeconds: 5 } },
  "throttles-long": { what: "asks for two hours", fault: { kind: "rate-limited", retryAfterSeconds: 7_200 } },
  fails: { what: "fails with everything", fault: { kind: "server-error" } },
  "fails-to-revoke": { what: "fails to revoke", fault: { kind: "unavailable" }, at: "revoke" },
  lies: { what: "lists nothing", fault: { kind: "list-omits" }, at: "list" },
  refuses: { what: "takes nobody's key", fault: { kind: "auth-store-down" } },
} as const satisfies Readonly<Record<string, Kind>>;

export type TroubleName = keyof typeof TROUBLES;

export const isTrouble = (text: string): text is TroubleName => text in TROUBLES;

/** A trouble that comes and goes. */
export interface Trouble {
  readonly name: TroubleName;
  isOn: boolean;
}

/** Every request hangs until whoever asked gives up. */
const hang = (request: Request): Promise<Response> =>
  new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));

/** The functions' way to a vendor whose connection may be in trouble: workloads and people have another one. */
export const troubledSend =
  ({ vendor, fetch, hostile }: VendorSimulator, trouble: Trouble | undefined) =>
  (request: Request): Promise<Response> => {
    if (!trouble?.isOn) return fetch(request);
    const { hangs, fault, at }: Kind = TROUBLES[trouble.name];
    if (hangs) return hang(request);
    const operation = operationAt(vendor, operationOf(request.method, new URL(request.url).pathname));
    if (fault && operation !== undefined && (at ?? operation) === operation) hostile.next(operation, fault);
    return fetch(request);
  };
