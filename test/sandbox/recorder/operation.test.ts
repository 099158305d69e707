import { expect, test } from "vitest";
import { keyIdOf, operationOf } from "../../../sandbox/recorder/operation.ts";

test.for([
  ["GET", "/api/v1/developer/datasets/", "list datasets"],
  ["GET", "/api/v1/api-keys/", "list keys"],
  ["POST", "/api/v1/api-keys/", "create key"],
  ["GET", "/api/v1/api-keys/3f1c2a52", "get key"],
  ["PATCH", "/api/v1/api-keys/3f1c2a52", "update key"],
  ["DELETE", "/api/v1/api-keys/3f1c2a52", "revoke key"],
  ["POST", "/image", "render image"],
  ["GET", "/api-keys", "list keys"],
  ["POST", "/api-keys", "create key"],
  ["PATCH", "/api-keys/key_abc123", "update key"],
  ["POST", "/api-keys/key_abc123/revoke", "revoke key"],
  ["DELETE", "/api-keys/key_abc123", "delete key"],
  ["DELETE", "/image", "other"],
  ["GET", "/api-keys/key_abc123/usage", "other"],
] as const)("%s %s asks to %s", ([method, path, operation]) => {
  expect(operationOf(method, path)).toBe(operation);
});

test.for([
  ["/api/v1/api-keys/3f1c2a52", "3f1c2a52"],
  ["/api-keys/key_abc123/revoke", "key_abc123"],
  ["/api-keys/key_abc123", "key_abc123"],
  ["/api-keys/key%3Aabc", "key:abc"],
  ["/api-keys", undefined],
] as const)("%s is about the key %s", ([path, keyId]) => {
  expect(keyIdOf(path)).toBe(keyId);
});
