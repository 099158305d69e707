import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { asSecretsManagerClient } from "../../../sandbox/secrets-manager/index.ts";
import { aSecretsManager } from "./a-secrets-manager.ts";

test("takes the SDK's commands and answers in the SDK's form", async () => {
  const { model } = aSecretsManager();
  const client = asSecretsManagerClient(model);

  const created = await client.send(new CreateSecretCommand({ Name: "key", SecretBinary: Uint8Array.of(1, 2) }));
  const { SecretBinary, CreatedDate, $metadata } = await client.send(new GetSecretValueCommand({ SecretId: "key" }));

  expect(created.VersionId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(SecretBinary).toEqual(Uint8Array.of(1, 2));
  expect(CreatedDate).toBeInstanceOf(Date);
  expect($metadata.httpStatusCode).toBe(200);
});

test("throws errors with the SDK's fields", async () => {
  const client = asSecretsManagerClient(aSecretsManager().model);

  const error = await client.send(new DescribeSecretCommand({ SecretId: "key" })).catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: "ResourceNotFoundException",
    message: "Secrets Manager can't find the specified secret.",
    $fault: "client",
    $metadata: { httpStatusCode: 400 },
  });
});

test("gives every put without a token one of its own", async () => {
  const { model, create, versions } = aSecretsManager();
  const client = asSecretsManagerClient(model);
  await create();

  for (const SecretString of ["x", "x"])
    await client.send(new PutSecretValueCommand({ SecretId: "key", SecretString }));

  expect((await versions({ IncludeDeprecated: true })).Versions).toHaveLength(3);
});
