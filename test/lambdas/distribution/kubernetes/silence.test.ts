import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import { Redacted } from "../../../../lambdas/redacted.ts";
import { endpointOfKubeconfig } from "../../../../lambdas/targets/kubernetes/kubeconfig.ts";
import { rulesOf } from "../../../../lambdas/targets/kubernetes/rules.ts";
import { type ClusterSend, sendOverHttps } from "../../../../lambdas/targets/kubernetes/transport.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { serviceAccountKubeconfig } from "../../../kubernetes-api/service-account.ts";
import { createDeployment } from "../../../kubernetes-api/workloads.ts";
import { serveEks } from "../../targets/kubernetes/eks-stand-in.ts";
import { plainKubeconfig } from "../plain-kubeconfig.ts";
import { base64, createDistribution, type DistributionOptions, secretTarget } from "../stand.ts";

/*
 * Everything that comes out of `distribute`, whatever goes wrong: its log, its answers, what it throws, and what anything in it
 * prints. In none of it may be a key, a credential of a cluster, or a part of a kubeconfig.
 */
const restart = [{ kind: "deployment", name: "web" }] as const;
const caller = {
  accessKeyId: "AKIAEXAMPLE",
  secretAccessKey: "the/secret+access+key",
  sessionToken: "the/session+token==",
};

/** Watches what is printed past the log, until the test ends. */
const listenToPrinting = (): (() => string) => {
  const said: unknown[] = [];
  const note = (...parts: unknown[]): boolean => said.push(...parts) > 0;
  for (const method of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, method).mockImplementation(note);
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockImplementation(note as never);
  return () => {
    vi.restoreAllMocks();
    return said.map((one) => (typeof one === "string" ? one : inspect(one, { depth: 9 }))).join("\n");
  };
};

/** A text is cut where it is told: a part of a secret is one, too. */
const piecesOf = (secret: string): readonly string[] => secret.match(/[\s\S]{32}/g) ?? [secret];

/** A life of a key: all of the answers or errors, as text. */
const everythingOf = async (options: DistributionOptions, namespace: string, credentials: readonly string[]) => {
  const stopListening = listenToPrinting();
  const stand = await createDistribution({ timeoutMs: 5_500, ...options });
  const key = await stand.declare([secretTarget(namespace, { restart })]);
  const results: unknown[] = [];
  const ask = async (action: "apply" | "observe") =>
    void results.push(await stand.ask(action, [key]).catch((error: unknown) => error));
  await ask("apply");
  await stand.rotate(key);
  await ask("apply");
  await ask("observe");
  const printed = stopListening();
  const text = [...stand.lines, JSON.stringify(results), inspect(results, { depth: 9 }), printed].join("\n");
  const secrets = [...credentials, ...stand.values, ...stand.values.map(base64)];
  return { text, found: secrets.flatMap(piecesOf).filter((piece) => text.includes(piece)) };
};

/** An API server, or a proxy before it, that refuses everything and quotes all that it was sent. */
const quoting: ClusterSend = async ({ token }, { body }) => ({
  status: 422,
  retryAfter: undefined,
  body: new Redacted(JSON.stringify({ message: [token, body].map((one) => one?.reveal() ?? "").join(" | ") })),
});

describeWithKubernetes("what distribute says", (cluster: () => TestCluster) => {
  const limited = async (namespace: string, rules = rulesOf([secretTarget(namespace, { restart })])[0]?.rules ?? []) =>
    serviceAccountKubeconfig(cluster(), { namespace, rules });
  const tokenIn = (kubeconfig: string): string =>
    endpointOfKubeconfig(new Redacted(kubeconfig), undefined, "test").token?.reveal() ?? "none";
  const withWorkload = async () => {
    const namespace = await cluster().freshNamespace();
    await createDeployment(cluster(), { namespace });
    return namespace;
  };

  test.each<[string, (kubeconfig: string) => DistributionOptions]>([
    ["when all goes well", (kubeconfig) => ({ kubeconfig })],
    ["to a server that quotes what it is sent", (kubeconfig) => ({ kubeconfig, world: { send: quoting } })],
    ["to a server that never answers", (kubeconfig) => ({ kubeconfig, world: { send: () => new Promise(() => {}) } })],
    [
      "to a server of another authority",
      (kubeconfig) => ({ kubeconfig: kubeconfig.replace(/(certificate-authority-data: ).*/, "$1") }),
    ],
    [
      "to a server that is away",
      (kubeconfig) => ({ kubeconfig: kubeconfig.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1") }),
    ],
    [
      "of a token that is not good",
      (kubeconfig) => ({ kubeconfig: kubeconfig.replace(tokenIn(kubeconfig), "not-a-good-token") }),
    ],
    ["of a kubeconfig that is broken", (kubeconfig) => ({ kubeconfig: `${kubeconfig}\n  : "broken` })],
    ["of a kubeconfig without its user", (kubeconfig) => ({ kubeconfig: kubeconfig.replace(/^users:/m, "people:") })],
    [
      "of a kubeconfig that points elsewhere",
      (kubeconfig) => ({ kubeconfig: kubeconfig.replace(/^( *)(token: )/m, "$1tokenFile: /file\n$1$2") }),
    ],
  ])("%s has no key, token or kubeconfig in it", async (_, optionsFor) => {
    const namespace = await withWorkload();
    const kubeconfig = await limited(namespace);
    const options = optionsFor(kubeconfig);
    const { text, found } = await everythingOf(options, namespace, [
      tokenIn(kubeconfig),
      "not-a-good-token",
      ...kubeconfig.split("\n").filter((line) => /(-data|token): /.test(line)),
    ]);
    expect(found).toEqual([]);
    expect(text).toContain("target.applied");
  });

  test("when a right is missing has no token in it either", async () => {
    const namespace = await withWorkload();
    const kubeconfig = await limited(namespace, []);
    const { text, found } = await everythingOf({ kubeconfig }, namespace, [tokenIn(kubeconfig)]);
    expect(found).toEqual([]);
    expect(text).toContain("FORBIDDEN");
  });

  test("of a client certificate has nothing of its key in it", async () => {
    const pem = "-----BEGIN PRIVATE KEY-----\nthe private key\n-----END PRIVATE KEY-----";
    const user = { "client-certificate-data": base64("certificate"), "client-key-data": base64(pem) };
    const kubeconfig = plainKubeconfig(cluster().url, user);
    for (const send of [quoting, sendOverHttps]) {
      const { found } = await everythingOf({ kubeconfig, world: { send } }, "default", [
        pem,
        base64(pem),
        "the private key",
      ]);
      expect(found).toEqual([]);
    }
  });

  test("to EKS has nothing in it of the token, or of what signs it", async () => {
    const { client } = await serveEks(() => ({
      endpoint: cluster().url,
      certificateAuthority: { data: base64("PEM") },
      accessConfig: { authenticationMode: "API" },
      status: "ACTIVE",
    }));
    const tokens: string[] = [];
    const send: ClusterSend = (endpoint, request) => {
      tokens.push(endpoint.token?.reveal() ?? "none");
      return quoting(endpoint, request);
    };
    const { found, text } = await everythingOf(
      {
        access: { eks: { name: "prod", region: "eu-central-1" } },
        world: { eks: client, credentials: async () => caller, send },
      },
      "default",
      [caller.secretAccessKey, caller.sessionToken, "X-Amz-Signature"],
    );
    expect(tokens.length).toBeGreaterThan(0);
    expect([...found, ...tokens.filter((token) => text.includes(token))]).toEqual([]);
  });
});
