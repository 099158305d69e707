import { describe, expect, test } from "vitest";
import { systemClock } from "../../../../lambdas/clock.ts";
import { openCluster } from "../../../../lambdas/targets/kubernetes/access.ts";
import { sendOverHttps } from "../../../../lambdas/targets/kubernetes/transport.ts";
import { type Described, serveEks } from "./eks-stand-in.ts";

const SECRET = "keyturn/clusters/prod";

const refusalOf = (opened: Promise<unknown>): Promise<unknown> =>
  opened.then(
    () => "it was opened",
    (error: unknown) => error,
  );

const openEks = async (described: Described) => {
  const { client } = await serveEks(() => described);
  const world = {
    send: sendOverHttps,
    eks: client,
    credentials: async () => ({ accessKeyId: "a", secretAccessKey: "s" }),
  };
  const secrets = { currentValue: async () => undefined };
  return openCluster({ world, clock: systemClock, secrets }, { eks: { name: "prod", region: "eu-central-1" } });
};

const openKubeconfig = (text: () => Promise<string | undefined>) => {
  const currentValue = async () => {
    const value = await text();
    return value === undefined ? undefined : { text: value, createdAtMs: undefined };
  };
  const world = { send: sendOverHttps, eks: () => ({}) as never, credentials: async () => ({}) as never };
  return openCluster({ world, clock: systemClock, secrets: { currentValue } }, { kubeconfigSecret: SECRET });
};

describe("a cluster of EKS is reached as DescribeCluster says", () => {
  const well = {
    endpoint: "https://prod.eks.test",
    certificateAuthority: { data: btoa("PEM") },
    accessConfig: { authenticationMode: "API_AND_CONFIG_MAP" },
    status: "ACTIVE",
  };

  test("with a token that is signed for it", async () => {
    const { token, ...rest } = await openEks(well);
    expect(rest).toEqual({ server: "https://prod.eks.test", certificateAuthority: "PEM" });
    expect(token?.reveal()).toMatch(/^k8s-aws-v1\./);
  });

  test.each<[string, Described, string, string]>([
    ["does not exist", "ResourceNotFoundException", "BAD_ACCESS", "check its name and region"],
    ["may not be described", "AccessDeniedException", "BAD_ACCESS", "the function's role needs eks:DescribeCluster"],
    ["cannot be described now", "ServerException", "UNAVAILABLE", "cannot be described (ServerException)"],
    ["is being made", { status: "CREATING" }, "BAD_ACCESS", "has no endpoint: it is CREATING"],
    [
      "does not go by access entries",
      { ...well, accessConfig: { authenticationMode: "CONFIG_MAP" } },
      "BAD_ACCESS",
      "has the authentication mode CONFIG_MAP, by which access entries do not count",
    ],
  ])("and where it %s, is told so, by its name and region", async (_, described, code, message) => {
    const refusal = await refusalOf(openEks(described));
    expect(refusal).toMatchObject({ code, message: expect.stringContaining(message) });
    expect((refusal as Error).message).toContain("the EKS cluster prod in eu-central-1");
  });
});

describe("a cluster of a kubeconfig", () => {
  test("whose secret is not there, or empty, is told so", async () => {
    expect(await refusalOf(openKubeconfig(async () => undefined))).toMatchObject({
      code: "BAD_ACCESS",
      message: expect.stringContaining(`the secret ${SECRET} does not exist or has no value`),
    });
  });

  test("whose secret may not be read is told so", async () => {
    const denied = Object.assign(new Error("no"), { name: "AccessDeniedException" });
    expect(await refusalOf(openKubeconfig(() => Promise.reject(denied)))).toMatchObject({
      code: "BAD_ACCESS",
      message: expect.stringContaining(`the function may not read the secret ${SECRET}`),
    });
  });
});
