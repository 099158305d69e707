import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** An HTTP proxy on loopback that opens tunnels (RFC 9110, "CONNECT"), wherever they shall lead, to one port of this machine. */
export interface ConnectProxy {
  readonly url: string;
  /** What it was asked for: `host:port`, and the header by which it was asked to let in. */
  readonly asked: readonly { readonly target: string; readonly authorization: string | undefined }[];
  close(): Promise<void>;
}

export interface ConnectProxyOptions {
  readonly leadsTo: number;
  /** The status of a proxy that opens none. */
  readonly refusal?: number;
}

export const startConnectProxy = async ({ leadsTo, refusal }: ConnectProxyOptions): Promise<ConnectProxy> => {
  const asked: { readonly target: string; readonly authorization: string | undefined }[] = [];
  const open = new Set<Socket>();
  const server = createServer().on("connect", ({ url = "", headers }, client: Socket) => {
    asked.push({ target: url, authorization: headers["proxy-authorization"] });
    open.add(client.on("error", () => client.destroy()).on("close", () => open.delete(client)));
    if (refusal !== undefined) return client.end(`HTTP/1.1 ${refusal} Refused\r\n\r\n`);
    const onwards = connect(leadsTo, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(onwards).pipe(client);
    });
    return onwards.on("error", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const client of open) client.destroy();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
};
