import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PICTOGRAPH_ROLES, reaches } from "../../../sandbox/vendors/pictograph-options.ts";
import { call, pictograph } from "./vendor-calls.ts";

const OTHER_ORGANIZATION = "11111111-2222-4333-8444-555555555555";

const LINES: readonly [string, string][] = [
  ["GET /api/v1/developer/datasets/", "viewer"],
  ["GET /api/v1/developer/datasets/unknown", "viewer"],
  ["GET /api/v1/developer/images/unknown", "viewer"],
  ["GET /api/v1/developer/annotations/unknown", "viewer"],
  ["POST /api/v1/developer/images/", "member"],
  ["POST /api/v1/developer/annotations/unknown", "member"],
  ["POST /api/v1/developer/exports/", "admin"],
  ["DELETE /api/v1/developer/images/unknown", "admin"],
  ["DELETE /api/v1/developer/exports/unknown", "admin"],
  ["POST /api/v1/api-keys/", "admin"],
  ["GET /api/v1/api-keys/", "admin"],
  ["DELETE /api/v1/api-keys/unknown", "admin"],
];

describe("the permissions matrix", () => {
  test.each(LINES)("%s needs at least %s", async (line, least) => {
    for (const role of PICTOGRAPH_ROLES) {
      const { vendor } = pictograph();
      const { value } = vendor.issueKey({ name: role, access: role, propagationMs: 0 });

      const answer = await call(vendor, line, { key: value, ...(line.startsWith("POST") ? { json: {} } : {}) });

      expect(answer.status === 403, `${role}: ${answer.status}`).toBe(!reaches(role, least));
    }
  });

  test("a role that is too small is a 403 with code and message", async () => {
    const { vendor, list } = pictograph();
    const { value } = vendor.issueKey({ name: "m", access: "member", propagationMs: 0 });

    const answer = await list("", value);

    expect(answer.status).toBe(403);
    expect(answer.body.error).toEqual({ code: "insufficient_permissions", message: expect.any(String) });
  });

  test("an uploaded image can be read, annotated and deleted", async () => {
    const { vendor } = pictograph();
    const id = (await call(vendor, "POST /api/v1/developer/images/", { json: {} })).body.image_id;

    const statuses = [];
    for (const line of ["GET images", "POST annotations", "GET annotations", "DELETE images", "GET images"]) {
      const [method, what] = line.split(" ");
      statuses.push((await call(vendor, `${method} /api/v1/developer/${what}/${id}`)).status);
    }

    expect(statuses).toEqual([200, 201, 200, 204, 404]);
  });

  test("datasets come as an array, take limit and offset, and can be read one by one", async () => {
    const { vendor } = pictograph();
    const all = (await call(vendor, "GET /api/v1/developer/datasets/")).body;

    const second = (await call(vendor, "GET /api/v1/developer/datasets/?limit=1&offset=1")).body;
    const one = await call(vendor, `GET /api/v1/developer/datasets/${all[0].id}`);

    expect(all).toHaveLength(2);
    expect(second).toEqual([all[1]]);
    expect(one.body).toEqual(all[0]);
    expect((await call(vendor, "GET /api/v1/developer/datasets/?limit=1001")).status).toBe(400);
  });
});

describe("admins who manage keys", () => {
  test("may give, change and revoke any role that is not above their own, and no other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("admin", "owner"), fc.constantFrom(...PICTOGRAPH_ROLES), async (own, other) => {
        const { vendor, create } = pictograph();
        const manager = vendor.issueKey({ name: "manager", access: own, propagationMs: 0 });
        const target = vendor.issueKey({ name: "target", access: other });
        const change = { key: manager.value, json: { role: other } };

        const statuses = [
          (await create("new", other, {}, manager.value)).status,
          (await call(vendor, `PATCH /api/v1/api-keys/${target.id}`, change)).status,
          (await call(vendor, `DELETE /api/v1/api-keys/${target.id}`, { key: manager.value })).status,
        ];

        expect(statuses).toEqual(reaches(own, other) ? [201, 200, 204] : [403, 403, 403]);
      }),
    );
  });

  test("can't lift a key above their own role", async () => {
    const { vendor } = pictograph();
    const manager = vendor.issueKey({ name: "manager", access: "admin", propagationMs: 0 });
    const target = vendor.issueKey({ name: "target", access: "viewer" });

    const answer = await call(vendor, `PATCH /api/v1/api-keys/${target.id}`, {
      key: manager.value,
      json: { role: "owner" },
    });

    expect(answer.status).toBe(403);
    expect(vendor.keys().at(-1)?.access).toBe("viewer");
  });
});

describe("organizations", () => {
  const strangers = () => {
    const world = pictograph();
    const owner = world.vendor.issueKey({
      name: "stranger",
      access: "owner",
      organizationId: OTHER_ORGANIZATION,
      propagationMs: 0,
    });
    return { ...world, owner };
  };

  test("an owner of another organization can neither list nor make keys here", async () => {
    const { vendor, create, list, owner } = strangers();

    expect((await list("", owner.value)).status).toBe(403);
    expect((await create("mine", "viewer", {}, owner.value)).status).toBe(403);
    expect(vendor.keys()).toHaveLength(2);
  });

  test("a key of this organization does not exist for another's owner", async () => {
    const { vendor, owner } = strangers();

    for (const method of ["GET", "PATCH", "DELETE"]) {
      const options = { key: owner.value, ...(method === "PATCH" ? { json: { name: "x" } } : {}) };
      expect((await call(vendor, `${method} /api/v1/api-keys/${vendor.adminKeyId}`, options)).status).toBe(404);
    }
    expect(vendor.keys()[0]?.active).toBe(true);
  });

  test("each organization's list has its own keys alone, and its datasets are its own", async () => {
    const { vendor, list, owner } = strangers();

    const here = await list();
    const there = await call(vendor, `GET /api/v1/api-keys/?organization_id=${OTHER_ORGANIZATION}`, {
      key: owner.value,
    });
    const [ours, theirs] = [vendor.adminKey, owner.value].map((key) =>
      call(vendor, "GET /api/v1/developer/datasets/", { key }),
    );

    const names = (answer: typeof here) => answer.body.api_keys.map((key: { name: string }) => key.name);
    expect([names(here), names(there)]).toEqual([["Admin"], ["stranger"]]);
    expect((await ours)?.body[0].id).not.toBe((await theirs)?.body[0].id);
  });

  test("the limit on keys is per organization", async () => {
    const { vendor, create } = pictograph({ keyLimit: 2 });
    vendor.issueKey({ name: "stranger", access: "owner", organizationId: OTHER_ORGANIZATION });

    expect((await create("ours", "viewer")).status).toBe(201);
  });
});
