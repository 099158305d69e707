import type { VendorFetch } from "../recorder/recorder.ts";
import type { VendorStand } from "../vendor-stand.ts";

/** The functions' way to the vendors, which can be closed: a function that goes on would mint keys that nobody revokes. */
export interface VendorGate {
  send(stand: VendorStand): VendorFetch;
  /** Lets nothing through any more, and waits for what is under way. */
  close(): Promise<void>;
}

export const createVendorGate = (): VendorGate => {
  let isClosed = false;
  const underWay = new Set<Promise<Response>>();
  return {
    send:
      ({ isForeign, recorder }) =>
      async (request) => {
        if (isClosed) throw new TypeError("it was stopped");
        const answer = recorder.fetch(request);
        if (!isForeign) return answer; // a simulator may wait for a clock that nobody moves, and ends with this process
        underWay.add(answer);
        return answer.finally(() => underWay.delete(answer));
      },
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
};
