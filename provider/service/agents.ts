import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpProxy, Network } from "./network.ts";

/** As the AWS SDK's own agents are. */
const KEPT = { keepAlive: true, maxSockets: 50 };

const authorization = ({ username, password }: URL): Record<string, string> => {
  if (username === "" && password === "") return {};
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` };
};

const proxyError = ({ url, variable }: HttpProxy, what: string, options?: ErrorOptions): Error =>
  new Error(`the proxy ${url.host}, which ${variable} names, ${what}`, options);

const askProxy = ({ url }: HttpProxy, target: string, certificates: string | undefined): ClientRequest => {
  const ask = url.protocol === "https:" ? requestHttps : requestHttp;
  return ask({
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    ...(url.port && { port: url.port }),
    method: "CONNECT",
    path: target,
    headers: { host: target, ...authorization(url) },
    agent: false,
    ...(certificates !== undefined && { ca: certificates }),
  });
};

/** A connection through a proxy (RFC 9110, "CONNECT"). Rejects with an error that names the proxy and its variable. */
const tunnel = (proxy: HttpProxy, target: string, certificates: string | undefined): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const answered = ({ statusCode }: IncomingMessage, socket: Socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      return reject(proxyError(proxy, `answered ${statusCode} when it was asked for ${target}`));
    };
    const failed = (cause: Error) =>
      reject(proxyError(proxy, `cannot be reached: ${cause.message || (cause as { code?: string }).code}`, { cause }));
    askProxy(proxy, target, certificates).on("connect", answered).on("error", failed).end();
  });

interface Target {
  readonly host?: string | null | undefined;
  readonly port?: string | number | null | undefined;
}

const tunnelTo = ({ bypass, certificates }: Network, proxy: HttpProxy | undefined, { host, port }: Target) => {
  if (!proxy || bypass(host ?? "", Number(port))) return undefined;
  const name = host?.includes(":") ? `[${host}]` : host;
  return tunnel(proxy, `${name}:${port}`, certificates);
};

class TunnellingHttpsAgent extends HttpsAgent {
  readonly #network: Network;

  constructor(network: Network) {
    super({ ...KEPT, ...(network.certificates !== undefined && { ca: network.certificates }) });
    this.#network = network;
  }

  override createConnection(
    ...[options, callback]: Parameters<HttpsAgent["createConnection"]>
  ): ReturnType<HttpsAgent["createConnection"]> {
    const opening = tunnelTo(this.#network, this.#network.forHttps, options);
    if (!opening) return super.createConnection(options, callback);
    opening
      .then((socket) => super.createConnection({ ...options, socket } as typeof options))
      .then(
        (stream) => callback?.(null, stream as Duplex),
        (error: Error) => callback?.(error, undefined as never),
      );
    return undefined;
  }
}

class TunnellingHttpAgent extends HttpAgent {
  readonly #network: Network;

  constructor(network: Network) {
    super(KEPT);
    this.#network = network;
  }

  override createConnection(
    ...[options, callback]: Parameters<HttpAgent["createConnection"]>
  ): ReturnType<HttpAgent["createConnection"]> {
    const opening = tunnelTo(this.#network, this.#network.forHttp, options);
    if (!opening) return super.createConnection(options, callback);
    opening.then(
      (socket) => callback?.(null, socket),
      (error: Error) => callback?.(error, undefined as never),
    );
    return undefined;
  }
}

/** The agents by which the AWS SDK reaches AWS through proxies, with the certificates that are trusted. */
export const agentsFor = (network: Network) => ({
  httpAgent: new TunnellingHttpAgent(network),
  httpsAgent: new TunnellingHttpsAgent(network),
});
