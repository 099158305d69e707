import type { AddressInfo } from "node:net";
import { type HttpBindings, serve } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { ConnectionDropped } from "./answer-faults.ts";
import type { VendorSimulator } from "./simulator.ts";

export type ServedVendor = Pick<VendorSimulator, "vendor" | "fetch">;

export interface VendorServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Breaks every connection and frees the port. */
  close(): Promise<void>;
}

/** A call that nobody answers loses its connection; a fault of the simulator itself is told to the caller. */
const answerOverHttp = async (simulator: ServedVendor, request: Request, bindings: HttpBindings): Promise<Response> => {
  try {
    return await simulator.fetch(request);
  } catch (error) {
    if (error instanceof ConnectionDropped || request.signal.aborted) {
      bindings.incoming.socket.destroy();
      return RESPONSE_ALREADY_SENT;
    }
    return new Response(`The ${simulator.vendor} simulator failed: ${error}`, { status: 500 });
  }
};

/** Serves a simulator, or what stands before a vendor, over HTTP on 127.0.0.1, on a free port. */
export const startVendorServer = (simulator: ServedVendor): Promise<VendorServer> =>
  new Promise((resolve, reject) => {
    const server = serve(
      {
        fetch: (request, bindings) => answerOverHttp(simulator, request, bindings as HttpBindings),
        hostname: "127.0.0.1",
        port: 0,
        overrideGlobalObjects: false,
      },
      (address: AddressInfo) => resolve({ url: `http://127.0.0.1:${address.port}`, close }),
    );
    const close = () =>
      new Promise<void>((closed, failed) => {
        server.close((error) => (error ? failed(error) : closed()));
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
    server.on("error", reject);
  });
