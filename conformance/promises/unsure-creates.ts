import type { Trace } from "../stage/trace.ts";

/** A request as the gate hands it on: with the number of the run that makes it. */
export type RequestOfRun = RequestInit & { readonly run?: number };

/**
 * Watches that no run repeats a create that may have been done, unless it has looked in between: nobody knows how many keys there are
 * then.
 */
export const watchCreates = (trace: Trace) => {
  const unsure = new Set<number>();
  return {
    /** @param run undefined: somebody else than a function asks */
    asked(run: number | undefined, operation: string): void {
      if (run === undefined) return;
      if (operation === "create key" && unsure.has(run))
        trace.violation("a create that may have been done is not repeated", `run ${run} repeated one without a look`);
      if (operation === "list keys") unsure.delete(run);
    },
    /** @param status undefined: there was no answer */
    answered(run: number | undefined, operation: string, status: number | undefined): void {
      if (run !== undefined && operation === "create key" && (status === undefined || status >= 500)) unsure.add(run);
    },
  };
};
