import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  paginateListSecrets,
  ResourceNotFoundException,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, describe, expect, test } from "vitest";
import { serveSecretsManager } from "../../../sandbox/secrets-manager/index.ts";
import { aSecretsManager, LAMBDA_ARN, token } from "./a-secrets-manager.ts";

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const served = async () => {
  const manager = aSecretsManager();
  const server = await serveSecretsManager(manager.model);
  cleanups.push(() => server.close());
  const client = new SecretsManagerClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  cleanups.push(() => client.destroy());
  const post = (operation: string, body: string, prefix = "secretsmanager") =>
    fetch(server.url, {
      method: "POST",
      headers: { "x-amz-target": `${prefix}.${operation}`, "content-type": "application/x-amz-json-1.1" },
      body,
    });
  return { ...manager, server, client, post };
};

describe("the SDK's client", () => {
  test("reads text, bytes and dates as they were written", async () => {
    const { client, clock } = await served();
    await clock.advance(123);
    await client.send(new CreateSecretCommand({ Name: "text", SecretString: "ü€😀 \"'\\" }));
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await client.send(new CreateSecretCommand({ Name: "bytes", SecretBinary: bytes }));

    const text = await client.send(new GetSecretValueCommand({ SecretId: "text" }));
    const binary = await client.send(new GetSecretValueCommand({ SecretId: "bytes" }));

    expect(text.SecretString).toBe("ü€😀 \"'\\");
    expect(text.CreatedDate).toEqual(new Date(clock.now()));
    expect(new Uint8Array(binary.SecretBinary ?? [])).toEqual(bytes);
    expect(text.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("throws its own error classes", async () => {
    const { client } = await served();

    const error = await client.send(new DescribeSecretCommand({ SecretId: "none" })).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(ResourceNotFoundException);
    expect(error).toMatchObject({
      message: "Secrets Manager can't find the specified secret.",
      $metadata: { httpStatusCode: 400 },
    });
  });

  test("gets codes and texts of errors that are not in its model", async () => {
    const { client, lambda } = await served();
    await client.send(new CreateSecretCommand({ Name: "key", SecretString: "x" }));
    lambda.answer = "not permitted";

    const work = client.send(new RotateSecretCommand({ SecretId: "key", RotationLambdaARN: LAMBDA_ARN }));

    await expect(work).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("secretsmanager.amazonaws.com"),
    });
  });

  test("pages through lists", async () => {
    const { client, call } = await served();
    for (let number = 0; number < 25; number++) await call("CreateSecret", { Name: `n${number}` });

    const found: string[] = [];
    for await (const page of paginateListSecrets({ client, pageSize: 10 }, {})) {
      found.push(...(page.SecretList ?? []).map(({ Name }) => Name ?? ""));
    }

    expect(found).toHaveLength(25);
    expect(new Set(found).size).toBe(25);
  });

  test("puts 64 KB of bytes, and of text that JSON has to escape", async () => {
    const { client } = await served();
    await client.send(new CreateSecretCommand({ Name: "key" }));

    for (const value of [{ SecretBinary: new Uint8Array(65_536) }, { SecretString: "\u0001".repeat(65_536) }]) {
      await client.send(new PutSecretValueCommand({ SecretId: "key", ...value }));
    }

    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: "key" }));
    expect(SecretString).toHaveLength(65_536);
  });

  test("starts a rotation that runs after the answer", async () => {
    const { client, model, describe: describeKey } = await served();
    await client.send(new CreateSecretCommand({ Name: "key", SecretString: "x" }));

    const { VersionId } = await client.send(
      new RotateSecretCommand({
        SecretId: "key",
        RotationLambdaARN: LAMBDA_ARN,
        RotationRules: { AutomaticallyAfterDays: 1 },
      }),
    );
    await model.idle();

    expect((await describeKey()).VersionIdsToStages?.[VersionId ?? ""]).toContain("AWSCURRENT");
  });
});

describe("on the wire", () => {
  test("dates are seconds with a fraction, bytes are base64, absent fields are absent", async () => {
    const { post, clock } = await served();
    await clock.advance(250);
    await post("CreateSecret", JSON.stringify({ Name: "key", SecretBinary: "AQI=", ClientRequestToken: token("a") }));

    const response = await post("GetSecretValue", '{"SecretId":"key"}');

    expect(response.headers.get("content-type")).toBe("application/x-amz-json-1.1");
    expect(await response.json()).toEqual({
      ARN: expect.stringContaining(":secret:key-"),
      Name: "key",
      VersionId: token("a"),
      SecretBinary: "AQI=",
      VersionStages: ["AWSCURRENT"],
      CreatedDate: clock.now() / 1000,
    });
  });

  test("an error of the service has its code in body and header, and its text in Message", async () => {
    const { post } = await served();

    const response = await post("DescribeSecret", '{"SecretId":"none"}');

    expect(response.status).toBe(400);
    expect(response.headers.get("x-amzn-errortype")).toBe("ResourceNotFoundException");
    expect(response.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toEqual({
      __type: "ResourceNotFoundException",
      Message: "Secrets Manager can't find the specified secret.",
    });
  });

  test.each([
    ["a body that is not JSON", "DescribeSecret", "{", "SerializationException"],
    ["a body that is a list", "DescribeSecret", "[]", "SerializationException"],
    ["bytes that are not base64", "PutSecretValue", '{"SecretId":"key","SecretBinary":"%"}', "SerializationException"],
    ["a body of 2 MB", "PutSecretValue", `{"SecretString":"${"x".repeat(2_000_000)}"}`, "SerializationException"],
    ["an operation that nobody knows", "ReadSecret", "{}", "UnknownOperationException"],
    [
      "a parameter that is left out",
      "CreateSecret",
      '{"Name":"n","ClientRequestToken":"x","Type":"t"}',
      "NotImplementedException",
    ],
    ["no body at all", "DescribeSecret", "", "ValidationException"],
  ])("%s is refused", async (_, operation, body, code) => {
    const { post } = await served();

    const response = await post(operation, body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: code, message: expect.any(String) });
  });

  test.each([
    ["CreateSecret", { Name: "key", SecretString: "x" }, "InvalidRequestException"],
    ["UpdateSecret", { SecretId: "key", SecretString: "x" }, "InvalidRequestException"],
    ["PutSecretValue", { SecretId: "key", SecretString: "x" }, "InvalidRequestException"],
    ["RotateSecret", { SecretId: "key" }, "InvalidParameterException"],
  ])("a raw %s without ClientRequestToken is refused", async (operation, input, code) => {
    const { post } = await served();

    const response = await post(operation, JSON.stringify(input));

    expect(await response.json()).toEqual({
      __type: code,
      Message: "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
    });
  });

  test("another service's target and a GET are told what this is", async () => {
    const { post, server } = await served();

    for (const response of [await post("ListTables", "{}", "DynamoDB_20120810"), await fetch(server.url)]) {
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ message: expect.stringContaining("This is AWS Secrets Manager") });
    }
  });

  test("a fault behind the model is an InternalServiceError", async () => {
    const { model } = aSecretsManager();
    const server = await serveSecretsManager({ ...model, call: () => Promise.reject(new Error("Lambda is down")) });
    cleanups.push(() => server.close());

    const headers = { "x-amz-target": "secretsmanager.ListSecrets" };
    const response = await fetch(server.url, { method: "POST", headers, body: "{}" });

    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({
      __type: "InternalServiceError",
      Message: expect.stringContaining("Lambda is down"),
    });
  });

  test("a server that is closed frees its port at once, open connections or not", async () => {
    const { post, server } = await served();
    await post("ListSecrets", "{}");
    const { port } = new URL(server.url);

    await server.close();

    const next = await serveSecretsManager(aSecretsManager().model, { port: Number(port) });
    cleanups.push(() => next.close());
    expect(next.url).toBe(server.url);
  });

  test("a port that is taken is an error", async () => {
    const { server, model } = await served();

    await expect(serveSecretsManager(model, { port: Number(new URL(server.url).port) })).rejects.toThrow("EADDRINUSE");
  });
});
