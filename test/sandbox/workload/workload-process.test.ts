import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../lambdas/clock.ts";
import { Redacted } from "../../../lambdas/redacted.ts";
import {
  createSecretsManager,
  type SecretsManager,
  serveSecretsManager,
} from "../../../sandbox/secrets-manager/index.ts";
import { createPictify } from "../../../sandbox/vendors/pictify.ts";
import { startVendorServer } from "../../../sandbox/vendors/serve.ts";
import type { VendorSimulator } from "../../../sandbox/vendors/simulator.ts";
import { startGroupProcess, startPodProcess, startWorkloadProcess } from "../../../sandbox/workload/process.ts";

const TIMEOUT_MS = 60_000;

const noLambda = { mayInvoke: async () => "no such function" as const, invoke: async () => ({}) };

const put = (secretsManager: SecretsManager, apiKey: string) =>
  secretsManager.call("PutSecretValue", { SecretId: "a", SecretString: JSON.stringify({ apiKey }) });

describe("a workload as a process of its own", { timeout: TIMEOUT_MS }, () => {
  let secretsManager: SecretsManager;
  let pictify: VendorSimulator;
  let vendorUrl: string;
  let secretsUrl: string;
  const closers: (() => Promise<void> | void)[] = [];

  beforeAll(async () => {
    secretsManager = createSecretsManager({
      clock: systemClock,
      lambda: noLambda,
      region: "us-east-1",
      accountId: "000000000000",
    });
    pictify = createPictify({ clock: systemClock, plan: "pro" });
    await secretsManager.call("CreateSecret", { Name: "a" });
    const secrets = await serveSecretsManager(secretsManager);
    const vendor = await startVendorServer(pictify);
    secretsUrl = secrets.url;
    vendorUrl = vendor.url;
    closers.push(() => secretsManager.close(), secrets.close, vendor.close);
  });

  afterAll(async () => {
    for (const close of closers) await close();
  });

  const common = (failures: string[]) =>
    ({
      vendor: "pictify",
      vendorUrl,
      everyMs: 20,
      onFailure: (reason: string) => void failures.push(reason),
      environment: {
        PATH: process.env.PATH,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsUrl,
        AWS_REGION: "us-east-1",
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      },
    }) as const;

  const start = () => {
    const failures: string[] = [];
    const workload = startWorkloadProcess({ ...common(failures), secretId: "a", cacheMs: 60_000 });
    return { workload, failures };
  };

  test("finds its secret as every AWS client does, calls its vendor with it, and reports", async () => {
    await put(secretsManager, pictify.adminKey);
    const { workload, failures } = start();

    await expect.poll(() => workload.counts().requests).toBeGreaterThan(1);
    await workload.stop();

    expect(workload.counts()).toMatchObject({ failures: 0 });
    expect(failures).toEqual([]);
  });

  test("tells why a request failed", async () => {
    await put(secretsManager, "pk_live_of_nobody");
    const { workload, failures } = start();

    await expect.poll(() => failures[0]).toBe("answered 401");
    await workload.stop();

    expect(workload.counts().failures).toBeGreaterThan(0);
  });

  test("ends when it is stopped, and then is still", async () => {
    await put(secretsManager, pictify.adminKey);
    const { workload, failures } = start();
    await expect.poll(() => workload.counts().requests).toBeGreaterThan(0);

    await workload.stop();
    const counts = workload.counts();
    await workload.stop();

    expect(workload.counts()).toEqual(counts);
    expect(failures).toEqual([]);
  });

  test("that ends by itself counts as a failure", async () => {
    const failures: string[] = [];
    const workload = startWorkloadProcess({
      secretId: "a",
      vendor: "pictify",
      vendorUrl: "not a URL",
      everyMs: 20,
      cacheMs: 60_000,
      onFailure: (reason) => failures.push(reason),
      environment: { PATH: process.env.PATH, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    });

    await expect.poll(() => failures).toEqual(["the workload's process ended with 1"]);

    expect(workload.counts().failures).toBe(1);
    await workload.stop();
  });

  describe("with others, as a group", () => {
    const startGroup = (secretId: string) => {
      const failures: string[] = [];
      const members = [
        { name: "first", secretId: "group" },
        { name: "second", secretId },
      ];
      const group = startGroupProcess({ ...common(failures), members, longestHoldMs: 50, seed: 1 });
      return { group, failures };
    };
    const value = (keyId: string, apiKey: string) =>
      JSON.stringify({ apiKey, keyId, vendor: "pictify", name: keyId, type: "live", issuedAt: "2026-01-01T00:00:00Z" });

    beforeAll(async () => {
      const { adminKey } = pictify;
      await secretsManager.call("CreateSecret", { Name: "group", SecretString: value("key_1", adminKey) });
      await secretsManager.call("CreateSecret", { Name: "dead", SecretString: value("key_2", "pk_live_of_nobody") });
    });

    test("calls with the key of each, and counts all of them", async () => {
      const { group, failures } = startGroup("group");

      await expect.poll(() => group.counts().requests).toBeGreaterThan(3);
      await group.stop();

      expect([group.counts().failures, failures]).toEqual([0, []]);
    });

    test("tells whose request failed, and with which key", async () => {
      const { group, failures } = startGroup("dead");

      const told = /^second: answered 401, with key_2, read \d+ s before$/;
      await expect.poll(() => failures[0]).toMatch(told);
      await group.stop();

      expect(group.counts().failures).toBeGreaterThan(0);
      expect(group.counts().requests).toBeGreaterThan(group.counts().failures);
    });
  });

  describe("in a pod", () => {
    const startPod = (apiKey: string, everyMs = 20) => {
      const failures: string[] = [];
      const onFailure = (reason: string) => void failures.push(reason);
      const request = { vendor: "pictify", vendorUrl, everyMs, onFailure } as const;
      const pod = startPodProcess({ ...request, keyVariable: "PICTIFY_API_KEY", apiKey: new Redacted(apiKey) });
      return { pod, failures };
    };

    test("calls its vendor with the key that was injected into it, and knows of no Secrets Manager", async () => {
      const { pod, failures } = startPod(pictify.adminKey);

      await expect.poll(() => pod.counts().requests).toBeGreaterThan(1);
      await pod.stop();

      expect([pod.counts().failures, failures]).toEqual([0, []]);
    });

    test("has counted every request when it has stopped, the last one too", async () => {
      const { id, value } = pictify.issueKey({ name: "counted", access: "live", propagationMs: 0 });
      const { pod } = startPod(value, 1);

      await expect.poll(() => pod.counts().requests).toBeGreaterThan(1);
      await pod.stop();

      const known = pictify.keys().find((key) => key.id === id)?.requests;
      expect(pod.counts().requests).toBe(known);
    });

    test("goes on with it when it does not work any more: that is a failure", async () => {
      const { pod, failures } = startPod("pk_live_of_nobody");

      await expect.poll(() => failures.length).toBeGreaterThan(1);
      await pod.stop();

      expect(new Set(failures)).toEqual(new Set(["answered 401"]));
    });

    test("counts as a failure when it has no key", async () => {
      const { pod, failures } = startPod("");
      await expect.poll(() => failures).toEqual(["the workload's process ended with 1"]);
      await pod.stop();
    });
  });
});
