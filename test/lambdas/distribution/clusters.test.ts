import { describe, expect, test } from "vitest";
import { grantsOf } from "../../../lambdas/contracts/grants.ts";
import { clustersOf } from "../../../lambdas/distribution/clusters.ts";
import { secretObject } from "../../../lambdas/targets/kubernetes/objects.ts";
import { secretPath } from "../../../lambdas/targets/kubernetes/rules.ts";
import type { ClusterSend } from "../../../lambdas/targets/kubernetes/transport.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";
import { settingsOfTest } from "../settings-of-test.ts";
import { plainKubeconfig } from "./plain-kubeconfig.ts";

const kubeconfig = plainKubeconfig();

const granted = (kubeconfigSecret: string) => ({ access: { kubeconfigSecret }, serves: [] });
const grants = grantsOf({
  ...settingsOfTest,
  connections: {},
  clusters: { away: granted("keyturn/away"), well: granted("keyturn/well") },
});

const started = (send: ClusterSend) => {
  const clock = new VirtualClock();
  const read: string[] = [];
  const secrets = {
    currentValue: async (name: string) => {
      read.push(name);
      return name.endsWith("missing") ? undefined : { text: kubeconfig, createdAtMs: undefined };
    },
  };
  const world = {
    send,
    eks: () => ({}) as never,
    credentials: async () => ({ accessKeyId: "a", secretAccessKey: "s" }),
  };
  const clusters = clustersOf(world, clock, secrets as never);
  const get = (name: "away" | "well", limitMs = 10_000) => {
    const endMs = clock.now() + limitMs;
    const budget = { remainingMs: () => endMs - clock.now(), signal: new AbortController().signal };
    const cluster = grants.clusters?.[name];
    if (!cluster) throw new Error(`there is no cluster ${name}`);
    const use = clusters.use(name, cluster, budget, (api) => api.get(secretObject, secretPath("web", "x")));
    return clock.run(use.catch((error: { code: string }) => error.code));
  };
  return { get, read, clock };
};

describe("the clusters of an invocation", () => {
  test("are each found once", async () => {
    const { get, read } = started(async () => ({ status: 404, retryAfter: undefined, body: notFound }) as never);
    await get("away");
    await get("away");
    await get("well");
    expect(read).toEqual(["keyturn/away", "keyturn/well"]);
  });

  test("are tried with patience, and only once after one was found away", async () => {
    let tries = 0;
    const { get } = started(async () => {
      tries++;
      throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    });
    expect(await get("away")).toBe("UNREACHABLE");
    const patient = tries;
    expect(await get("away")).toBe("UNREACHABLE");
    expect(patient).toBeGreaterThan(3);
    expect(tries).toBe(patient + 1);
    await get("well");
    expect(tries).toBe(2 * patient + 1);
  });

  test("that ask to be left alone for a while are asked again right after it", async () => {
    let tries = 0;
    const answers = [
      { status: 429, retryAfter: "7", body: notFound },
      { status: 404, retryAfter: undefined, body: notFound },
    ];
    const { get, clock } = started(async () => answers[tries++] as never);
    const beganMs = clock.now();
    expect(await get("away")).toBeUndefined();
    expect(clock.now() - beganMs).toBe(7_000);
  });

  test("that do not answer are left after ten seconds a try", async () => {
    const { get, clock } = started(
      (_, { signal }) =>
        new Promise((_done, fail) => signal.addEventListener("abort", () => fail(new Error("aborted")))),
    );
    const beganMs = clock.now();
    expect(await get("away")).toBe("TIMEOUT");
    expect(clock.now() - beganMs).toBe(10_000);
  });

  test("that do not answer once are asked again, within the time that there is", async () => {
    let tries = 0;
    const { get, clock } = started((_, { signal }) => {
      if (tries++ > 0) return Promise.resolve({ status: 404, retryAfter: undefined, body: notFound } as never);
      return new Promise((_done, fail) => signal.addEventListener("abort", () => fail(new Error("aborted"))));
    });
    const beganMs = clock.now();
    expect(await get("away", 30_000)).toBeUndefined();
    expect(clock.now() - beganMs).toBe(10_250);
  });
});

const notFound = { reveal: () => JSON.stringify({ details: { name: "x", kind: "secrets" } }) };
