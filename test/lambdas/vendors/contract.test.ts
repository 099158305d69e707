import { describe, expect, test } from "vitest";
import type { Access } from "../../../lambdas/contracts/access.ts";
import { Redacted } from "../../../lambdas/redacted.ts";
import { createHttp } from "../../../lambdas/vendors/http.ts";
import { VENDORS } from "../../../lambdas/vendors/registry.ts";
import type { Vendor, VendorConnection } from "../../../lambdas/vendors/vendor.ts";
import { works } from "../../../lambdas/vendors/verify.ts";
import type { LastUsedForm } from "../../../sandbox/vendors/last-used.ts";
import { createPictify } from "../../../sandbox/vendors/pictify.ts";
import { PICTIFY_SEEDS_ONLY, type PictifySwitches } from "../../../sandbox/vendors/pictify-options.ts";
import { createPictograph } from "../../../sandbox/vendors/pictograph.ts";
import { PICTOGRAPH_SEEDS_ONLY, type PictographSwitches } from "../../../sandbox/vendors/pictograph-options.ts";
import type { VendorSimulator } from "../../../sandbox/vendors/simulator.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

/*
 * One suite for every vendor: what the rest of Keyturn relies on, whichever vendor it is, and in however many ways the
 * vendor may answer.
 */
type LastUsed = LastUsedForm["lastUsed"];

const PROPAGATION_MS = 5_000;
const USAGE_DELAY_MS = 60_000;

interface World {
  readonly clock: VirtualClock;
  readonly simulator: VendorSimulator;
  readonly vendor: Vendor;
  readonly access: Access;
  as(adminKey: string): VendorConnection;
  readonly connection: VendorConnection;
}

type Make = () => World;

const worldOf = (simulator: VendorSimulator, clock: VirtualClock, access: Access): World => {
  const vendor = VENDORS[simulator.vendor] as Vendor;
  const fetch = ((url: string, init: RequestInit) =>
    simulator.fetch(new Request(url, init))) as typeof globalThis.fetch;
  const http = createHttp({ fetch, clock, remainingMs: () => 120_000 });
  const { organizationId } = simulator;
  const as = (adminKey: string) => ({
    baseUrl: vendor.defaultBaseUrl,
    organizationId,
    http,
    adminKey: new Redacted(adminKey),
  });
  return { clock, simulator, vendor, access, as, connection: as(simulator.adminKey) };
};

const times = { propagationMs: PROPAGATION_MS, usageDelayMs: USAGE_DELAY_MS };

const pictograph =
  (switches: Partial<PictographSwitches> = {}): Make =>
  () => {
    const clock = new VirtualClock();
    return worldOf(createPictograph({ clock, ...times, switches }), clock, { kind: "role", value: "viewer" });
  };

const pictify =
  (switches: Partial<PictifySwitches> = {}): Make =>
  () => {
    const clock = new VirtualClock();
    const simulator = createPictify({ clock, ...times, plan: "enterprise", switches });
    return worldOf(simulator, clock, { kind: "type", value: "live" });
  };

const REVOKING: readonly (readonly [string, Make])[] = [
  ["Pictograph", pictograph()],
  ["Pictograph by its seeds alone", pictograph(PICTOGRAPH_SEEDS_ONLY)],
  ["Pictograph's newer page", pictograph({ createAnswer: "full_key", keyFormat: "base64", revokeStatus: 200 })],
  [
    "Pictograph in other words",
    pictograph({ idField: "key_id", createHasId: false, pageSize: 7, pageFlags: "always-last", pastTheEnd: 404 }),
  ],
  ["Pictify", pictify()],
  [
    "Pictify in other words",
    pictify({
      envelope: "keys",
      valueField: "secret",
      idField: "key_id",
      fieldNames: "snake_case",
      statusForm: "active",
    }),
  ],
  [
    "Pictify in still other words",
    pictify({
      envelope: "api_keys",
      valueField: "apiKey",
      idField: "keyId",
      statusForm: "isActive",
      repeatedRevokeStatus: 409,
      createHasId: false,
      pageSize: 64,
      pageFlags: "none",
      pastTheEnd: 422,
    }),
  ],
];
const ALL = [...REVOKING, ["Pictify by its seeds alone", pictify(PICTIFY_SEEDS_ONLY)] as const];

const mint = async ({ clock, vendor, connection, access }: World, name = "web-kt-00000000-0000000000") => {
  const minted = await clock.run(vendor.create(connection, { name, access, idempotencyKey: `idempotency-of-${name}` }));
  const { keys } = await clock.run(vendor.list(connection));
  const listed = keys.find((key) => key.name === name);
  if (!listed) throw new Error(`${name} is not listed`);
  return { minted, listed };
};

describe.each(ALL)("%s", (_, make) => {
  test("lists a key under the name and the access that it was minted with", async () => {
    const world = make();
    const { minted, listed } = await mint(world);
    expect(listed).toMatchObject({ active: true, access: world.access.value });
    expect(minted.id ?? listed.id).toBe(listed.id);
    expect(world.simulator.issuedValues()).toContain(minted.value.reveal());
  });

  test("finds a new key refused until it has spread, and working from then on, however small its role", async () => {
    const { clock, vendor, connection, ...world } = make();
    const { minted } = await mint({ clock, vendor, connection, ...world });
    expect(await clock.run(vendor.verify(connection, minted.value))).toBe("refused");
    await clock.advance(PROPAGATION_MS);
    // Pictify has no call that a key may make at no cost but one that only admin-level keys may.
    const answer = vendor.name === "pictify" ? "limited" : "alive";
    expect(await clock.run(vendor.verify(connection, minted.value))).toBe(answer);
    expect(works(answer)).toBe(true);
  });

  test("finds the admin key alive", async () => {
    const { clock, vendor, connection } = make();
    expect(await clock.run(vendor.verify(connection, connection.adminKey))).toBe("alive");
  });

  test.each(["auth-store-down", { kind: "edge" }, { kind: "edge", status: 401 }] as const)(
    "says no more of a key than the vendor does: %o",
    async (fault) => {
      const { clock, vendor, connection, simulator } = make();
      simulator.hostile.next("any", fault);
      const said = await clock.run(vendor.verify(connection, connection.adminKey));
      expect(said).toBe(fault === "auth-store-down" ? "refused" : "unclear");
    },
  );

  test("finds a key refused that a person revoked", async () => {
    const world = make();
    const { minted, listed } = await mint(world);
    await world.clock.advance(PROPAGATION_MS);
    world.simulator.revokeKey(listed.id);
    expect(await world.clock.run(world.vendor.verify(world.connection, minted.value))).toBe("refused");
    const { keys } = await world.clock.run(world.vendor.list(world.connection));
    expect(keys.filter((key) => key.id === listed.id && key.active)).toEqual([]);
  });

  test("lists every key, however many pages there are", async () => {
    const world = make();
    for (let n = 0; n < 140; n++) world.simulator.issueKey({ name: `key-${n}`, access: world.access.value });
    const { keys } = await world.clock.run(world.vendor.list(world.connection));
    expect(new Set(keys.map((key) => key.name)).size).toBe(141);
  });

  test("tells the vendor's own time", async () => {
    const { clock, vendor, connection } = make();
    const { vendorNowMs } = await clock.run(vendor.list(connection));
    expect(vendorNowMs).toBe(clock.now());
  });

  test.each<[string, (world: World) => string, string]>([
    ["that nobody issued", () => "pk_live_nobody", "UNAUTHORIZED"],
    [
      "without the rights",
      ({ simulator, access }) => simulator.issueKey({ name: "small", access: access.value, propagationMs: 0 }).value,
      "FORBIDDEN",
    ],
  ])("refuses an admin key %s", async (_case, adminKey, code) => {
    const world = make();
    const connection = world.as(adminKey(world));
    const request = { name: "web", access: world.access, idempotencyKey: "x" };
    await expect(world.clock.run(world.vendor.create(connection, request))).rejects.toMatchObject({ code });
  });

  test("says what is wrong with a name that it does not take, and mints nothing", async () => {
    const world = make();
    const before = world.simulator.keys().length;
    const request = { name: "n".repeat(300), access: world.access, idempotencyKey: "x" };
    await expect(world.clock.run(world.vendor.create(world.connection, request))).rejects.toMatchObject({
      code: "INVALID",
    });
    expect(world.simulator.keys()).toHaveLength(before);
  });

  test.each([
    "silence",
    "commit-then-silence",
    "commit-then-server-error",
    "not-json",
    "html",
    "missing-fields",
  ] as const)("never mints twice when the answer to create is %s", async (fault) => {
    const world = make();
    world.simulator.hostile.next("create", fault);
    const request = { name: "web", access: world.access, idempotencyKey: "x" };
    await expect(world.clock.run(world.vendor.create(world.connection, request))).rejects.toMatchObject({
      ambiguous: true,
    });
    expect(world.simulator.calls().find(({ operation }) => operation === "create")?.count).toBe(1);
  });

  test("waits out a limit and lists nevertheless", async () => {
    const world = make();
    world.simulator.hostile.next("list", { kind: "rate-limited", retryAfterSeconds: 3 });
    const before = world.clock.now();
    await world.clock.run(world.vendor.list(world.connection));
    expect(world.clock.now() - before).toBe(3_000);
  });
});

describe.each(REVOKING)("%s", (_, make) => {
  test("revokes a key at once, and says nothing else the second time", async () => {
    const world = make();
    const { minted, listed } = await mint(world);
    await world.clock.advance(PROPAGATION_MS);
    expect(await world.clock.run(world.vendor.revoke(world.connection, listed.id))).toBe("accepted");
    expect(["accepted", "unclear"]).toContain(await world.clock.run(world.vendor.revoke(world.connection, listed.id)));
    expect(await world.clock.run(world.vendor.verify(world.connection, minted.value))).toBe("refused");
    const { keys } = await world.clock.run(world.vendor.list(world.connection));
    expect(keys.filter((key) => key.id === listed.id && key.active)).toEqual([]);
  });

  test("says nothing of a key that is not there", async () => {
    const { clock, vendor, connection } = make();
    expect(await clock.run(vendor.revoke(connection, "00000000-0000-4000-8000-000000000000"))).toBe("unclear");
  });

  test("an answer that is none is no acceptance", async () => {
    const world = make();
    const { listed } = await mint(world);
    world.simulator.hostile.next("any", { kind: "edge", status: 200 }, Number.POSITIVE_INFINITY);
    await expect(world.clock.run(world.vendor.revoke(world.connection, listed.id))).rejects.toMatchObject({
      code: "BAD_ANSWER",
    });
    expect(world.simulator.keys().find((key) => key.id === listed.id)?.active).toBe(true);
  });

  test.each(["silence", "commit-then-silence", "commit-then-server-error", "html"] as const)(
    "asks again when the answer to a revocation is %s",
    async (fault) => {
      const world = make();
      const { listed } = await mint(world);
      world.simulator.hostile.next("revoke", fault);
      await world.clock.run(world.vendor.revoke(world.connection, listed.id));
      expect(world.simulator.keys().find((key) => key.id === listed.id)?.active).toBe(false);
    },
  );
});

/** Changes a key in place, and what it was asked for. */
interface Change {
  readonly operation: "rename" | "update";
  ask(world: World, keyId: string): Promise<void>;
  readonly listed: object;
}

const NEW_NAME = "api-kt-00000000-0000000000";

const rename = (operation: Change["operation"]): Change => ({
  operation,
  ask: ({ clock, vendor, connection }, keyId) =>
    clock.run(vendor.rename?.(connection, keyId, NEW_NAME) ?? Promise.reject(new Error("it cannot rename"))),
  listed: { name: NEW_NAME },
});

const changeRole: Change = {
  operation: "update",
  ask: ({ clock, vendor, connection }, keyId) =>
    clock.run(
      vendor.update?.(connection, keyId, { kind: "role", value: "member" }) ??
        Promise.reject(new Error("it cannot change the role")),
    ),
  listed: { access: "member" },
};

const listedNow = async ({ clock, vendor, connection }: World, keyId: string) =>
  (await clock.run(vendor.list(connection))).keys.find((key) => key.id === keyId);

describe.each<[string, Make, Change]>([
  ["Pictograph renames", pictograph(), rename("update")],
  ["Pictograph changes a role", pictograph(), changeRole],
  ["Pictify renames", pictify(), rename("rename")],
  ["Pictify, in other words, renames", pictify({ envelope: "keys", idField: "key_id" }), rename("rename")],
])("%s in place:", (_, make, change) => {
  test("the value stays and works, and a repeat is the same", async () => {
    const world = make();
    const { minted, listed } = await mint(world);
    await change.ask(world, listed.id);
    await change.ask(world, listed.id);
    await world.clock.advance(PROPAGATION_MS);
    expect(await listedNow(world, listed.id)).toMatchObject({ ...listed, ...change.listed });
    expect(works(await world.clock.run(world.vendor.verify(world.connection, minted.value)))).toBe(true);
  });

  test.each(["silence", "commit-then-silence", "commit-then-server-error", "html", "not-json"] as const)(
    "it is asked again when the answer is %s",
    async (fault) => {
      const world = make();
      const { listed } = await mint(world);
      world.simulator.hostile.next(change.operation, fault);
      await change.ask(world, listed.id);
      expect(await listedNow(world, listed.id)).toMatchObject(change.listed);
    },
  );

  test("a key that is not there is a definite refusal", async () => {
    const world = make();
    await expect(change.ask(world, "00000000-0000-4000-8000-000000000000")).rejects.toMatchObject({
      code: "NOT_FOUND",
      ambiguous: false,
    });
  });
});

describe.each([404, 405, 501] as const)("a vendor whose request to change a key is not there (%i)", (status) => {
  const missing = { missingEndpointStatus: status } as const;

  test.each<[string, Make, Change]>([
    ["Pictograph, a name", pictograph({ updateKey: false, ...missing }), rename("update")],
    ["Pictograph, a role", pictograph({ updateKey: false, ...missing }), changeRole],
    ["Pictify, a name", pictify({ rename: false, ...missing }), rename("rename")],
  ])("%s: refuses definitely, and the key stays as it was", async (_, make, change) => {
    const world = make();
    const { listed } = await mint(world);
    await expect(change.ask(world, listed.id)).rejects.toMatchObject({ ambiguous: false });
    expect(await listedNow(world, listed.id)).toEqual(listed);
  });
});

test("no vendor is asked for a type that it cannot change", () => {
  expect(VENDORS.pictify?.update).toBeUndefined();
});

describe("the last use of a key", () => {
  const seen = async (make: Make, use: boolean) => {
    const world = make();
    const { minted, listed } = await mint(world);
    await world.clock.advance(PROPAGATION_MS);
    const usedAtMs = world.clock.now();
    if (use) await world.clock.run(world.vendor.verify(world.connection, minted.value));
    await world.clock.advance(USAGE_DELAY_MS);
    const { keys } = await world.clock.run(world.vendor.list(world.connection));
    return { usedAtMs, lastUse: keys.find((key) => key.id === listed.id)?.lastUse };
  };

  test.each([
    ["Pictograph", pictograph()],
    ["Pictify", pictify()],
  ] as const)("is told by %s to the moment", async (_, make) => {
    const { lastUse, usedAtMs } = await seen(make, true);
    expect(lastUse).toBe(usedAtMs);
  });

  test.each([
    ["Pictograph", pictograph()],
    ["Pictify", pictify()],
  ] as const)("is never, where %s says null", async (_, make) => {
    expect((await seen(make, false)).lastUse).toBe("never");
  });

  test("is the end of the UTC day where a bare date is given", async () => {
    const { lastUse, usedAtMs } = await seen(pictify({ lastUsed: "date" }), true);
    expect(lastUse).toBe(new Date(usedAtMs).setUTCHours(23, 59, 59, 999));
  });

  test("is not told where the vendor has no field for it", async () => {
    expect((await seen(pictograph({ lastUsed: "missing" }), true)).lastUse).toBe("not told");
  });

  test.each([
    ["Pictograph", (lastUsed: LastUsed) => pictograph({ lastUsed })],
    ["Pictify", (lastUsed: LastUsed) => pictify({ lastUsed })],
  ] as const)("is read at %s in each form that tells a moment, and guessed in none", async (_, make) => {
    const readIn = async (lastUsed: LastUsed) => {
      const { lastUse, usedAtMs } = await seen(make(lastUsed), true);
      return typeof lastUse === "number" ? usedAtMs - lastUse : lastUse;
    };
    expect(await Promise.all((["epoch-milliseconds", "offset"] as const).map(readIn))).toEqual([0, 0]);
    expect(await readIn("epoch-seconds")).toBeLessThan(1_000);
    expect(await readIn("epoch-seconds")).toBeGreaterThanOrEqual(0);
    expect(await Promise.all((["local", "english"] as const).map(readIn))).toEqual([
      "not understood",
      "not understood",
    ]);
    expect(await readIn("null-always")).toBe("never");
  });
});

describe("Pictify", () => {
  test("answers a repeated mint with the same key", async () => {
    const world = pictify()();
    const first = await mint(world);
    const again = await mint(world);
    expect(again.minted.id).toBe(first.minted.id);
    expect(again.minted.value.equals(first.minted.value)).toBe(true);
  });

  test.each([404, 405, 501] as const)(
    "without an endpoint that revokes (%i) says that it has none, so that a person has to",
    async (status) => {
      const world = pictify({ revoke: false, remove: false, missingEndpointStatus: status })();
      const { listed } = await mint(world);
      expect(await world.clock.run(world.vendor.revoke(world.connection, listed.id))).toBe("unsupported");
    },
  );
});
