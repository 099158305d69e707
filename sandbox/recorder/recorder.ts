import type { Clock } from "../../lambdas/clock.ts";
import { keyIdOf, operationOf, type VendorOperation } from "./operation.ts";

/** A vendor as something that answers requests, in this process or over HTTP. */
export type VendorFetch = (request: Request) => Promise<Response>;

export interface Revocation {
  readonly keyId: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/**
 * Stands before a vendor, real or simulated, passes everything on unchanged, and remembers what a demonstration has to
 * account for: the calls by operation, every value that the vendor issued, and which keys were revoked when.
 */
export interface Recorder {
  readonly fetch: VendorFetch;
  calls(): readonly { readonly operation: VendorOperation; readonly count: number }[];
  /** Every secret value in an answer to create. Secret: only for the search for leaks. */
  issuedValues(): readonly string[];
  /** In their order; of a key that was revoked and then deleted, the first is the one that counts. */
  revocations(): readonly Revocation[];
}

/** Where a vendor has no request that revokes, a key ends with its deletion. */
const ENDINGS: ReadonlySet<VendorOperation> = new Set(["revoke key", "delete key"]);

const KEY_VALUE = /^pk_(live|test)_.{8,}$/;

/** All texts in an answer that are a whole key; what merely shows a key's beginning is not one. */
const keyValues = (value: unknown): readonly string[] => {
  if (typeof value === "string") return KEY_VALUE.test(value) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(keyValues);
};

const jsonOf = async (response: Response): Promise<unknown> => {
  try {
    return await response.json();
  } catch {
    return undefined; // an answer that is not JSON issues nothing that a client could read
  }
};

export const createRecorder = (upstream: VendorFetch, clock: Pick<Clock, "now">): Recorder => {
  const counts = new Map<VendorOperation, number>();
  const issued = new Set<string>();
  const revocations: Revocation[] = [];
  return {
    async fetch(request) {
      const path = new URL(request.url).pathname;
      const operation = operationOf(request.method, path);
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
      const response = await upstream(request);
      if (operation === "create key") for (const value of keyValues(await jsonOf(response.clone()))) issued.add(value);
      const keyId = keyIdOf(path);
      if (ENDINGS.has(operation) && response.ok && keyId) revocations.push({ keyId, atMs: clock.now() });
      return response;
    },
    calls: () => [...counts].map(([operation, count]) => ({ operation, count })),
    issuedValues: () => [...issued],
    revocations: () => revocations,
  };
};
