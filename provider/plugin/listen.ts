import { mkdtempSync, rmSync } from "node:fs";
import type { Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, type HandshakeRequest, LONGEST_SOCKET_PATH } from "./handshake.ts";

const PREFIX = "keyturn-";
const SOCKET = "socket";

/** What `mkdtemp` adds to a prefix. */
const RANDOM = "XXXXXX";

/** Whether a Unix socket in a folder of our own there has a path that systems take. */
const takesSocket = (folder: string): boolean =>
  Buffer.byteLength(join(folder, `${PREFIX}${RANDOM}`, SOCKET)) <= LONGEST_SOCKET_PATH;

const socketIn = (folder: string): string => {
  const own = mkdtempSync(join(folder, PREFIX));
  process.on("exit", () => rmSync(own, { recursive: true, force: true }));
  return join(own, SOCKET);
};

const startListening = (server: Http2Server, request: HandshakeRequest, ready: (address: Address) => void): void => {
  const folder = request.socketFolder ?? tmpdir();
  if (takesSocket(folder)) {
    const socket = socketIn(folder);
    server.listen(socket, () => ready({ socket }));
  } else if (request.clientCertificate)
    server.listen({ host: "127.0.0.1", port: 0 }, () => ready({ port: (server.address() as AddressInfo).port }));
  else throw new Error("its path is too long for a Unix socket, and Terraform gave no certificate for a port");
};

/**
 * Listens on a Unix socket in the temporary folder; where its path is too long for one, on a free port of loopback. There the
 * client's certificate alone keeps others out, so that nothing listens there without one.
 * @param answer gets the address as soon as somebody may connect, or why nobody can: a sentence that names TMPDIR
 */
export const listen = (
  server: Http2Server,
  request: HandshakeRequest,
  answer: (address: Address | { readonly refusal: string }) => void,
): void => {
  const refuse = (error: Error) =>
    answer({
      refusal:
        `The provider of Keyturn cannot listen for Terraform in ${request.socketFolder ?? tmpdir()}: ${error.message}. ` +
        "Let TMPDIR name a folder that is there and takes files.",
    });
  server.once("error", refuse);
  try {
    startListening(server, request, answer);
  } catch (error) {
    refuse(error as Error);
  }
};
