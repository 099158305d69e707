import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../lambdas/clock.ts";
import { createPictify } from "../../../sandbox/vendors/pictify.ts";
import { createPictograph } from "../../../sandbox/vendors/pictograph.ts";
import { startVendorServer, type VendorServer } from "../../../sandbox/vendors/serve.ts";
import type { VendorSimulator } from "../../../sandbox/vendors/simulator.ts";
import { type CallOptions, read, requestOf } from "./vendor-calls.ts";

const servers: VendorServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const serving = async (simulator: VendorSimulator) => {
  const server = await startVendorServer(simulator);
  servers.push(server);
  const send = async (line: string, options: CallOptions = {}) =>
    read(await fetch(requestOf(simulator, line, options, server.url)));
  return { simulator, server, send };
};

const pictograph = () => serving(createPictograph({ clock: systemClock, propagationMs: 0 }));
const pictify = () => serving(createPictify({ clock: systemClock, propagationMs: 0 }));

describe("over HTTP", () => {
  test("a server listens on loopback alone, on a port of its own", async () => {
    const { server } = await pictify();

    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test("a Pictograph key is made, used and revoked as in the vendor's examples", async () => {
    const { simulator, send } = await pictograph();
    const json = { organization_id: simulator.organizationId, name: "CI Pipeline", role: "member" };

    const { id, key } = (await send("POST /api/v1/api-keys/", { json })).body;
    const listed = await send(`GET /api/v1/api-keys/?organization_id=${simulator.organizationId}`);
    const used = await send("GET /api/v1/developer/datasets/", { key });
    const revoked = await send(`DELETE /api/v1/api-keys/${id}`);
    const refused = await send("GET /api/v1/developer/datasets/", { key });

    expect(listed.body.api_keys).toHaveLength(2);
    expect([used.status, revoked.status, refused.status]).toEqual([200, 204, 401]);
  });

  test("a Pictify key is made, renders and is revoked", async () => {
    const { send } = await pictify();

    const { id, key } = (await send("POST /api-keys", { json: { name: "New Production Key", type: "live" } })).body;
    const rendered = await send("POST /image", { key, json: { html: "<h1>Hello</h1>" } });
    await send(`POST /api-keys/${id}/revoke`);
    const refused = await send("POST /image", { key, json: { html: "<h1>Hello</h1>" } });

    expect([rendered.status, refused.status]).toEqual([200, 401]);
  });

  test("the Date header is the vendor's, not the web server's", async () => {
    const { send } = await serving(createPictify({ clock: systemClock, clockSkewMs: -86_400_000 }));

    const { headers } = await send("GET /api-keys");

    expect(Date.parse(headers.get("date") ?? "")).toBeLessThan(systemClock.now() - 80_000_000);
  });

  test("silence breaks the connection, with the work done", async () => {
    const { simulator, send } = await pictify();
    simulator.hostile.next("create", { kind: "commit-then-silence", afterMs: 1 });

    await expect(send("POST /api-keys", { json: { name: "web", type: "live" } })).rejects.toThrow("fetch failed");
    expect(simulator.keys()).toHaveLength(2);
    expect((await send("GET /api-keys")).status).toBe(200);
  });

  test("work that comes late is done although the caller has gone", async () => {
    const { simulator, send } = await pictify();
    simulator.hostile.next("create", { kind: "commit-late", delayMs: 100 });
    const controller = new AbortController();
    const outcome = send("POST /api-keys", { json: { name: "web", type: "live" }, signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    while (simulator.calls().length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error("too slow"));
    await outcome;

    while (simulator.keys().length < 2) await new Promise((resolve) => setImmediate(resolve));

    expect(simulator.keys()[1]?.name).toBe("web");
  });

  test("closing the server ends calls that nobody would have answered", async () => {
    const clock = { now: systemClock.now, sleep: () => new Promise<void>(() => {}) };
    const { simulator, server, send } = await serving(createPictograph({ clock }));
    simulator.hostile.next("datasets", "silence");
    const outcome = send("GET /api/v1/developer/datasets/").catch((error: unknown) => error);
    while (simulator.calls().length === 0) await new Promise((resolve) => setImmediate(resolve));

    await server.close();
    servers.splice(0);

    expect(await outcome).toBeInstanceOf(TypeError);
  });
});
