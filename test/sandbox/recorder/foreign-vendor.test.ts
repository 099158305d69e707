import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { foreignVendor } from "../../../sandbox/recorder/foreign-vendor.ts";

interface Received {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that notes what it gets and answers as it is told. */
const serve = async (answer: (response: ServerResponse) => void) => {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    received.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    answer(response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const close = () => new Promise<void>((done) => server.close(() => done()).closeAllConnections());
  closers.push(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, close };
};

const ok = (response: ServerResponse): void => {
  response.setHeader("X-RateLimit-Remaining", "299");
  response.end("{}");
};

describe("the request", () => {
  test("arrives with its path, query, headers and body, whatever host it was made for", async () => {
    const { url, received } = await serve(ok);
    const headers = { "X-API-Key": "pk_live_any", "Idempotency-Key": "abc", "Content-Type": "application/json" };

    await foreignVendor(url)(
      new Request("http://127.0.0.1:1/api-keys?page=2&limit=5", { method: "POST", headers, body: '{"name":"ü"}' }),
    );

    expect(received).toMatchObject([{ line: "POST /api-keys?page=2&limit=5", body: '{"name":"ü"}' }]);
    expect(received[0]?.headers).toMatchObject({
      "x-api-key": "pk_live_any",
      "idempotency-key": "abc",
      "content-type": "application/json",
      host: new URL(url).host,
    });
  });

  test.for(["/vendors/pictify", "/vendors/pictify/"])("keeps the server's own path %s before it", async (prefix) => {
    const { url, received } = await serve(ok);
    await foreignVendor(`${url}${prefix}`)(new Request("http://127.0.0.1:1/api-keys"));
    expect(received).toMatchObject([{ line: "GET /vendors/pictify/api-keys" }]);
  });

  test("without a body arrives without one", async () => {
    const { url, received } = await serve(ok);
    await foreignVendor(url)(new Request("http://127.0.0.1:1/api-keys/key_1/revoke", { method: "POST" }));
    expect(received).toMatchObject([{ line: "POST /api-keys/key_1/revoke", body: "" }]);
  });
});

describe("the answer", () => {
  test("comes back with its status, headers and body", async () => {
    const { url } = await serve((response) => {
      response.writeHead(429, { "Retry-After": "2", "Content-Type": "application/problem+json" });
      response.end('{"status":429}');
    });

    const answer = await foreignVendor(url)(new Request("http://127.0.0.1:1/image"));

    expect(answer.status).toBe(429);
    expect(answer.headers.get("Retry-After")).toBe("2");
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await answer.text()).toBe('{"status":429}');
  });

  test.for([204, 205, 304])("of status %i comes back without a body", async (status) => {
    const { url } = await serve((response) => response.writeHead(status).end());
    const answer = await foreignVendor(url)(new Request("http://127.0.0.1:1/api-keys/key_1", { method: "DELETE" }));
    expect(answer.status).toBe(status);
    expect(await answer.text()).toBe("");
  });

  test("that is compressed comes back readable, and does not say that it is compressed", async () => {
    const { url } = await serve((response) => {
      response.writeHead(200, { "Content-Encoding": "gzip" });
      response.end(gzipSync('{"apiKeys":[]}'));
    });
    const answer = await foreignVendor(url)(new Request("http://127.0.0.1:1/api-keys"));
    expect(answer.headers.has("Content-Encoding")).toBe(false);
    expect(await answer.json()).toEqual({ apiKeys: [] });
  });

  test("that leads elsewhere is not followed: an admin key goes to the server named, and nowhere else", async () => {
    const elsewhere = await serve(ok);
    const { url } = await serve((response) => response.writeHead(302, { Location: elsewhere.url }).end());
    const answer = await foreignVendor(url)(new Request("http://127.0.0.1:1/api-keys"));
    expect(answer.status).toBe(302);
    expect(elsewhere.received).toEqual([]);
  });
});

describe("a server that does not answer", () => {
  test("is named", async () => {
    const { url, close } = await serve(ok);
    await close();
    const asked = foreignVendor(`${url}/prefix`)(new Request("http://127.0.0.1:1/api-keys"));
    await expect(asked).rejects.toThrow(`the server at ${url} does not answer (ECONNREFUSED)`);
  });

  test("is waited for no longer than its caller says", async () => {
    const { url } = await serve(() => {});
    const giveUp = new AbortController();
    const asked = foreignVendor(url)(new Request("http://127.0.0.1:1/api-keys", { signal: giveUp.signal }));
    giveUp.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  });
});
