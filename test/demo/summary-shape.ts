import * as z from "zod";

const count = z.int().nonnegative();
const time = z.iso.datetime().nullable();

/** What `--json` prints, as it is documented, and nothing besides. */
export const summaryShape = z.strictObject({
  ok: z.boolean(),
  keys: z.array(
    z.strictObject({
      name: z.string(),
      vendor: z.enum(["pictograph", "pictify"]),
      generations: z.array(
        z.strictObject({
          keyId: z.string(),
          mintedAt: time,
          promotedAt: time,
          lastUsedAt: time,
          revokedAt: time,
        }),
      ),
    }),
  ),
  changes: z.array(
    z.strictObject({
      name: z.string(),
      change: z.string(),
      how: z.enum(["in place", "new generation"]),
      keyId: z.string(),
    }),
  ),
  workloads: z.array(z.strictObject({ name: z.string(), requests: count, failures: count, throttled: count })),
  vendorCalls: z.array(z.strictObject({ vendor: z.string(), operation: z.string(), count })),
  leaks: count,
  deferred: z.boolean(),
});

export type ShownSummary = z.output<typeof summaryShape>;

/** Reads a stdout that must hold one JSON object and nothing else. */
export const summaryIn = (stdout: string): ShownSummary => summaryShape.parse(JSON.parse(stdout));

/** Every key of every generation, with the name of what it is a generation of. */
export const generationsOf = ({ keys }: ShownSummary) =>
  keys.flatMap(({ name, vendor, generations }) => generations.map((generation) => ({ name, vendor, ...generation })));

export const callsOf = ({ vendorCalls }: ShownSummary, vendor: string, operation: string): number =>
  vendorCalls.find((call) => call.vendor === vendor && call.operation === operation)?.count ?? 0;
