import type { Clock } from "../../lambdas/clock.ts";
import { keyIdOf, operationOf, type VendorOperation } from "../../sandbox/recorder/operation.ts";
import type { KeyFacts, VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import { type RequestOfRun, watchCreates } from "../promises/unsure-creates.ts";
import type { Trace } from "../stage/trace.ts";

/** Told of each call of a function to the vendor right before it arrives there. */
export type VendorCallListener = (operation: VendorOperation) => void;

export interface WayToVendor {
  readonly clock: Clock;
  readonly simulator: VendorSimulator;
  /** Sends a request to it, whatever is on the way. */
  readonly send: (request: Request) => Promise<Response>;
  readonly trace: Trace;
  /** Takes the values of keys that the vendor was seen to accept. */
  readonly proven: Set<string>;
  readonly beforeCall: VendorCallListener;
  /** Whether nobody can see how many slots are taken, as its lists lie. */
  readonly hidesSlots?: () => boolean;
}

/** Two runs that are at the same generation at once may both have seen the same free slot: then the vendor refuses the second. */
const TWINS_MS = 30_000;

const isTwinOf =
  (name: unknown, nowMs: number) =>
  (key: KeyFacts): boolean =>
    key.name === name && Date.parse(key.createdAt) >= nowMs - TWINS_MS;

const nameIn = (body: RequestInit["body"]): unknown =>
  typeof body === "string" ? (JSON.parse(body) as { name?: unknown }).name : undefined;

/** Sees whether a create was asked before, with the same Idempotency-Key: that is no mint, wherever the vendor knows it. */
const repeats = () => {
  const asked = new Set<string>();
  return ({ headers }: Request): boolean => {
    const key = headers.get("idempotency-key");
    const isRepeat = key !== null && asked.has(key);
    if (key !== null) asked.add(key);
    return isRepeat;
  };
};

/** A mint that found no slot, although whoever asks has to look before. */
const checkSlots = async (way: WayToVendor, init: RequestInit, answer: Response) => {
  const { clock, simulator, trace, hidesSlots = () => false } = way;
  if (hidesSlots()) return;
  if (!/key.limit/.test(await answer.clone().text())) return;
  if (simulator.keys().some(isTwinOf(nameIn(init.body), clock.now()))) return;
  trace.violation("the vendor's slots are never exceeded", "a key was asked for although no slot was free");
};

/** A revocation is asked for where the key was minted: at another place it does nothing, or ends somebody else's key. */
const checkPlace = ({ simulator, trace }: WayToVendor, url: string): void => {
  const keyId = keyIdOf(new URL(url).pathname);
  if (simulator.keys().some(({ id }) => id === keyId)) return;
  trace.violation(
    "only a key's own lane revokes it",
    `${keyId} was to be revoked at a connection that does not have it`,
  );
};

/** The vendors' own words for rights that are too small: an edge's 403 says nothing about a key. */
const TOO_SMALL = /insufficient_permissions|errors\/forbidden/;

/** Whether an answer shows that the vendor took the key. */
const isTaken = async (answer: Response): Promise<boolean> => {
  if (answer.ok) return answer.status === 204 || (answer.headers.get("content-type")?.includes("json") ?? false);
  return answer.status === 403 && TOO_SMALL.test(await answer.clone().text());
};

/** The functions' way to the vendor, and what is learnt on it: which keys work, and whether a mint found no slot. */
export const wayToVendor = (way: WayToVendor): typeof fetch => {
  const isRepeat = repeats();
  const creates = watchCreates(way.trace);
  return (async (url: string, { run, ...init }: RequestOfRun): Promise<Response> => {
    const { send, proven, beforeCall } = way;
    const request = new Request(url, init);
    const operation = operationOf(request.method, new URL(url).pathname);
    const isMint = operation === "create key" && !isRepeat(request);
    beforeCall(operation);
    creates.asked(run, operation);
    if (operation === "revoke key") checkPlace(way, url);
    const answer = await send(request).catch((error) => {
      creates.answered(run, operation, undefined);
      throw error;
    });
    creates.answered(run, operation, answer.status);
    const credential = request.headers.get("x-api-key") ?? request.headers.get("authorization")?.replace("Bearer ", "");
    if (credential && (await isTaken(answer))) proven.add(credential);
    if (isMint) await checkSlots(way, init, answer);
    return answer;
  }) as typeof fetch;
};
