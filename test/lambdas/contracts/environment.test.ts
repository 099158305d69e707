import { expect, test } from "vitest";
import { PROXY_ENVIRONMENT, proxyOptions } from "../../../lambdas/contracts/environment.ts";

const proxy = { [PROXY_ENVIRONMENT.proxy]: "http://proxy.example:3128" };

test("an agent goes by the proxy of the environment where Node.js is told to", () => {
  const environment = { ...proxy, [PROXY_ENVIRONMENT.use]: "1" };

  expect(proxyOptions(environment)).toEqual({ proxyEnv: environment });
});

test("a proxy in the environment alone changes nothing, as it does for fetch", () => {
  expect(proxyOptions(proxy)).toEqual({});
  expect(proxyOptions({ ...proxy, [PROXY_ENVIRONMENT.use]: "0" })).toEqual({});
});
