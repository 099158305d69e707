import { describe, expect, test } from "vitest";
import { Redacted } from "../../../lambdas/redacted.ts";
import { type ClusterOptions, createCluster } from "../../../sandbox/cluster/cluster.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

const MINUTE_MS = 60_000;
const ENDPOINT = { server: "https://cluster.test", token: new Redacted("ours") };
const base64 = (text: string) => Buffer.from(text).toString("base64");

const started = (options: Partial<ClusterOptions> = {}) => {
  const clock = new VirtualClock();
  const cluster = createCluster({ clock, namespaces: ["web"], ...options });
  const patch = async (path: string, contentType: string, body: object, endpoint = ENDPOINT) => {
    const { signal } = new AbortController();
    const request = { method: "PATCH", path, contentType, body: new Redacted(JSON.stringify(body)), signal } as const;
    return (await cluster.send(endpoint, request)).status;
  };
  const apply = (path: string, body: object, endpoint?: typeof ENDPOINT) =>
    patch(`${path}?fieldManager=keyturn&force=true`, "application/apply-patch+yaml", body, endpoint);
  const putSecret = (value: string, endpoint?: typeof ENDPOINT) =>
    apply(
      "/api/v1/namespaces/web/secrets/key",
      { apiVersion: "v1", kind: "Secret", metadata: { name: "key" }, data: { "api-key": base64(value) } },
      endpoint,
    );
  const mark = (stamp: string) =>
    patch("/apis/apps/v1/namespaces/web/deployments/web?fieldManager=keyturn", "application/merge-patch+json", {
      spec: { template: { metadata: { annotations: { stamp } } } },
    });
  const deploy = () =>
    apply("/apis/apps/v1/namespaces/web/deployments/web", {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: {
        replicas: 2,
        template: {
          metadata: { labels: { app: "web" } },
          spec: {
            terminationGracePeriodSeconds: 600,
            containers: [
              { name: "web", env: [{ name: "KEY", valueFrom: { secretKeyRef: { name: "key", key: "api-key" } } }] },
            ],
          },
        },
      },
    });
  const values = () => cluster.pods().map(({ environment }) => environment?.KEY);
  return { clock, cluster, apply, putSecret, mark, deploy, values };
};

describe("pods of a simulated cluster", () => {
  test("run the value that their Secret had when they started", async () => {
    const { clock, putSecret, deploy, values } = started();
    await putSecret("one");
    await deploy();
    await clock.advance(MINUTE_MS);
    await putSecret("two");
    await clock.advance(60 * MINUTE_MS);
    expect(values()).toEqual(["one", "one"]);
  });

  test("wait for a Secret that is not there, and start once it is", async () => {
    const { clock, cluster, putSecret, deploy, values } = started();
    await deploy();
    await clock.advance(MINUTE_MS);
    expect(cluster.pods().map(({ waiting }) => waiting?.reason)).toEqual(Array(2).fill("CreateContainerConfigError"));
    await putSecret("one");
    await clock.advance(MINUTE_MS);
    expect(values()).toEqual(["one", "one"]);
  });

  test("are replaced one by one, and run on for as long as they take to end", async () => {
    const { clock, putSecret, deploy, mark, values } = started({
      times: { readyMs: MINUTE_MS, stopMs: 5 * MINUTE_MS },
    });
    await putSecret("one");
    await deploy();
    await clock.advance(5 * MINUTE_MS);
    await putSecret("two");
    await mark("two");
    await clock.advance(1.5 * MINUTE_MS);
    expect(values()).toEqual(["one", "one", "two", "two"]);
    await clock.advance(5 * MINUTE_MS);
    expect(values()).toEqual(["one", "two", "two"]);
    await clock.advance(5 * MINUTE_MS);
    expect(values()).toEqual(["two", "two"]);
  });

  test("stay as they are while an image cannot be pulled, and are replaced once it can", async () => {
    let fault: string | undefined;
    const { clock, cluster, putSecret, deploy, mark, values } = started({ imageFault: () => fault });
    await putSecret("one");
    await deploy();
    await clock.advance(5 * MINUTE_MS);
    await putSecret("two");
    fault = "ErrImagePull";
    await mark("two");
    await clock.advance(60 * MINUTE_MS);
    expect(values()).toEqual(["one", "one", undefined]);
    const { status } = cluster.object("deployments", "web", "web") as { status: { conditions: object[] } };
    expect(status.conditions).toMatchObject([{ status: "False", reason: "ProgressDeadlineExceeded" }]);
    fault = undefined;
    await clock.advance(5 * MINUTE_MS);
    expect(values()).toEqual(["two", "two"]);
  });
});

describe("the operator of a simulated cluster", () => {
  const externalSecret = (version: string) => ({
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: { name: "key" },
    spec: {
      refreshInterval: "3600s",
      target: { name: "key", creationPolicy: "Owner" },
      data: [
        { secretKey: "api-key", remoteRef: { key: "keyturn/web", property: "apiKey", version: `uuid/${version}` } },
      ],
    },
  });

  const withOperator = () => {
    const versions = new Map([
      ["v1", "one"],
      ["v2", "two"],
    ]);
    const stand = started({
      operator: {
        delayMs: 3_000,
        readVersion: async (_, id) => (versions.has(id) ? JSON.stringify({ apiKey: versions.get(id) }) : undefined),
      },
    });
    const declare = async (version: string) => {
      await stand.apply("/apis/external-secrets.io/v1/namespaces/web/externalsecrets/key", externalSecret(version));
      await stand.clock.advance(5_000);
    };
    const status = () => (stand.cluster.object("externalsecrets", "web", "key") as { status: object }).status;
    return { ...stand, declare, status };
  };

  test("writes the version that an ExternalSecret names, and the next one once it names that", async () => {
    const { cluster, declare } = withOperator();
    await declare("v1");
    expect(cluster.secret("web", "key")?.data).toEqual({ "api-key": "one" });
    await declare("v2");
    expect(cluster.secret("web", "key")?.data).toEqual({ "api-key": "two" });
  });

  test("says of a version that is not there that it is not ready, and leaves the Secret", async () => {
    const { cluster, declare, status } = withOperator();
    await declare("v1");
    await declare("v3");
    expect(cluster.secret("web", "key")?.data).toEqual({ "api-key": "one" });
    expect(status()).toMatchObject({ conditions: [{ type: "Ready", status: "False" }] });
  });

  test("puts right at its next look what somebody changed", async () => {
    const { clock, cluster, declare, putSecret } = withOperator();
    await declare("v1");
    await putSecret("by hand");
    await clock.advance(61 * MINUTE_MS);
    expect(cluster.secret("web", "key")?.data).toEqual({ "api-key": "one" });
  });

  test("loses its Secret with the ExternalSecret", async () => {
    const { cluster, declare } = withOperator();
    await declare("v1");
    cluster.delete("externalsecrets", "web", "key");
    expect(cluster.secret("web", "key")).toBeUndefined();
  });
});

test("who has no token of the cluster is refused", async () => {
  const { putSecret, cluster } = started({ knows: (token) => token === "ours" });
  expect(await putSecret("one", { ...ENDPOINT, token: new Redacted("theirs") })).toBe(401);
  expect(cluster.secret("web", "key")).toBeUndefined();
});
