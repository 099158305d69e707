import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../lambdas/clock.ts";
import { Redacted } from "../../../lambdas/redacted.ts";
import { createHttp } from "../../../lambdas/vendors/http.ts";
import { unansweredBy } from "../../../lambdas/vendors/unanswered.ts";
import type { VendorError } from "../../../lambdas/vendors/vendor-error.ts";

/* Real sockets: what a caller is told of a vendor that it got no answer from, or one that is none. */
const KEY = "pk_live_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const listening = async <Of extends Server>(server: Of): Promise<number> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

const answering = (listener: RequestListener): Promise<number> => listening(createHttpServer(listener));

/** A create, which is asked once. */
const failed = async (base: string, apiKey = KEY): Promise<VendorError> => {
  const http = createHttp({ fetch, clock: systemClock, remainingMs: () => 20_000, maxTries: 1 });
  const headers = { "X-API-Key": new Redacted(apiKey) };
  return http.send({ method: "POST", url: `${base}/keys`, headers, body: {}, repeatable: false }).then(
    () => Promise.reject(new Error("did not fail")),
    (error) => error,
  );
};

describe("a vendor that gave no answer", () => {
  test("cannot have done anything where nobody listens", async () => {
    const port = await listening(createServer());
    await new Promise((resolve) => servers.pop()?.close(resolve));

    const error = await failed(`http://127.0.0.1:${port}`);

    expect(error.message).toBe(
      `POST /keys could not be asked of 127.0.0.1:${port}: nobody listens there (ECONNREFUSED)`,
    );
    expect(error).toMatchObject({ code: "UNREACHABLE", retryable: true, ambiguous: false });
  });

  test("cannot have done anything where it does not speak TLS", async () => {
    const port = await answering((_, response) => response.end());

    const error = await failed(`https://127.0.0.1:${port}`);

    expect(error.message).toContain("it does not speak TLS as is expected (ERR_SSL_");
    expect(error).toMatchObject({ code: "UNREACHABLE", ambiguous: false });
  });

  test("cannot have done anything at a port that no request is made to", async () => {
    const error = await failed("http://127.0.0.1:9");

    expect(error.message).toContain("its port is one that no request is made to");
    expect(error).toMatchObject({ code: "UNREACHABLE", ambiguous: false });
  });

  test("may have done it where the connection broke after it was asked", async () => {
    const port = await answering((request) => request.socket.destroy());

    const error = await failed(`http://127.0.0.1:${port}`);

    expect(error.message).toMatch(/the connection was (closed|reset) \((UND_ERR_SOCKET|ECONNRESET)\)$/);
    expect(error).toMatchObject({ code: "UNREACHABLE", ambiguous: true });
  });

  test.each([301, 302, 303, 307, 308])(
    "has done nothing where it answers %i, and the key goes nowhere else",
    async (status) => {
      const elsewhere: unknown[] = [];
      const other = await answering((request, response) => {
        elsewhere.push(request.headers);
        response.end("{}");
      });
      const location = `http://127.0.0.1:${other}/keys`;
      const port = await answering((_, response) => response.writeHead(status, { location }).end());

      const error = await failed(`http://127.0.0.1:${port}`);

      expect(error.message).toBe(
        `POST /keys was answered ${status}, a redirect to 127.0.0.1:${other}, which is not followed with a key: check baseUrl`,
      );
      expect(error).toMatchObject({ code: "UNAVAILABLE", retryable: true, ambiguous: false });
      expect(elsewhere).toEqual([]);
    },
  );
});

test.each([
  ["ETIMEDOUT", "read", true],
  ["ETIMEDOUT", "connect", false],
  ["EHOSTUNREACH", "write", true],
  ["EHOSTUNREACH", "connect", false],
  ["EPROTO", "write", true],
  ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", undefined, true],
  ["CERT_HAS_EXPIRED", undefined, false],
  ["UND_ERR_CONNECT_TIMEOUT", undefined, false],
])("what failed with %s of %s may have been done: %s", (code, syscall, mayBeDone) => {
  const cause = Object.assign(new Error("it failed"), { code, syscall });

  expect(unansweredBy(new TypeError("fetch failed", { cause })).isUnsent).toBe(!mayBeDone);
});

test.each([
  ["a line break", "pk_live_Aa11Bb22Cc33\nDd44Ee55Ff66Gg77", "a blank or a line break at place 21 of 37"],
  ["a line end of Windows", "old-secret-111\r\nnew-secret-222", "a blank or a line break at place 15 of 30"],
  ["a letter of another script", "pk_live_Ключ", "a character that no HTTP header can carry at place 9"],
])("a key with %s is not sent, and is not told", async (_, apiKey, what) => {
  const error = await failed("http://127.0.0.1:1", apiKey);

  expect(error.message).toContain(`POST /keys was not asked: the key has ${what}`);
  expect(error).toMatchObject({ code: "INVALID", ambiguous: false });
  for (const part of apiKey.split(/\s+/).filter((one) => one.length > 8)) {
    expect(error.message).not.toContain(part);
    expect(String(error.cause)).not.toContain(part);
  }
});
