import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRecorder, type VendorFetch } from "../../../sandbox/recorder/recorder.ts";

const NOW_MS = Date.UTC(2026, 10, 21);
const clock = { now: () => NOW_MS };

const answering = (body: unknown, status = 200): VendorFetch => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return async () => new Response(status === 204 ? null : text, { status, headers: { "X-Mark": "kept" } });
};

const request = (line: string, body?: object): Request => {
  const [method = "", path = ""] = line.split(" ");
  return new Request(`http://vendor.test${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
};

const CREATE = "POST /api-keys";

describe("what it counts", () => {
  test("calls by operation, refused and unanswered ones too", async () => {
    const answers: VendorFetch[] = [
      answering({}, 401),
      answering([]),
      () => Promise.reject(new Error("connection lost")),
    ];
    const recorder = createRecorder((one) => (answers.shift() ?? answering({}))(one), clock);

    await recorder.fetch(request("GET /api-keys"));
    await recorder.fetch(request("GET /api-keys?page=2"));
    await expect(recorder.fetch(request(CREATE))).rejects.toThrow("connection lost");

    expect(recorder.calls()).toEqual([
      { operation: "list keys", count: 2 },
      { operation: "create key", count: 1 },
    ]);
  });
});

describe("the values it collects", () => {
  const VALUE = "pk_live_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6";

  test.for([
    ["key", { key: VALUE }],
    ["full_key beside the prefix", { key_prefix: "pk_live_a1b2", full_key: VALUE }],
    ["secret", { id: "key_1", secret: VALUE }],
    ["apiKey, nested", { apiKey: { id: "key_1", value: VALUE } }],
    ["data, in a list", { data: [{ key: VALUE }] }],
  ] as const)("are found under %s", async ([, body]) => {
    const recorder = createRecorder(answering(body, 201), clock);
    await recorder.fetch(request(CREATE));
    expect(recorder.issuedValues()).toEqual([VALUE]);
  });

  test("are found in whatever envelope a vendor may use", async () => {
    const envelope = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constant(VALUE),
        fc.array(tie("tree"), { minLength: 1, maxLength: 2 }),
        fc.dictionary(fc.string(), tie("tree"), { minKeys: 1, maxKeys: 2 }),
      ),
    })).tree;
    await fc.assert(
      fc.asyncProperty(envelope, async (body) => {
        const recorder = createRecorder(answering(JSON.stringify(body)), clock);
        await recorder.fetch(request(CREATE));
        expect(recorder.issuedValues()).toEqual([VALUE]);
      }),
    );
  });

  test("are of any alphabet, as a newer page of Pictograph's gives base64", async () => {
    const value = "pk_live_k3+/Zg==";
    const recorder = createRecorder(answering({ key: value }), clock);
    await recorder.fetch(request("POST /api/v1/api-keys/"));
    expect(recorder.issuedValues()).toEqual([value]);
  });

  test("are only those of answers to create, each once", async () => {
    const recorder = createRecorder(answering({ key: VALUE }), clock);
    await recorder.fetch(request("GET /api-keys"));
    expect(recorder.issuedValues()).toEqual([]);
    await recorder.fetch(request(CREATE));
    await recorder.fetch(request(CREATE));
    expect(recorder.issuedValues()).toEqual([VALUE]);
  });

  test("are none in an answer that is not JSON, or shows but a key's beginning", async () => {
    for (const body of ["<html>pk_live_abc</html>", { key_prefix: "pk_live_abc1" }]) {
      const recorder = createRecorder(answering(body), clock);
      await recorder.fetch(request(CREATE));
      expect(recorder.issuedValues()).toEqual([]);
    }
  });
});

describe("the revocations it remembers", () => {
  test.for([
    ["Pictograph's", "DELETE /api/v1/api-keys/3f1c"],
    ["Pictify's", "POST /api-keys/3f1c/revoke"],
    ["of a vendor that can only delete", "DELETE /api-keys/3f1c"],
  ] as const)("are %s: %s", async ([, line]) => {
    const recorder = createRecorder(answering("", 204), clock);
    await recorder.fetch(request(line));
    expect(recorder.revocations()).toEqual([{ keyId: "3f1c", atMs: NOW_MS }]);
  });

  test("are none that the vendor refused", async () => {
    const recorder = createRecorder(answering({}, 404), clock);
    await recorder.fetch(request("POST /api-keys/3f1c/revoke"));
    expect(recorder.revocations()).toEqual([]);
  });
});

describe("what passes it", () => {
  test("reaches the vendor as it was sent", async () => {
    const seen: string[] = [];
    const recorder = createRecorder(async (received) => {
      const { method, url, headers } = received;
      seen.push(method, url, headers.get("Authorization") ?? "", await received.text());
      return new Response("{}");
    }, clock);

    await recorder.fetch(
      new Request("http://vendor.test/api-keys?page=2", {
        method: "POST",
        headers: { Authorization: "Bearer anything" },
        body: '{ "name":"odd   spaces" }',
      }),
    );

    expect(seen).toEqual([
      "POST",
      "http://vendor.test/api-keys?page=2",
      "Bearer anything",
      '{ "name":"odd   spaces" }',
    ]);
  });

  test("comes back as the vendor sent it", async () => {
    const body = '{ "key":"pk_live_a1b2c3d4e5f6" }';
    const response = await createRecorder(answering(body, 201), clock).fetch(request(CREATE));

    expect(response.status).toBe(201);
    expect(response.headers.get("X-Mark")).toBe("kept");
    expect(await response.text()).toBe(body);
  });
});
