import { describe, expect, test } from "vitest";
import type { Check } from "../../../lambdas/vendors/vendor.ts";
import { works } from "../../../lambdas/vendors/verify.ts";
import { json, problem, VALUE, type VendorName, vendorNames, vendorThatAnswers } from "./answering.ts";

/* What a call with a key says about it: only what the vendor itself says, in its own form, counts. */
const html = (status: number) =>
  new Response("<html>Stop</html>", { status, headers: { "content-type": "text/html" } });
const empty = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });
const bare = (status: number, text: string) => new Response(text, { status });

/** An error in each vendor's own form. */
const own = (name: VendorName, status: number, code: string): Response =>
  name === "pictify"
    ? problem(status, code.replaceAll("_", "-"))
    : json(status, { error: { code, message: "It is said so." } });

const checked = async (name: VendorName, answer: Response): Promise<Check> => {
  const { vendor, connection, run } = vendorThatAnswers(name, () => answer.clone());
  return run(vendor.verify(connection, VALUE));
};

describe.each(vendorNames)("%s finds a key", (name) => {
  test.each<[Check, string, () => Response]>([
    ["alive", "JSON", () => json(200, [])],
    ["alive", "JSON without its type", () => bare(200, "[]")],
    ["alive", "JSON of another type", () => json(200, {}, "application/vnd.api+json; charset=utf-8")],
    ["alive", "204", () => empty(204)],
    ["unclear", "a web page in place of a success", () => html(200)],
    ["unclear", "a text", () => bare(200, "OK")],
    ["unclear", "an empty success", () => empty(200)],
    [
      "unclear",
      "an empty success that calls itself JSON",
      () => empty(200, { "content-type": "application/json", "content-length": "0" }),
    ],
    ["refused", "401 for a key that is invalid", () => own(name, 401, "invalid_api_key")],
    ["refused", "401 for one that is revoked", () => own(name, 401, "api_key_revoked")],
    ["refused", "401 for one that has expired", () => own(name, 401, "expired_api_key")],
    ["unclear", "401 for none at all", () => own(name, 401, "missing_auth")],
    ["unclear", "401 for one that may not have been sent", () => own(name, 401, "invalid_or_missing_api_key")],
    ["unclear", "401 for another reason", () => own(name, 401, "unauthorized")],
    ["unclear", "401 for a bad request", () => own(name, 401, "invalid_request")],
    ["unclear", "401 with a web page", () => html(401)],
    ["unclear", "401 with nothing", () => empty(401)],
    ["unclear", "401 of a gateway", () => json(401, { message: "Unauthorized" })],
    ["unclear", "401 of another", () => json(401, { error: "Unauthorized" })],
    ["unclear", "401 of one that speaks of the key", () => json(401, { error: "invalid_api_key" })],
    ["unclear", "401 of a framework", () => json(401, { detail: "Invalid API key" })],
    ["unclear", "401 with JSON that breaks off", () => bare(401, '{"error":{"code":"invalid_api_key"')],
    ["limited", "403 in its own form", () => own(name, 403, "insufficient_permissions")],
    ["unclear", "403 with a web page", () => html(403)],
    ["unclear", "403 with nothing", () => empty(403)],
    ["unclear", "403 of a gateway", () => json(403, { message: "Forbidden" })],
    ["unclear", "403 of another", () => json(403, { error: "Forbidden" })],
    [
      "unclear",
      "403 of a server that names the status",
      () => json(403, { status: 403, error: "Forbidden", message: "Access Denied" }),
    ],
    [
      "unclear",
      "403 of an edge with a problem of its own",
      () =>
        json(403, { type: "https://developers.cloudflare.com/errors/error-1020", title: "Access denied", status: 403 }),
    ],
  ])("%s by %s", async (check, _, answer) => {
    expect(await checked(name, answer())).toBe(check);
  });

  test.each([301, 400, 404, 405, 409, 418, 422, 429, 500, 501, 502, 503, 521])(
    "in no way by %i, which says nothing of it",
    async (status) => {
      await expect(checked(name, own(name, status, "invalid_api_key"))).rejects.toMatchObject({
        name: expect.stringMatching(/^VENDOR_/),
      });
    },
  );

  test("alive before the answer's body has come, which may never end", async () => {
    let isCancelled = false;
    const endless = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("[")),
      cancel: () => {
        isCancelled = true;
      },
    });
    const { vendor, connection, run, requests } = vendorThatAnswers(
      name,
      () => new Response(endless, { headers: { "content-type": "application/json" } }),
    );
    expect(await run(vendor.verify(connection, VALUE))).toBe("alive");
    expect(isCancelled).toBe(true);
    expect(requests).toHaveLength(1);
  });

  const HUGE = 9 * 1024 * 1024;

  test("unclear by a success larger than any page that is no JSON, without reading it all", async () => {
    let sent = 0;
    const large = () =>
      new ReadableStream({
        pull: (controller) => {
          sent += 1 << 20;
          if (sent > 100 * HUGE) controller.close();
          else controller.enqueue(new Uint8Array(1 << 20).fill(32));
        },
      });
    const { vendor, connection, run } = vendorThatAnswers(
      name,
      () => new Response(large(), { headers: { "content-type": "text/html" } }),
    );
    expect(await run(vendor.verify(connection, VALUE))).toBe("unclear");
    expect(sent).toBeLessThan(3 * HUGE);
  });

  test.each([401, 403])("unclear by %i with a body that is too large to be an answer", async (status) => {
    expect(await checked(name, bare(status, " ".repeat(HUGE)))).toBe("unclear");
  });
});

test.each<[Check, boolean]>([
  ["alive", true],
  ["limited", true],
  ["refused", false],
  ["unclear", false],
])("%s: the key works: %s", (check, expected) => {
  expect(works(check)).toBe(expected);
});
