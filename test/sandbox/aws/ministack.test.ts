import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, realpath, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { selfSignedCertificate } from "../../../provider/plugin/certificate.ts";
import { type Ministack, startMinistack } from "../../../sandbox/aws/ministack.ts";
import { isAlive } from "../../../sandbox/aws/owned-folder.ts";
import { type PythonEnvironment, preparePythonEnvironment } from "../../../sandbox/aws/python-environment.ts";
import { findPython } from "../../../sandbox/aws/python-interpreter.ts";
import { publishRotationEvent } from "../../../sandbox/aws/rotation-events.ts";
import { checkPython } from "../../../sandbox/prerequisites.ts";
import { describeUnlessMissing } from "../describe-unless-missing.ts";
import {
  createFunction,
  invokeForJson,
  lambdaClientFor,
  makeStateFolder,
  startNotingServer,
} from "./lambda-fixture.ts";
import { makeRotationEvent, SECRET_ARN } from "./rotation-event-fixture.ts";

const INSTALL_TIMEOUT_MS = 300_000;

const READ_SECRET_IN_NODE = `
const { SecretsManagerClient, GetSecretValueCommand } = require("@aws-sdk/client-secrets-manager");
exports.handler = async () => (await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: "a" }))).SecretString;
`;

const READ_SECRET_IN_PYTHON = `
import boto3
def handler(event, context):
    return boto3.client("secretsmanager").get_secret_value(SecretId="a")["SecretString"]
`;

const SHOW_PROCESS = `exports.handler = async () => ({ path: process.execPath, variables: process.env });`;

const ASK_HTTPS_SERVER = `
const https = require("node:https");
exports.handler = () => new Promise((resolve, reject) => {
  const options = { ca: process.env.AUTHORITY, servername: "localhost" };
  https.get(process.env.SERVER, options, (answer) => resolve(answer.statusCode)).on("error", reject);
});
`;

/** An HTTPS server on loopback that answers everything with 204. */
const startHttpsServer = async () => {
  const { keyPem, certificatePem } = selfSignedCertificate(Date.now());
  const server = createServer({ key: keyPem, cert: certificatePem }, (_, response) => response.writeHead(204).end());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/version`;
  return { url, certificatePem, close: () => void server.close().closeAllConnections() };
};

/** Says which process it is, and then hangs. */
const HANG = `
exports.handler = async () => {
  await fetch(process.env.NOTES, { method: "POST", body: String(process.pid) });
  for (;;);
};
`;

const postJson = async (endpoint: string, target: string, body: object): Promise<unknown> => {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
  return (await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(body) })).json();
};

const startHanging = async (client: LambdaClient, server: Awaited<ReturnType<typeof startNotingServer>>) => {
  const variables = { NOTES: server.url };
  await createFunction(client, { name: "hang", runtime: "nodejs22.x", file: "index.js", source: HANG, variables });
  await client.send(new InvokeCommand({ FunctionName: "hang", InvocationType: "Event" }));
  return vi.waitFor(
    () => Number(server.notes.at(-1)?.body || Number.NaN) || Promise.reject(new Error("not yet")),
    30_000,
  );
};

const untilGone = (processId: number) => expect.poll(() => isAlive(processId)).toBe(false);

describeUnlessMissing([checkPython(await findPython())], "ministack", () => {
  let pythonEnvironment: PythonEnvironment;

  beforeAll(async () => {
    pythonEnvironment = await preparePythonEnvironment();
  }, INSTALL_TIMEOUT_MS);

  describe("while it runs", () => {
    let ministack: Ministack;
    let client: LambdaClient;
    let server: Awaited<ReturnType<typeof startNotingServer>>;
    let state: Awaited<ReturnType<typeof makeStateFolder>>;

    beforeAll(async () => {
      server = await startNotingServer();
      state = await makeStateFolder();
      // As where the sandbox lies in the folder of an ESM project: its Lambdas must stay CommonJS all the same.
      await writeFile(join(state.path, "package.json"), `{"type":"module"}`);
      vi.stubEnv("PICTIFY_ADMIN_KEY", "ours alone");
      const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url };
      ministack = await startMinistack({ stateFolder: state.path, pythonEnvironment, environment });
      client = lambdaClientFor(ministack.endpoint);
    });

    afterAll(async () => {
      vi.unstubAllEnvs();
      client.destroy();
      await ministack.close();
      await server.close();
      await state.remove();
    });

    test("a Node Lambda that brings no SDK finds one, and reaches our Secrets Manager without being told", async () => {
      const source = READ_SECRET_IN_NODE;
      await createFunction(client, { name: "node", runtime: "nodejs22.x", file: "index.js", source });

      expect(await invokeForJson(client, "node")).toBe("from the sandbox");
    });

    test("a Python Lambda finds boto3, and reaches our Secrets Manager without being told", async () => {
      const source = READ_SECRET_IN_PYTHON;
      await createFunction(client, { name: "python", runtime: "python3.12", file: "app.py", source });

      expect(await invokeForJson(client, "python")).toBe("from the sandbox");
      expect(server.notes.at(-1)?.target).toBe("secretsmanager.GetSecretValue");
    });

    test("a Node Lambda reaches an HTTPS server on loopback as what it is, such as a Kubernetes API server", async () => {
      const { url, certificatePem, close } = await startHttpsServer();
      const variables = { SERVER: url, AUTHORITY: certificatePem };
      const source = ASK_HTTPS_SERVER;
      await createFunction(client, { name: "https", runtime: "nodejs22.x", file: "index.js", source, variables });

      expect(await invokeForJson(client, "https")).toBe(204);
      close();
    });

    test("Node Lambdas run the Node that we run, and see nothing of our environment", async () => {
      await createFunction(client, { name: "show", runtime: "nodejs22.x", file: "index.js", source: SHOW_PROCESS });

      const shown = (await invokeForJson(client, "show")) as { path: string; variables: Record<string, string> };

      expect(await realpath(shown.path)).toBe(await realpath(process.execPath));
      expect(shown.variables).not.toHaveProperty("PICTIFY_ADMIN_KEY");
    });

    test("nobody reaches it from outside of the machine", async ({ skip }) => {
      const outside = Object.values(networkInterfaces()).flat();
      const address = outside.find((candidate) => candidate && !candidate.internal && candidate.family === "IPv4");
      if (!address) return skip("this machine has no address but loopback");
      const { port } = new URL(ministack.endpoint);

      await expect(fetch(`http://${address.address}:${port}/_ministack/health`)).rejects.toThrow("fetch failed");
    });

    test("a rule on Secrets Manager's own events gets them in CloudTrail's form", async () => {
      const pattern = { source: ["aws.secretsmanager"], detail: { eventName: ["RotationFailed"] } };
      const queue = { Id: "1", Arn: "arn:aws:sqs:us-east-1:000000000000:failures" };
      await postJson(ministack.endpoint, "AmazonSQS.CreateQueue", { QueueName: "failures" });
      await postJson(ministack.endpoint, "AWSEvents.PutRule", { Name: "r", EventPattern: JSON.stringify(pattern) });
      await postJson(ministack.endpoint, "AWSEvents.PutTargets", { Rule: "r", Targets: [queue] });

      await publishRotationEvent(ministack, makeRotationEvent("RotationSucceeded"));
      await publishRotationEvent(ministack, makeRotationEvent("RotationFailed"));

      const read = { QueueUrl: `${ministack.endpoint}/000000000000/failures`, MaxNumberOfMessages: 10 };
      const { Messages } = (await postJson(ministack.endpoint, "AmazonSQS.ReceiveMessage", read)) as {
        Messages: { Body: string }[];
      };
      const delivered = Messages.map(({ Body }) => JSON.parse(Body));
      expect(delivered).toHaveLength(1);
      expect(delivered[0]).toMatchObject({
        "detail-type": "AWS Service Event via CloudTrail",
        detail: { eventName: "RotationFailed", additionalEventData: { SecretId: SECRET_ARN } },
      });
    });
  });

  test("closing it ends it, a Lambda that hangs, and leaves nothing but its log", async () => {
    const state = await makeStateFolder();
    const server = await startNotingServer();
    const ministack = await startMinistack({ stateFolder: state.path, pythonEnvironment });
    const client = lambdaClientFor(ministack.endpoint);
    const worker = await startHanging(client, server);

    await ministack.close();
    await ministack.close();

    await untilGone(worker);
    expect(isAlive(ministack.processId)).toBe(false);
    expect(await readdir(state.path)).toEqual(["ministack.log"]);
    client.destroy();
    await server.close();
    await state.remove();
  });

  test("when whoever started it is killed, it ends, and so does a Lambda that hangs", async () => {
    const state = await makeStateFolder();
    const server = await startNotingServer();
    const { owner, processId, endpoint } = await startInProcessOfItsOwn(state.path, pythonEnvironment);
    const client = lambdaClientFor(endpoint);
    const worker = await startHanging(client, server);

    owner.kill("SIGKILL");

    await untilGone(processId);
    await untilGone(worker);
    client.destroy();
    await server.close();
    await state.remove();
  });

  test("what a killed owner left is removed at the next start", async () => {
    const state = await makeStateFolder();
    const { owner, processId } = await startInProcessOfItsOwn(state.path, pythonEnvironment);
    owner.kill("SIGKILL");
    await once(owner, "exit");
    await untilGone(processId);

    const ministack = await startMinistack({ stateFolder: state.path, pythonEnvironment });

    await ministack.close();
    expect(await readdir(state.path)).toEqual(["ministack.log"]);
    await state.remove();
  });

  test("events after its end are refused, not lost in silence", async () => {
    const state = await makeStateFolder();
    const ministack = await startMinistack({ stateFolder: state.path, pythonEnvironment });
    await ministack.close();

    const publishing = publishRotationEvent(ministack, makeRotationEvent("RotationFailed"));

    await expect(publishing).rejects.toThrow("has ended");
    await state.remove();
  });
});

test("a start that fails says where the log is, and leaves nothing running", async () => {
  const state = await makeStateFolder();
  const pythonEnvironment = { folder: "none", python: "/bin/false" };

  const starting = startMinistack({ stateFolder: state.path, pythonEnvironment });

  await expect(starting).rejects.toThrow(`its log is ${state.path}/ministack.log`);
  expect(await readdir(state.path)).toEqual(["ministack.log"]);
  await state.remove();
});

interface OwnedElsewhere {
  readonly owner: ChildProcess;
  readonly processId: number;
  readonly endpoint: string;
}

const startInProcessOfItsOwn = async (
  stateFolder: string,
  { folder, python }: PythonEnvironment,
): Promise<OwnedElsewhere> => {
  const script = fileURLToPath(new URL("start-ministack-and-wait.ts", import.meta.url));
  const parameters = ["--import", "tsx/esm", script, stateFolder, folder, python];
  const owner = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: owner.stdout }), "line")) as [string];
  const [processId, endpoint = ""] = line.split(" ");
  return { owner, processId: Number(processId), endpoint };
};
