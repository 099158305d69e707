import { describe, expect, test } from "vitest";
import type { RevokeAnswer } from "../../../lambdas/vendors/vendor.ts";
import { json, vendorThatAnswers } from "./answering.ts";

/*
 * What the answers to a revocation mean: a success is one, and what is refused proves neither that the key is gone nor that it lives. Both
 * of Pictify's requests are inferred, so that the list says whether the second is worth asking.
 */
const ID = "key_1";
const refusals = [404, 405, 409, 410, 501] as const;
/** What says that the request was wrong, or may be asked again. */
const failures = [400, 401, 403, 408, 415, 422, 429, 500, 503] as const;
const successes = [200, 202, 204] as const;

const answered = (status: number): Response => {
  if (status === 204) return new Response(null, { status });
  return status < 300 ? json(status, { success: true }) : json(status, { error: { code: "x", message: "y" } });
};

type Shown = "active" | "revoked" | "absent";

const listAnswer = (shown: Shown): Response => {
  const keys = shown === "absent" ? [] : [{ id: ID, name: "web", status: shown === "active" ? "Active" : "Revoked" }];
  return json(200, { apiKeys: keys });
};

/** @param revoke the status of POST …/revoke @param remove that of DELETE @param shown what the list shows before and after the latter */
const pictifyRevoking = async (revoke: number, remove: number, shown: readonly [Shown, Shown]) => {
  let hasAsked = false;
  const { vendor, connection, requests, run } = vendorThatAnswers("pictify", ({ method }) => {
    if (method === "GET") return listAnswer(shown[hasAsked ? 1 : 0]);
    if (method === "POST") return answered(revoke);
    hasAsked = true;
    return answered(remove);
  });
  const answer = await run(vendor.revoke(connection, ID));
  return { answer, changes: requests.filter((request) => !request.startsWith("GET")) };
};

const POST = `POST /api-keys/${ID}/revoke`;
const DELETE = `DELETE /api-keys/${ID}`;

describe("Pictify", () => {
  test.each(successes)("accepts by %i, and is asked for nothing else", async (status) => {
    expect(await pictifyRevoking(status, 500, ["active", "active"])).toEqual({ answer: "accepted", changes: [POST] });
  });

  test.each(refusals.flatMap((status) => (["revoked", "absent"] as const).map((shown) => [status, shown] as const)))(
    "is unclear by %i where the key is %s, and is not asked to delete it besides",
    async (status, shown) => {
      expect(await pictifyRevoking(status, 204, [shown, shown])).toEqual({ answer: "unclear", changes: [POST] });
    },
  );

  test.each(refusals)("is asked to delete where %i is answered and the key listed as active", async (status) => {
    expect(await pictifyRevoking(status, 204, ["active", "active"])).toEqual({
      answer: "accepted",
      changes: [POST, DELETE],
    });
  });

  test.each(
    refusals.flatMap((revoke) =>
      refusals.flatMap((remove) =>
        (
          [
            ["active", "unsupported"],
            ["revoked", "unclear"],
            ["absent", "unclear"],
          ] as const
        ).map(([after, answer]) => [revoke, remove, after, answer] as const),
      ),
    ),
  )("refuses both, %i and %i: with the key %s afterwards it is %s", async (revoke, remove, after, answer) => {
    expect((await pictifyRevoking(revoke, remove, ["active", after])).answer).toBe<RevokeAnswer>(answer);
  });

  test.each(failures)("says nothing by %i, at either request", async (status) => {
    await expect(pictifyRevoking(status, 204, ["active", "active"])).rejects.toMatchObject({
      name: expect.stringMatching(/^VENDOR_/),
    });
    await expect(pictifyRevoking(404, status, ["active", "active"])).rejects.toMatchObject({
      name: expect.stringMatching(/^VENDOR_/),
    });
  });
});

describe("Pictograph", () => {
  const revoking = async (status: number) => {
    const { vendor, connection, requests, run } = vendorThatAnswers("pictograph", () => answered(status));
    return { answer: await run(vendor.revoke(connection, ID)), requests };
  };

  test.each<[number, RevokeAnswer]>([
    ...successes.map((status) => [status, "accepted"] as [number, RevokeAnswer]),
    ...[404, 409, 410].map((status) => [status, "unclear"] as [number, RevokeAnswer]),
    [405, "unsupported"],
    [501, "unsupported"],
  ])("by %i is %s", async (status, answer) => {
    expect(await revoking(status)).toEqual({ answer, requests: [`DELETE /api/v1/api-keys/${ID}`] });
  });

  test.each(failures)("says nothing by %i", async (status) => {
    await expect(revoking(status)).rejects.toMatchObject({ name: expect.stringMatching(/^VENDOR_/) });
  });
});
