import { Redacted } from "../../../lambdas/redacted.ts";
import { createHttp } from "../../../lambdas/vendors/http.ts";
import { VENDORS } from "../../../lambdas/vendors/registry.ts";
import type { Vendor, VendorConnection } from "../../../lambdas/vendors/vendor.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

/* A vendor that answers as a test says, and the way to it, on a clock at rest. */
export const VALUE = new Redacted("pk_live_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6");

export type Answering = (request: { readonly method: string; readonly url: URL; readonly call: number }) => Response;

export interface Asked {
  readonly vendor: Vendor;
  readonly connection: VendorConnection;
  /** `GET /api-keys?page=2`, in their order. */
  readonly requests: readonly string[];
  run<Result>(work: Promise<Result>): Promise<Result>;
}

export const vendorNames = ["pictograph", "pictify"] as const;
export type VendorName = (typeof vendorNames)[number];

export const vendorThatAnswers = (name: VendorName, answering: Answering): Asked => {
  const clock = new VirtualClock();
  const startMs = clock.now();
  const requests: string[] = [];
  const fetch = (async (text: string, { method = "GET" }: RequestInit) => {
    const url = new URL(text);
    requests.push(`${method} ${url.pathname}${url.search}`);
    return answering({ method, url, call: requests.length });
  }) as typeof globalThis.fetch;
  const http = createHttp({ fetch, clock, remainingMs: () => 120_000 - (clock.now() - startMs) });
  const vendor = VENDORS[name];
  if (!vendor) throw new Error(`there is no vendor ${name}`);
  const connection = { baseUrl: "https://vendor.test", organizationId: "o", http, adminKey: new Redacted("admin") };
  return { vendor, connection, requests, run: (work) => clock.run(work) };
};

export const json = (status: number, body: unknown, contentType = "application/json"): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": contentType } });

export const problem = (status: number, type: string, more: object = {}): Response =>
  json(
    status,
    { type: `https://docs.pictify.io/errors/${type}`, title: "T", status, ...more },
    "application/problem+json",
  );
