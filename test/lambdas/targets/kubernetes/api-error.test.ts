import { describe, expect, test } from "vitest";
import { read } from "../../../../lambdas/contracts/read.ts";
import { Redacted } from "../../../../lambdas/redacted.ts";
import { errorOf, isObjectMissing } from "../../../../lambdas/targets/kubernetes/api-error.ts";
import { secretObject } from "../../../../lambdas/targets/kubernetes/objects.ts";
import { holdersOf, isOnceOnly, pathOf } from "../../../../lambdas/targets/kubernetes/ownership.ts";
import { secretPath } from "../../../../lambdas/targets/kubernetes/rules.ts";

const asked = { object: secretPath("web", "pictify-credentials"), verbs: ["create", "patch"] } as const;
const answer = (status: number, body: object | string, retryAfter?: string) => ({
  status,
  retryAfter,
  body: new Redacted(typeof body === "string" ? body : JSON.stringify(body)),
});

/* As kube-apiserver 1.35 words them. */
const RBAC =
  'secrets "pictify-credentials" is forbidden: User "keyturn" cannot patch resource "secrets" in API group "" in the namespace "web"';
const QUOTA =
  'secrets "pictify-credentials" is forbidden: exceeded quota: few, requested: secrets=1, used: secrets=5, limited: secrets=5';

describe("an answer of the API server", () => {
  test.each([
    [403, {}, "FORBIDDEN", /add \{.*"verbs":\["create","patch"\]\} in a Role of the namespace web/],
    [403, { message: RBAC }, "FORBIDDEN", /the right to create and patch .* is missing/],
    [
      403,
      { message: QUOTA },
      "INVALID",
      /refuses .*pictify-credentials.*: 403 \(.*exceeded quota: few, requested: secrets=1/,
    ],
    [403, { message: 'admission webhook "no.test" denied the request: no' }, "INVALID", /denied the request: no\)$/],
    [403, { details: { causes: [{ reason: "NamespaceTerminating" }] } }, "NOT_FOUND", /web is being deleted/],
    [404, { details: { kind: "namespaces", name: "web" } }, "NOT_FOUND", /no namespace web/],
    [404, "404 page not found", "NOT_FOUND", /knows no secrets of the core group\/v1/],
    [409, { details: {} }, "CHANGED", /changed at the same moment/],
    [422, { message: "type: Invalid value" }, "INVALID", /422 \(type: Invalid value\)/],
    [429, {}, "RATE_LIMITED", /too many requests/],
    [500, "oops", "UNAVAILABLE", /answered 500/],
    [302, "", "FAILED", /answered 302/],
  ])("%i %j is %s", (status, body, code, message) => {
    expect(errorOf(answer(status, body), asked)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("tells how long to wait, by its header or by its body", () => {
    expect(errorOf(answer(429, {}, "7"), asked)).toMatchObject({ retryAfterMs: 7_000 });
    expect(errorOf(answer(504, { details: { retryAfterSeconds: 3 } }), asked)).toMatchObject({ retryAfterMs: 3_000 });
  });

  test("that quotes a key is told without it, as it is and in base64", () => {
    const key = `pk_live_${"x".repeat(32)}`;
    const message = `bad value ${key} or ${Buffer.from(key).toString("base64")}`;
    expect(errorOf(answer(422, { message }), asked).message).not.toMatch(/xxx|eHh4/);
  });
});

describe("what is not there", () => {
  test.each([
    ["the object itself", 404, { details: { kind: "secrets", name: "pictify-credentials" } }, true],
    ["another object", 404, { details: { kind: "secrets", name: "other" } }, false],
    ["a namespace of that name", 404, { details: { kind: "namespaces", name: "pictify-credentials" } }, false],
    ["its kind, or the API server", 404, "404 page not found", false],
    ["nothing", 403, { details: { kind: "secrets", name: "pictify-credentials" } }, false],
  ])("is %s by the answer's own words", (_, status, body, isMissing) => {
    expect(isObjectMissing(answer(status, body), asked.object)).toBe(isMissing);
  });
});

describe("a field in conflict", () => {
  const secret = read(
    secretObject,
    {
      metadata: {
        name: "x",
        managedFields: [
          { manager: "keyturn", operation: "Apply", fieldsV1: { "f:data": { "f:api-key": {} } } },
          { manager: "kubectl-edit", operation: "Update", fieldsV1: { "f:data": { ".": {}, "f:api-key": {} } } },
          {
            manager: "helm",
            operation: "Apply",
            fieldsV1: { "f:metadata": { "f:labels": { "f:app.kubernetes.io/name": {} } } },
          },
        ],
      },
    },
    "a Secret",
  );

  test.each([
    [".data.tls.crt", ["data", "tls.crt"]],
    [".metadata.labels.app.kubernetes.io/name", ["metadata", "labels", "app.kubernetes.io/name"]],
    [".spec.data", ["spec", "data"]],
  ])("%s is found in who manages what", (field, path) => {
    expect(pathOf(field)).toEqual(path);
  });

  test("is held by everybody but Keyturn, and is there for good only when it is applied", () => {
    const [edited] = holdersOf(secret.metadata, [".data.api-key"]);
    const [applied] = holdersOf(secret.metadata, [".metadata.labels.app.kubernetes.io/name"]);
    expect(edited?.managers.map(({ manager }) => manager)).toEqual(["kubectl-edit"]);
    expect(isOnceOnly([edited, applied].flatMap((one) => one ?? []).slice(0, 1))).toBe(true);
    expect(isOnceOnly([edited, applied].flatMap((one) => one ?? []))).toBe(false);
  });

  test("that nobody is seen to hold is not taken over", () => {
    expect(isOnceOnly(holdersOf(secret.metadata, [".data.other"]))).toBe(false);
  });
});
