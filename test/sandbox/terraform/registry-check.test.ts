import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { isRegistryReachable } from "../../../sandbox/terraform/registry-check.ts";

describe("the registry", () => {
  let proxy: Server | undefined;
  const asked: (string | undefined)[] = [];

  const startProxy = async (status: string) => {
    proxy = createServer();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url);
      socket.end(`HTTP/1.1 ${status}\r\n\r\n`);
    });
    await new Promise<void>((done) => proxy?.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  };

  afterEach(async () => {
    await new Promise((done) => (proxy ? proxy.close(done) : done(undefined)));
    proxy = undefined;
  });

  test("that has no name in the network cannot be reached", async () => {
    expect(await isRegistryReachable({}, "registry.invalid")).toBe(false);
  });

  test("is asked for through the proxy that Terraform would use", async () => {
    const HTTPS_PROXY = await startProxy("200 OK");
    expect(await isRegistryReachable({ HTTPS_PROXY }, "registry.invalid")).toBe(true);
    expect(asked.at(-1)).toBe("registry.invalid:443");
  });

  test("that the proxy refuses cannot be reached", async () => {
    const HTTPS_PROXY = await startProxy("403 Forbidden");
    expect(await isRegistryReachable({ HTTPS_PROXY }, "registry.invalid")).toBe(false);
  });

  test("behind a proxy that is not there, or is no address, cannot be reached", async () => {
    expect(await isRegistryReachable({ HTTPS_PROXY: "127.0.0.1:1" }, "registry.invalid")).toBe(false);
    expect(await isRegistryReachable({ HTTPS_PROXY: "://" }, "registry.invalid")).toBe(false);
  });
});
