import { writeSync } from "node:fs";
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { ByteCall } from "../protocol/calls.ts";
import { type Certificate, selfSignedCertificate } from "./certificate.ts";
import { answerStream, GrpcError, STATUS, type UnaryHandler } from "./grpc.ts";
import { type HandshakeRequest, handshakeLine, handshakeRequest } from "./handshake.ts";
import { listen } from "./listen.ts";
import type { Log } from "./log.ts";

const PROVIDER = "/tfplugin6.Provider/";
const SHUTDOWN = "/plugin.GRPCController/Shutdown";
const PARENT_CHECK_MS = 2_000;

/** Field 1, value 1: "serving", of grpc.health.v1, which go-plugin may ask for. */
const SERVING = Uint8Array.from([0x08, 0x01]);

const handlerOf = (calls: ReadonlyMap<string, ByteCall>, log: Log, shutDown: () => void): UnaryHandler => {
  const others: Readonly<Record<string, () => Uint8Array>> = {
    "/grpc.health.v1.Health/Check": () => SERVING,
    [SHUTDOWN]: () => {
      setImmediate(shutDown); // after the answer is on its way
      return new Uint8Array();
    },
  };
  return async (path, request) => {
    const call = path.startsWith(PROVIDER) ? calls.get(path.slice(PROVIDER.length)) : undefined;
    if (call) {
      log("trace", "called", { method: path.slice(PROVIDER.length) });
      return call(request);
    }
    const other = others[path];
    if (other) return other();
    throw new GrpcError(STATUS.unimplemented, `there is no method ${path}`);
  };
};

/** With a client certificate only that client may connect (go-plugin's AutoMTLS); Terraform always gives one. */
const openServer = (clientCertificate: string | undefined, own: Certificate | undefined): Http2Server =>
  own && clientCertificate
    ? createSecureServer({
        key: own.keyPem,
        cert: own.certificatePem,
        ca: [clientCertificate],
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: "TLSv1.2",
      })
    : createServer();

/** A Terraform that was killed cannot tell its plugins to end: they would stay for ever. */
const onParentGone = (gone: () => void): void => {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && gone(), PARENT_CHECK_MS).unref();
};

/** What nobody waits for any more, as where Terraform was killed, is not gone on with. */
const stop = (calls: ReadonlyMap<string, ByteCall>, log: Log): void => {
  log("debug", "lost the connection to Terraform");
  void calls.get("StopProvider")?.(new Uint8Array());
};

const serveTo = (request: HandshakeRequest, calls: ReadonlyMap<string, ByteCall>, log: Log): void => {
  const own = request.clientCertificate ? selfSignedCertificate(Date.now()) : undefined;
  const server = openServer(request.clientCertificate, own);
  const sessions = new Set<ServerHttp2Session>();
  const shutDown = () => {
    for (const session of sessions) session.close(); // after what is still being answered
    server.close(() => process.exit(0));
  };
  const handler = handlerOf(calls, log, shutDown);
  const forget = (session: ServerHttp2Session): void => {
    sessions.delete(session);
    if (sessions.size === 0) stop(calls, log);
  };
  server.on("session", (session) => sessions.add(session.on("close", () => forget(session))));
  server.on("stream", (stream, headers) => void answerStream(stream, headers, handler));
  process.on("SIGINT", () => log("debug", "left the interrupt to Terraform, which stops its providers itself"));
  process.on("SIGTERM", () => process.exit(0));
  onParentGone(() => process.exit(0));
  listen(server, request, (answer) => {
    if (!("refusal" in answer)) return writeSync(process.stdout.fd, handshakeLine(answer, own?.certificateDer));
    writeSync(process.stdout.fd, `${answer.refusal}\n`); // Terraform shows the line that it cannot read
    return process.exit(1);
  });
};

/** Serves a provider to the Terraform that started this process, until it says that it is done or is gone. */
export const serve = (calls: ReadonlyMap<string, ByteCall>, log: Log): void => {
  const request = handshakeRequest(process.env);
  if ("refusal" in request) {
    writeSync(process.stderr.fd, `${request.refusal}\n`);
    process.exitCode = 1;
  } else serveTo(request, calls, log);
};
