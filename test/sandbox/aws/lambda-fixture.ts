import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  type Runtime,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";

/** A folder for one test's state; `remove` takes it away again. */
export const makeStateFolder = async () => {
  const path = await mkdtemp(join(tmpdir(), "keyturn-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
};

export interface Note {
  readonly target: string | undefined;
  readonly path: string;
  readonly body: string;
}

/** A server that notes each request and answers like a Secrets Manager that holds one value. */
export const startNotingServer = async () => {
  const notes: Note[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const target = request.headers["x-amz-target"];
      notes.push({ target: Array.isArray(target) ? target[0] : target, path: request.url ?? "", body });
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(JSON.stringify({ Name: "a", SecretString: "from the sandbox" }));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => new Promise<void>((done) => server.close(() => done()).closeAllConnections());
  return { url, notes, close };
};

export const lambdaClientFor = (endpoint: string): LambdaClient =>
  new LambdaClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });

export interface LambdaSource {
  readonly name: string;
  readonly runtime: Runtime;
  readonly file: string;
  readonly source: string;
  readonly variables?: Record<string, string>;
}

/** Creates a function whose handler is `handler` in the only file, and waits until it can be invoked. Returns its ARN. */
export const createFunction = async (client: LambdaClient, lambda: LambdaSource): Promise<string> => {
  const module = lambda.file.replace(/\.[^.]+$/, "");
  const command = new CreateFunctionCommand({
    FunctionName: lambda.name,
    Runtime: lambda.runtime,
    Handler: `${module}.handler`,
    Role: "arn:aws:iam::000000000000:role/any",
    Code: { ZipFile: zipSync({ [lambda.file]: strToU8(lambda.source) }) },
    Timeout: 60,
    Environment: { Variables: lambda.variables ?? {} },
  });
  const { FunctionArn } = await client.send(command);
  if (!FunctionArn) throw new Error("CreateFunction answered without an ARN");
  const waiting = { client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 };
  await waitUntilFunctionActiveV2(waiting, { FunctionName: lambda.name });
  return FunctionArn;
};

/** Invokes and parses what the function answered. */
export const invokeForJson = async (client: LambdaClient, name: string, event: object = {}): Promise<unknown> => {
  const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }));
  return JSON.parse(answer.Payload?.transformToString() ?? "null");
};
