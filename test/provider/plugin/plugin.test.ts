import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { selfSignedCertificate } from "../../../provider/plugin/certificate.ts";
import { handshakeLine, handshakeRequest } from "../../../provider/plugin/handshake.ts";
import { createLog, type Level, shownLevel } from "../../../provider/plugin/log.ts";

const COOKIE = { TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2" };

test("the certificate is for localhost, signed by itself, and valid now", () => {
  const nowMs = Date.UTC(2026, 10, 21);
  const { certificateDer, certificatePem } = selfSignedCertificate(nowMs);

  const certificate = new X509Certificate(certificateDer);

  expect(certificate.subjectAltName).toBe("DNS:localhost");
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(Date.parse(certificate.validFrom)).toBeLessThan(nowMs);
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(nowMs + 24 * 3_600_000);
  expect(new X509Certificate(certificatePem).raw.equals(certificateDer)).toBe(true);
});

test("two certificates have two serial numbers", () => {
  const serials = [0, 0].map(() => new X509Certificate(selfSignedCertificate(0).certificateDer).serialNumber);
  expect(new Set(serials).size).toBe(2);
});

test("the handshake says where the plugin is, with its certificate without padding", () => {
  expect(handshakeLine({ socket: "/tmp/x/socket" }, Buffer.from("a"))).toBe("1|6|unix|/tmp/x/socket|grpc|YQ\n");
  expect(handshakeLine({ socket: "/tmp/x/socket" }, undefined)).toBe("1|6|unix|/tmp/x/socket|grpc|\n");
  expect(handshakeLine({ port: 4711 }, Buffer.from("a"))).toBe("1|6|tcp|127.0.0.1:4711|grpc|YQ\n");
});

test("only Terraform's call is served, and only in protocol 6", () => {
  expect(handshakeRequest({})).toHaveProperty("refusal");
  expect(handshakeRequest({ ...COOKIE, PLUGIN_PROTOCOL_VERSIONS: "4,5" })).toHaveProperty("refusal");
  expect(handshakeRequest({ ...COOKIE, PLUGIN_PROTOCOL_VERSIONS: "5,6", PLUGIN_CLIENT_CERT: "pem" })).toEqual({
    clientCertificate: "pem",
  });
});

const logTo = (lines: string[], least: Level) =>
  createLog({ write: (line) => void lines.push(line), clock: { now: () => 0, sleep: () => Promise.resolve() }, least });

test("what Terraform would not show is not written", () => {
  const lines: string[] = [];
  const log = logTo(lines, "info");

  log("debug", "a");
  log("info", "b");

  expect(lines).toHaveLength(1);
});

test.each([
  [{}, "warn"],
  [{ TF_LOG: "TRACE" }, "trace"],
  [{ TF_LOG: "info" }, "info"],
  [{ TF_LOG: "TRACE", TF_LOG_PROVIDER: "ERROR" }, "error"],
  [{ TF_LOG: "JSON" }, "trace"],
])("with %o Terraform shows %s", (environment, level) => {
  expect(shownLevel(environment)).toBe(level);
});

test("a log line is hclog's JSON, with what looks like a key taken out", () => {
  const lines: string[] = [];
  const log = logTo(lines, "trace");

  log("info", "waiting for pk_live_abcdefghijklmnop", { apiKey: "x" });

  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    "@level": "info",
    "@message": "waiting for [redacted]",
    "@module": "keyturn",
    "@timestamp": "1970-01-01T00:00:00.000000Z",
    apiKey: "[redacted]",
  });
});
