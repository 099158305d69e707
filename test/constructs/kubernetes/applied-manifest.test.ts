import type { V1Role, V1RoleBinding } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { ExternalSecretTarget, type KeyTarget, type KubernetesCluster } from "../../../constructs/index.ts";
import type { TestCluster } from "../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../kubernetes-api/eventually.ts";
import { installExternalSecrets } from "../../kubernetes-api/external-secrets.ts";
import { serviceAccountKubeconfig } from "../../kubernetes-api/service-account.ts";
import { createDaemonSet, createDeployment } from "../../kubernetes-api/workloads.ts";
import { base64, CLUSTER, createDistribution } from "../../lambdas/distribution/stand.ts";
import { addCluster, addWebKey, newService, newStack, webTarget } from "../declare.ts";

/** What `kubectl apply -f` does with the manifest. */
const applyManifest = async ({ rbac }: TestCluster, manifest: string): Promise<void> => {
  const { items } = JSON.parse(manifest) as { items: (V1Role | V1RoleBinding)[] };
  for (const body of items) {
    const namespace = body.metadata?.namespace ?? "";
    if (body.kind === "Role") await rbac.createNamespacedRole({ namespace, body: body as V1Role });
    else await rbac.createNamespacedRoleBinding({ namespace, body: body as V1RoleBinding });
  }
};

describeWithKubernetes("the manifest that the constructs emit", (cluster) => {
  /** A cluster that is declared, and its targets written by a service account that has the manifest's rights and no others. */
  const distributed = async (
    account: string,
    targetsIn: (declared: KubernetesCluster) => readonly KeyTarget[],
    { withManifest = true } = {},
  ) => {
    const service = newService(newStack());
    const declared = addCluster(service, {
      name: CLUSTER,
      kubeconfigSecretName: "clusters/test",
      serviceAccount: `${account}/keyturn`,
    });
    const targets = targetsIn(declared);
    const key = addWebKey(service, [], { overlap: "P3D" });
    for (const target of targets) key.addTarget(target);
    const kubeconfig = await serviceAccountKubeconfig(cluster(), { namespace: account, rules: [] });
    if (withManifest) await applyManifest(cluster(), declared.rbacManifest());
    const stand = await createDistribution({ kubeconfig });
    return { stand, key: await stand.declare(targets.map(({ declaration }) => declaration)) };
  };

  test("is all that distribute needs, in several namespaces, and through a rotation", async () => {
    const [web, api] = [await cluster().freshNamespace(), await cluster().freshNamespace()];
    await createDeployment(cluster(), { namespace: web, name: "webapp" });
    await createDaemonSet(cluster(), { namespace: api, name: "agent" });
    const { stand, key } = await distributed(web, (declared) => [
      webTarget(declared, { namespace: web }),
      webTarget(declared, { namespace: api, restart: ["daemonset/agent"] }),
    ]);
    const allAdopted = () =>
      eventually("both have adopted", async () => {
        const { targets } = await stand.ask("apply", [key]);
        return targets.length === 2 && targets.every(({ adopted }) => adopted);
      });

    await allAdopted();
    await stand.rotate(key);
    await allAdopted();

    for (const namespace of [web, api]) {
      const { data } = await cluster().core.readNamespacedSecret({ name: "pictify-credentials", namespace });
      expect(data?.["api-key"]).toBe(base64(key.apiKey));
    }
  });

  test("is all that an ExternalSecret needs", async () => {
    await installExternalSecrets(cluster());
    const namespace = await cluster().freshNamespace();
    const { stand, key } = await distributed(namespace, (declared) => [
      new ExternalSecretTarget({ cluster: declared, namespace, secretName: "pictify-credentials", storeName: "aws" }),
    ]);

    const result = await eventually("the rights are known", async () => {
      const answer = await stand.apply(key);
      return answer.code === "FORBIDDEN" ? undefined : answer;
    });

    // No operator runs here, which alone would write the Secret.
    expect(result.code).toBe("WAITING");
  });

  test("is what gives the rights: without it nothing is written", async () => {
    const namespace = await cluster().freshNamespace();
    const { stand, key } = await distributed(
      namespace,
      (declared) => [webTarget(declared, { namespace, restart: [] })],
      {
        withManifest: false,
      },
    );

    expect(await stand.apply(key)).toMatchObject({ adopted: false, code: "FORBIDDEN" });
  });
});
