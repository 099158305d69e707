import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";

/*
 * Unary gRPC over HTTP/2 (grpc.io, "gRPC over HTTP2"): one message asked, one answered. Left out, as Terraform does not
 * ask for it: streams, compression, deadlines.
 */

export const STATUS = { ok: 0, unimplemented: 12, internal: 13 } as const;

/** A failure that the caller gets as a gRPC status instead of an answer. */
export class GrpcError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "GrpcError";
    this.status = status;
  }
}

/** Answers the message of a path such as `/tfplugin6.Provider/ReadResource`. */
export type UnaryHandler = (path: string, request: Uint8Array) => Promise<Uint8Array>;

/** One byte that says "compressed", four of length, and the message. */
const FRAME_HEAD = 5;

const unframed = (content: Buffer): Buffer => {
  if (content.length < FRAME_HEAD || content.length !== FRAME_HEAD + content.readUInt32BE(1))
    throw new GrpcError(STATUS.internal, `the request of ${content.length} bytes is not one whole message`);
  if (content.readUInt8(0) !== 0) throw new GrpcError(STATUS.unimplemented, "compressed messages are not supported");
  return content.subarray(FRAME_HEAD);
};

const framed = (message: Uint8Array): Buffer => {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

const HEAD = { ":status": 200, "content-type": "application/grpc" } as const;

/** Never settles for a caller that goes away in the middle: there is nobody left to answer. */
const contentOf = (stream: ServerHttp2Stream): Promise<Buffer> =>
  new Promise((resolve) => {
    const parts: Buffer[] = [];
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => resolve(Buffer.concat(parts)));
  });

const answerWith = (stream: ServerHttp2Stream, message: Uint8Array): void => {
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": String(STATUS.ok) }));
  stream.respond(HEAD, { waitForTrailers: true });
  stream.end(framed(message));
};

const failWith = (stream: ServerHttp2Stream, error: unknown): void => {
  const status = error instanceof GrpcError ? error.status : STATUS.internal;
  const message = error instanceof Error ? error.message : String(error);
  const trailers = { "grpc-status": String(status), "grpc-message": encodeURIComponent(message) };
  stream.respond({ ...HEAD, ...trailers }, { endStream: true });
};

/** Answers one HTTP/2 stream. Never rejects; a caller that has gone away is not answered. */
export const answerStream = async (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders & { readonly ":path"?: string | undefined },
  handler: UnaryHandler,
): Promise<void> => {
  stream.on("error", () => stream.destroy()); // the caller went away; there is nobody to tell
  try {
    const message = await handler(headers[":path"] ?? "", unframed(await contentOf(stream)));
    if (!stream.destroyed) answerWith(stream, message);
  } catch (error) {
    if (!stream.destroyed) failWith(stream, error);
  }
};
