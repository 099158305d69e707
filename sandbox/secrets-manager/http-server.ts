import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readBody, writeBody } from "./aws-json.ts";
import { requireToken } from "./client-request-token.ts";
import type { SecretsManager } from "./secrets-manager.ts";
import { ServiceError } from "./service-error.ts";

const HOST = "127.0.0.1";
const TARGET = /^secretsmanager\.(\w+)$/;
/** A value of 64 KB in escaped JSON and every other field at its largest fit in with room to spare. */
const MAX_BODY_BYTES = 1024 * 1024;
/** The errors in AWS's model of the service spell their field `Message`; those of the common front, `message`. */
const FRONT_ERRORS = new Set([
  "AccessDeniedException",
  "NotImplementedException",
  "SerializationException",
  "UnknownOperationException",
  "ValidationException",
]);

/**
 * Serves a Secrets Manager over HTTP on loopback, in the protocol of AWS (JSON 1.1). Signatures are not looked at.
 * @param port 0 or absent: a free one
 * @returns the base URL, and how to stop; stopping leaves the model as it is
 */
export async function serveSecretsManager(
  model: SecretsManager,
  { port = 0 }: { port?: number } = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(model, request, response).catch((error) => response.destroy(error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, resolve);
  });
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${actualPort}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(model: SecretsManager, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const operation = operationIn(request);
    const input = readBody(await textOf(request));
    requireToken(operation, input);
    send(response, 200, writeBody(await model.call(operation, input)));
  } catch (error) {
    sendError(response, asServiceError(error));
  }
}

/** @throws UnknownOperationException when the request names no operation of Secrets Manager */
function operationIn({ method, headers }: IncomingMessage): string {
  const target = String(headers["x-amz-target"] ?? "");
  const [, operation] = TARGET.exec(target) ?? [];
  if (method === "POST" && operation !== undefined) return operation;
  throw new ServiceError(
    "UnknownOperationException",
    `This is AWS Secrets Manager: send POST with the header x-amz-target: secretsmanager.<Operation> (received ${method}, ${JSON.stringify(target)}).`,
  );
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES)
      throw new ServiceError("SerializationException", `The request is longer than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** What is no answer of the model is a fault of it, or of the Lambda endpoint behind it. */
const asServiceError = (error: unknown): ServiceError =>
  error instanceof ServiceError
    ? error
    : new ServiceError("InternalServiceError", `An error occurred on the server side: ${String(error)}`, 500);

function sendError(response: ServerResponse, error: ServiceError): void {
  const field = FRONT_ERRORS.has(error.name) ? "message" : "Message";
  response.setHeader("x-amzn-errortype", error.name);
  send(response, error.statusCode, JSON.stringify({ __type: error.name, [field]: error.message }));
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.1",
    "content-length": Buffer.byteLength(body),
    "x-amzn-requestid": randomUUID(),
  });
  response.end(body);
}
