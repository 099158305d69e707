import * as z from "zod";
import { systemClock } from "../../lambdas/clock.ts";
import { liveFor, report } from "./child.ts";
import { vendorRequest } from "./vendor-request.ts";
import { startWorkload } from "./workload.ts";

/*
 * What runs in a pod, as a process of its own: its key was injected into its environment when it started, and it knows no
 * other. It reports its counts to its parent, and ends when the parent goes away.
 */
const { API_KEY, VENDOR, VENDOR_URL, EVERY_MS } = z
  .object({
    API_KEY: z.string().min(1),
    VENDOR: z.enum(["pictograph", "pictify"]),
    VENDOR_URL: z.url(),
    EVERY_MS: z.coerce.number().positive(),
  })
  .parse({ ...process.env, API_KEY: process.env[process.env.KEY_VARIABLE ?? ""] });

liveFor(
  startWorkload({
    clock: systemClock,
    readKey: async () => API_KEY,
    request: vendorRequest(VENDOR, VENDOR_URL),
    everyMs: EVERY_MS,
    cacheMs: Number.POSITIVE_INFINITY,
    onCounts: report,
  }),
);
