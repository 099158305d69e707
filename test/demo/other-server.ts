import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What an answer is made of. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request, as far as these servers look at it. */
export interface Asked {
  /** Such as `GET /api-keys`. */
  readonly line: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string;
  // biome-ignore lint/suspicious/noExplicitAny: the server reads of it what its documentation says
  readonly body: any;
}

export interface OtherServer {
  readonly url: string;
  close(): Promise<void>;
}

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text === "" ? undefined : JSON.parse(text);
};

/** Serves answers as JSON on loopback, on a free port. */
export const serveReplies = async (answer: (asked: Asked) => Reply): Promise<OtherServer> => {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const { status, body, headers } = answer({
      line: `${request.method} ${pathname}`,
      query: searchParams,
      header: (name) => String(request.headers[name] ?? ""),
      body: await bodyOf(request),
    });
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>((done) => server.close(() => done()).closeAllConnections()),
  };
};
