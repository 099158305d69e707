/* What both vendors are put together from: the shared mechanics with each vendor's figures, and the simulator around them. */
import { type Context, Hono } from "hono";
import { abortableFetch } from "./abortable-fetch.ts";
import { type Dialect, handleCall, type Route, type VendorParts } from "./call-handling.ts";
import { FaultPlan } from "./hostility.ts";
import { type KeyDraft, KeyStore } from "./key-store.ts";
import { OperationCounter } from "./operation-counter.ts";
import { RateLimiter, type RateWindow } from "./rate-limit.ts";
import type { IssuedKey, IssueRequest, SimulatorOptions, VendorSimulator } from "./simulator.ts";

const USAGE_DELAY_MS = 5 * 60_000;

/** What a vendor brings to the shared mechanics. */
export interface VendorFigures {
  readonly dialect: Dialect;
  readonly windows: readonly RateWindow[];
  readonly propagationMs: number;
  readonly rateLimitHeaders: boolean;
  readonly refusedCallsAreUse: boolean;
  readonly verificationsAreUse: boolean;
  readonly revokedKeysListed: boolean;
}

export const buildParts = (options: SimulatorOptions, figures: VendorFigures): VendorParts => {
  const { clock, clockSkewMs = 0, usageDelayMs = USAGE_DELAY_MS, revocationMs = 0 } = options;
  const { usageResolutionMs = 0, usageStopsAtMs = Number.POSITIVE_INFINITY } = options;
  const propagationMs = options.propagationMs ?? figures.propagationMs;
  return {
    clock,
    clockSkewMs,
    store: new KeyStore({
      clock,
      clockSkewMs,
      usageDelayMs,
      usageResolutionMs,
      usageStopsAtMs,
      revocationMs,
      propagationMs,
      revokedKeysListed: figures.revokedKeysListed,
    }),
    limiter: new RateLimiter(figures.windows),
    faults: new FaultPlan(),
    counter: new OperationCounter(),
    dialect: figures.dialect,
    rateLimitHeaders: figures.rateLimitHeaders,
    refusedCallsAreUse: figures.refusedCallsAreUse,
    verificationsAreUse: figures.verificationsAreUse,
  };
};

/** A method, a path in Hono's form, and what answers there. */
export interface Mounted {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly route: Route;
}

/** The vendor's server; `elsewhere` answers every path that no route has. Errors are the caller's to see, as broken connections are. */
export const buildServer = (parts: VendorParts, mounted: readonly Mounted[], elsewhere: Route): Hono => {
  const app = new Hono();
  const handler = (route: Route) => (context: Context) => handleCall(parts, route, context);
  for (const { method, path, route } of mounted) app.on(method, path, handler(route));
  app.notFound(handler(elsewhere));
  app.onError((error) => {
    throw error;
  });
  return app;
};

export interface VendorAssembly {
  readonly vendor: VendorSimulator["vendor"];
  readonly parts: VendorParts;
  readonly app: Hono;
  /** The access that an admin key has. */
  readonly adminAccess: string;
  readonly organizationId?: string;
  readonly adminKeyInUse?: boolean | undefined;
  /** Turns a person's wish into a key; throws RangeError for an access that the vendor doesn't have. */
  draft(request: IssueRequest): KeyDraft;
}

/** The simulator: the server with the views and levers that only a simulator has. Makes the admin key. */
export const assembleSimulator = (assembly: VendorAssembly): VendorSimulator => {
  const { vendor, parts, app, adminAccess, organizationId } = assembly;
  const { store, counter, faults } = parts;
  const issueKey = (request: IssueRequest): IssuedKey => {
    const { id, value } = store.issue(assembly.draft(request));
    return { id, value };
  };
  const issueAdminKey = (name = "Admin", organization?: string) =>
    issueKey({
      name,
      access: adminAccess,
      propagationMs: 0,
      ...(organization ? { organizationId: organization } : {}),
    });
  const admin = issueAdminKey();
  store.keepInUse(admin.id, assembly.adminKeyInUse ?? false);
  return {
    vendor,
    fetch: abortableFetch((request) => app.fetch(request)),
    adminKey: admin.value,
    adminKeyId: admin.id,
    ...(organizationId === undefined ? {} : { organizationId }),
    issuedValues: () => store.values(),
    keys: () => store.facts(),
    calls: () => counter.counts(),
    issueKey,
    issueAdminKey,
    revokeKey: (id) => revokeByHand(store, id),
    stopUsage: (atMs = parts.clock.now()) => store.stopUsage(atMs),
    stopLists: (atMs = parts.clock.now()) => store.stopLists(atMs),
    hostile: faults,
  };
};

const revokeByHand = (store: KeyStore, id: string): void => {
  const key = store.withId(id);
  if (!key) throw new RangeError(`No key has the id "${id}": take one from keys().`);
  store.revoke(key);
};
