import { expect, test } from "vitest";
import { SHORT_DELAYS } from "../../sandbox/delays.ts";
import { revokeLeftovers } from "../../sandbox/leftovers.ts";
import { standVendor, usesForeignVendors, type VendorName } from "../../sandbox/vendor-stand.ts";
import { VirtualClock } from "../../sandbox/virtual-clock.ts";

const PICTOGRAPH = {
  PICTOGRAPH_URL: "http://127.0.0.1:1",
  PICTOGRAPH_ADMIN_KEY: "pk_live_admin_of_somebody",
  PICTOGRAPH_ORGANIZATION_ID: "3f1c2a52",
};
const PICTIFY = { PICTIFY_URL: "http://127.0.0.1:1/prefix", PICTIFY_ADMIN_KEY: "pk_live_admin_of_somebody" };

const stand = (name: VendorName, environment: Record<string, string> = {}) => {
  const clock = new VirtualClock();
  return { clock, ...standVendor(name, environment, clock, SHORT_DELAYS) };
};

test.for([
  ["no variable", {}, false],
  ["Pictograph's", PICTOGRAPH, true],
  ["Pictify's", PICTIFY, true],
  ["all of them", { ...PICTOGRAPH, ...PICTIFY }, true],
  ["an empty one", { PICTIFY_URL: "" }, false],
] as const)("with %s set, vendors of somebody else are used: %s", ([, environment, expected]) => {
  expect(usesForeignVendors(environment)).toBe(expected);
});

test("a vendor whose variables are set in part is an error that names those that are missing", () => {
  const environment = { ...PICTOGRAPH, PICTIFY_ADMIN_KEY: "pk_live_admin_of_somebody" };
  expect(() => usesForeignVendors(environment)).toThrow(
    "to use a pictify server of yours, set PICTIFY_URL, PICTIFY_ADMIN_KEY; missing: PICTIFY_URL",
  );
});

test.for(["127.0.0.1:8080", "localhost", "ftp://127.0.0.1"])("%s is refused as a vendor's URL", (url) => {
  expect(() => usesForeignVendors({ ...PICTIFY, PICTIFY_URL: url })).toThrow(
    `PICTIFY_URL must be the URL of a server, such as http://127.0.0.1:8080, not "${url}"`,
  );
});

test("a simulator stands where no variable is set, with an admin key of its own and no other", async () => {
  const pictify = stand("pictify");
  const { keys } = await pictify.vendor.list(pictify.direct);
  expect(pictify).toMatchObject({ isForeign: false, adminKey: expect.stringMatching(/^pk_live_/) });
  expect(keys).toHaveLength(1);
  expect(pictify.issuedValues()).toContain(pictify.adminKey);
});

test("looking past the recorder counts as no call", async () => {
  const pictograph = stand("pictograph");
  await pictograph.vendor.list(pictograph.direct);
  expect(pictograph.recorder.calls()).toEqual([]);
});

test("the values issued are the admin key, and whatever the vendor issues through the recorder", async () => {
  const pictograph = stand("pictograph");
  const answer = await pictograph.recorder.fetch(
    new Request("http://vendor.test/api/v1/api-keys/", {
      method: "POST",
      headers: { "X-API-Key": pictograph.adminKey },
      body: JSON.stringify({ organization_id: pictograph.organizationId, name: "a", role: "member" }),
    }),
  );
  const { key } = (await answer.json()) as { key: string };
  expect(pictograph.issuedValues()).toEqual([pictograph.adminKey, key]);
});

test("what an earlier run left is revoked: the active keys of its own service, and no others", async () => {
  const pictify = stand("pictify");
  const create = async (name: string): Promise<string> => {
    const access = { kind: "type", value: "test" } as const;
    const { id = "" } = await pictify.vendor.create(pictify.direct, { name, access, idempotencyKey: name });
    return id;
  };
  const ours = await create("web-kt-0123abcd-0123456789");
  await create("web-kt-99999999-0123456789");
  await create("made by hand");

  expect(await revokeLeftovers(pictify, "0123abcd")).toEqual({ revoked: [ours], byHand: [] });
  expect(await revokeLeftovers(pictify, "0123abcd")).toEqual({ revoked: [], byHand: [] });

  const { keys } = await pictify.vendor.list(pictify.direct);
  const active = keys.filter((key) => key.active).map(({ name }) => name);
  expect(active).toEqual(expect.arrayContaining(["web-kt-99999999-0123456789", "made by hand"]));
  expect(active).not.toContain("web-kt-0123abcd-0123456789");
});

test("what only a person can revoke is named, and hinders nothing", async () => {
  const pictify = stand("pictify");
  const access = { kind: "type", value: "test" } as const;
  const name = "web-kt-0123abcd-0123456789";
  const { id } = await pictify.vendor.create(pictify.direct, { name, access, idempotencyKey: name });
  const http: typeof pictify.direct.http = {
    ...pictify.direct.http,
    send: (request) =>
      pictify.direct.http.send(
        request.method === "GET" ? request : { ...request, url: "http://vendor.test/not-there" },
      ),
  };

  const found = await revokeLeftovers({ vendor: pictify.vendor, direct: { ...pictify.direct, http } }, "0123abcd");

  expect(found).toEqual({ revoked: [], byHand: [id] });
});
