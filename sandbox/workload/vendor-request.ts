import type { VendorFetch } from "../recorder/recorder.ts";

/** What a workload of each vendor does with its key, once: Pictograph's lists datasets, Pictify's renders an image. */
export const VENDOR_REQUESTS = {
  pictograph: (baseUrl: string, apiKey: string): Request =>
    new Request(`${baseUrl}/api/v1/developer/datasets/`, { headers: { "X-API-Key": apiKey } }),
  pictify: (baseUrl: string, apiKey: string): Request =>
    new Request(`${baseUrl}/image`, {
      method: "POST",
      headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
      body: JSON.stringify({ html: "<h1>Hello</h1>" }),
    }),
} as const;

export type WorkloadVendor = keyof typeof VENDOR_REQUESTS;

/** One request of a workload. @param send the way to the vendor; by default the network */
export const vendorRequest =
  (vendor: WorkloadVendor, baseUrl: string, send: VendorFetch = (request) => fetch(request)) =>
  (apiKey: string): Promise<Response> =>
    send(VENDOR_REQUESTS[vendor](baseUrl, apiKey));
