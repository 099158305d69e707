import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "../../provider/plugin/certificate.ts";

/** What a function does with its event. An error that it throws is answered as Lambda answers it: by its name and message. */
export type FakeFunction = (event: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** An answer of AWS's own, instead of a function's: it says that the function is throttled, or is not there. */
export class AwsRefusal extends Error {
  readonly status: number;

  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** The function ran, and its answer is lost on the way: the connection breaks. */
export class LostAnswer extends Error {}

interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

export interface FakeLambda {
  readonly url: string;
  /** The regions that the requests were signed for. */
  readonly regions: readonly string[];
  /** The access keys that they were signed with. */
  readonly signers: readonly string[];
  close(): Promise<void>;
}

/** The credential's scope in a signature (AWS: "Signature Version 4"): key, day, region, service. */
const SCOPE = /Credential=([^/]+)\/\d{8}\/([^/]+)\/lambda\//;

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString("utf8")) as Record<string, unknown>;
};

const failure = (error: Error): Reply =>
  error instanceof AwsRefusal
    ? { status: error.status, headers: { "x-amzn-errortype": error.name }, body: { message: error.message } }
    : {
        status: 200,
        headers: { "x-amz-function-error": "Unhandled" },
        body: { errorType: error.name, errorMessage: error.message, trace: [] },
      };

/** @returns `undefined` for an answer that gets lost */
const reply = async (
  functions: ReadonlyMap<string, FakeFunction>,
  request: IncomingMessage,
): Promise<Reply | undefined> => {
  const name = decodeURIComponent(PATH.exec(request.url ?? "")?.[1] ?? "");
  const event = await bodyOf(request);
  try {
    const run = functions.get(name);
    if (!run) throw new AwsRefusal("ResourceNotFoundException", 404, `Function not found: ${name}`);
    return { status: 200, headers: {}, body: await run(event) };
  } catch (error) {
    return error instanceof LostAnswer ? undefined : failure(error as Error);
  }
};

/**
 * AWS Lambda's API on loopback, as far as `Invoke` with an answer goes. Written from AWS's API reference ("Invoke"). Left
 * out: authentication, asynchronous invokes, logs, versions.
 * @param certificate makes it answer over https
 */
export const startFakeLambda = async (
  functions: ReadonlyMap<string, FakeFunction>,
  certificate?: Certificate,
): Promise<FakeLambda> => {
  const regions: string[] = [];
  const signers: string[] = [];
  const answer: RequestListener = (request, response) => {
    const [, signer = "", region = ""] = SCOPE.exec(request.headers.authorization ?? "") ?? [];
    signers.push(signer);
    regions.push(region);
    void reply(functions, request).then((made) => {
      if (!made) return response.destroy();
      const headers = { "content-type": "application/json", ...made.headers };
      return response.writeHead(made.status, headers).end(JSON.stringify(made.body));
    });
  };
  const server = certificate
    ? createHttpsServer({ key: certificate.keyPem, cert: certificate.certificatePem }, answer)
    : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    regions,
    signers,
    url: `${certificate ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
