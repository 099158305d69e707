import { expect, test } from "vitest";
import { systemClock } from "../../../../lambdas/clock.ts";
import { Redacted } from "../../../../lambdas/redacted.ts";
import { eksToken } from "../../../../lambdas/targets/kubernetes/eks-token.ts";
import { endpointOfKubeconfig } from "../../../../lambdas/targets/kubernetes/kubeconfig.ts";
import { rulesOf } from "../../../../lambdas/targets/kubernetes/rules.ts";
import { type ClusterSend, sendOverHttps } from "../../../../lambdas/targets/kubernetes/transport.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { type OwnCluster, startOwnCluster } from "../../../kubernetes-api/own-cluster.ts";
import { policyRules } from "../../../kubernetes-api/policy-rules.ts";
import { serveAuthenticator } from "../../targets/kubernetes/eks-authenticator.ts";
import { type Described, type DescribedCluster, serveEks } from "../../targets/kubernetes/eks-stand-in.ts";
import { serveSts } from "../../targets/kubernetes/sts-stand-in.ts";
import { tampered } from "../../targets/kubernetes/tampered.ts";
import { base64, createDistribution, secretTarget } from "../stand.ts";

const RBAC = "rbac.authorization.k8s.io";
const caller = {
  accessKeyId: "AKIAEXAMPLE",
  secretAccessKey: "the/secret+key",
  sessionToken: "a/session+token==",
  arn: "arn:aws:sts::000000000000:assumed-role/keyturn-prod-distribute/keyturn",
};
const CLUSTER_NAME = "prod";
const REGION = "eu-central-1";

const GROUP = "keyturn-prod";
const ENTRIES = { "arn:aws:iam::000000000000:role/keyturn-prod-distribute": [GROUP] };

/** The cluster as DescribeCluster tells of it. */
const describedAs = ({ kubeconfig, url }: OwnCluster, authenticationMode: string): DescribedCluster => {
  const { certificateAuthority = "" } = endpointOfKubeconfig(new Redacted(kubeconfig), undefined, "test");
  return {
    endpoint: url,
    certificateAuthority: { data: base64(certificateAuthority) },
    accessConfig: { authenticationMode },
    status: "ACTIVE",
  };
};

interface Options {
  readonly mode?: string;
  readonly send?: ClusterSend;
  readonly entries?: Readonly<Record<string, readonly string[]>>;
  /** What DescribeCluster says in place of the cluster. */
  readonly described?: Described;
  /** What the cluster itself is called, where it is another name than the declared one. */
  readonly clusterName?: string;
}

describeWithKubernetes(
  "a cluster of EKS",
  () => {
    const started = async (options: Options = {}) => {
      const { mode = "API", send = sendOverHttps, entries = ENTRIES, clusterName = CLUSTER_NAME } = options;
      const sts = await serveSts([caller]);
      const url = await serveAuthenticator({ clusterName, region: REGION, sts, entries });
      const own = await startOwnCluster({ authenticationWebhook: url });
      const namespace = await own.freshNamespace();
      const { client, asked } = await serveEks(() => options.described ?? describedAs(own, mode));
      const regions: string[] = [];
      const eks = (region: string) => {
        regions.push(region);
        return client(region);
      };
      const target = secretTarget(namespace);
      const metadata = { name: "keyturn" };
      const rules = policyRules(rulesOf([target])[0]?.rules ?? []);
      await own.rbac.createNamespacedRole({ namespace, body: { metadata, rules } });
      const subjects = [{ kind: "Group", apiGroup: RBAC, name: GROUP }];
      const roleRef = { apiGroup: RBAC, kind: "Role", name: "keyturn" };
      await own.rbac.createNamespacedRoleBinding({ namespace, body: { metadata, roleRef, subjects } });
      const stand = await createDistribution({
        access: { eks: { name: CLUSTER_NAME, region: REGION } },
        world: { send, eks, credentials: async () => caller },
      });
      return { own, namespace, stand, key: await stand.declare([target]), asked, regions };
    };

    test("takes the function's signed token, by a group that has the rules and no more", async () => {
      const { own, namespace, stand, key, asked, regions } = await started({ mode: "API_AND_CONFIG_MAP" });
      expect(await stand.apply(key)).toMatchObject({ adopted: true });
      const { data } = await own.core.readNamespacedSecret({ name: "pictify-credentials", namespace });
      expect(data?.["api-key"]).toBe(base64(key.apiKey));
      expect([asked, regions]).toEqual([[CLUSTER_NAME], [REGION]]);
      expect(stand.lines.join()).not.toMatch(/k8s-aws-v1|X-Amz/);
    });

    test("refuses a token for another cluster, an expired one, a changed one and one of somebody else", async () => {
      const { own } = await started();
      const endpoint = endpointOfKubeconfig(new Redacted(own.kubeconfig), undefined, "test");
      const statusWith = async (changes: object, change = (token: string) => token): Promise<number> => {
        const credentials = async () => caller;
        const nowMs = systemClock.now();
        const signed = await eksToken({ clusterName: CLUSTER_NAME, region: REGION, credentials, nowMs, ...changes });
        const token = new Redacted(change(signed.reveal()));
        const request = { method: "GET", path: "/api/v1/namespaces", signal: new AbortController().signal } as const;
        const { clientCertificate: _, ...rest } = endpoint;
        return (await sendOverHttps({ ...rest, token }, request)).status;
      };
      expect(await statusWith({})).toBe(403);
      expect(await statusWith({ clusterName: "stage" })).toBe(401);
      expect(await statusWith({ nowMs: systemClock.now() - 16 * 60_000 })).toBe(401);
      expect(await statusWith({}, (token) => tampered(token, "X-Amz-Expires", "900"))).toBe(401);
      expect(await statusWith({}, (token) => token.slice(0, -4))).toBe(401);
      expect(await statusWith({ credentials: async () => ({ ...caller, secretAccessKey: "wrong" }) })).toBe(401);
    });

    test.each([
      ["that has no access entry for the role", { entries: {} }],
      ["that is another one than its name says", { clusterName: "stage" }],
    ])("%s is reported as such", async (_, options) => {
      const { stand, key } = await started(options);
      expect(await stand.apply(key)).toMatchObject({ adopted: false, code: "UNAUTHORIZED" });
    });

    test("that authenticates by its config map alone is reported, with what to change", async () => {
      const { stand, key } = await started({ mode: "CONFIG_MAP" });
      const result = await stand.apply(key);
      expect(result).toMatchObject({ adopted: false, code: "BAD_ACCESS" });
      expect(result.reason).toContain("change it to API_AND_CONFIG_MAP or API");
    });

    test("gets a token of its own in each invocation", async () => {
      const tokens = new Set<string>();
      const { stand, key } = await started({
        send: (endpoint, request) => {
          tokens.add(endpoint.token?.reveal() ?? "");
          return sendOverHttps(endpoint, request);
        },
      });
      await stand.apply(key);
      await systemClock.sleep(1_100); // signatures are dated by the second
      await stand.observe(key);
      expect(tokens.size).toBe(2);
    });
  },
  { ownServer: true },
);
