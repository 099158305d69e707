import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { type Certificate, selfSignedCertificate } from "../../../provider/plugin/certificate.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

let child: ChildProcess | undefined;

afterEach(() => {
  child?.kill("SIGKILL");
});

const start = (environment: NodeJS.ProcessEnv): ChildProcess => {
  child = spawn(process.execPath, ["--import", "tsx", "provider/main.ts"], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return child;
};

/** Its exit code, when all that it printed has been read. */
const exitCode = (of: ChildProcess): Promise<number | null> => new Promise((resolve) => of.once("close", resolve));

/** Starts the provider as Terraform does. Returns the address that it says: a socket's path, or a host and a port. */
const startFor = async (client: Certificate, environment: NodeJS.ProcessEnv = {}) => {
  const plugin = start({
    TF_PLUGIN_MAGIC_COOKIE: COOKIE,
    PLUGIN_CLIENT_CERT: client.certificatePem,
    ...environment,
  });
  const line = await new Promise<string>((resolve) =>
    plugin.stdout?.once("data", (data: Buffer) => resolve(data.toString())),
  );
  return { plugin, socket: line.split("|")[3] ?? "" };
};

const endpointOf = (address: string) => {
  const [, host, port] = /^(127\.0\.0\.1):(\d+)$/.exec(address) ?? [];
  return host === undefined ? { path: address } : { host, port: Number(port) };
};

/** The gRPC status of one call without content; rejects when no connection comes about. */
const call = (socket: string, client: Certificate | undefined, path: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const keys = client && { key: client.keyPem, cert: client.certificatePem };
    const session = connectHttp2("https://localhost", {
      createConnection: () =>
        connectTls({ ...endpointOf(socket), ALPNProtocols: ["h2"], rejectUnauthorized: false, ...keys }),
    });
    session.on("error", reject).on("close", () => reject(new Error("closed")));
    const stream = session.request({ ":method": "POST", ":path": path });
    const seen = (headers: Readonly<Record<string, unknown>>) => {
      if (headers["grpc-status"] === undefined) return;
      resolve(headers["grpc-status"]);
      session.close();
    };
    stream.on("error", reject).on("response", seen).on("trailers", seen).resume();
    stream.end(Buffer.alloc(5));
  });

test("started by hand it says who starts it, and ends", async () => {
  const plugin = start({ TF_PLUGIN_MAGIC_COOKIE: undefined });
  const said: string[] = [];
  plugin.stderr?.on("data", (data: Buffer) => said.push(data.toString()));

  expect(await exitCode(plugin)).toBe(1);
  expect(said.join("")).toContain("Terraform starts it");
});

test("only the client that started it may call it", async () => {
  const client = selfSignedCertificate(Date.now());
  const { socket } = await startFor(client);

  await expect(call(socket, undefined, "/tfplugin6.Provider/GetMetadata")).rejects.toThrow();
  await expect(call(socket, selfSignedCertificate(Date.now()), "/tfplugin6.Provider/GetMetadata")).rejects.toThrow();
  expect(await call(socket, client, "/tfplugin6.Provider/GetMetadata")).toBe("0");
});

test("where no socket fits into the temporary folder it listens on loopback, for that client alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "t".repeat(90)));
  const client = selfSignedCertificate(Date.now());
  const { socket } = await startFor(client, { TMPDIR: folder });
  rmSync(folder, { recursive: true });

  expect(socket).toMatch(/^127\.0\.0\.1:\d+$/);
  await expect(call(socket, undefined, "/tfplugin6.Provider/GetMetadata")).rejects.toThrow();
  await expect(call(socket, selfSignedCertificate(Date.now()), "/tfplugin6.Provider/GetMetadata")).rejects.toThrow();
  expect(await call(socket, client, "/tfplugin6.Provider/GetMetadata")).toBe("0");
});

test("on loopback it serves nobody without a client's certificate", async () => {
  const folder = mkdtempSync(join(tmpdir(), "t".repeat(90)));
  const plugin = start({ TF_PLUGIN_MAGIC_COOKIE: COOKIE, PLUGIN_CLIENT_CERT: "", TMPDIR: folder });
  const said: string[] = [];
  plugin.stdout?.on("data", (data: Buffer) => said.push(data.toString()));

  expect(await exitCode(plugin)).toBe(1);
  rmSync(folder, { recursive: true });
  expect(said.join("")).toContain("Let TMPDIR name");
});

test("a method that does not exist is answered so", async () => {
  const client = selfSignedCertificate(Date.now());
  const { socket } = await startFor(client);

  expect(await call(socket, client, "/tfplugin6.Provider/CallFunction")).toBe("12");
  expect(await call(socket, client, "/plugin.GRPCStdio/StreamStdio")).toBe("12");
});

test("it outlives an interrupt, and ends with its socket when it is told to shut down", async () => {
  const client = selfSignedCertificate(Date.now());
  const { plugin, socket } = await startFor(client);

  plugin.kill("SIGINT");
  expect(await call(socket, client, "/grpc.health.v1.Health/Check")).toBe("0");
  const ended = exitCode(plugin);
  expect(await call(socket, client, "/plugin.GRPCController/Shutdown")).toBe("0");

  expect(await ended).toBe(0);
  expect(existsSync(socket)).toBe(false);
});
