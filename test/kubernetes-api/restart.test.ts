import { CoreV1Api } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { configOf } from "./cluster.ts";
import { describeWithKubernetes } from "./describe-with-kubernetes.ts";
import { startOwnCluster } from "./own-cluster.ts";
import { untilRolledOut } from "./rollout.ts";
import { serviceAccountKubeconfig } from "./service-account.ts";
import { createDeployment } from "./workloads.ts";

describeWithKubernetes(
  "an API server that ends",
  () => {
    test.each(["kill", "stop"] as const)(
      "after %s it comes back on its port, with its objects and the tokens that it gave out",
      async (end) => {
        const own = await startOwnCluster();
        const namespace = await own.freshNamespace();
        const kubeconfig = await serviceAccountKubeconfig(own, {
          namespace,
          rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
        });
        const made = await own.core.createNamespacedSecret({ namespace, body: { metadata: { name: "key" } } });

        await own[end]();
        const refused = await own.core.readNamespacedSecret({ namespace, name: "key" }).catch(({ code }) => code);
        await own.start();

        const limited = configOf(kubeconfig).makeApiClient(CoreV1Api);
        const found = await limited.readNamespacedSecret({ namespace, name: "key" });
        expect(refused).toBe("ECONNREFUSED");
        expect(found.metadata?.uid).toBe(made.metadata?.uid);
        expect(found.metadata?.resourceVersion).toBe(made.metadata?.resourceVersion);
      },
    );

    test("its controllers and nodes go on with a rollout that it died in", async () => {
      const own = await startOwnCluster();
      const namespace = await own.freshNamespace();
      await createDeployment(own, { namespace, spec: { replicas: 5 } });

      await own.kill();
      await own.start();

      const workload = { kind: "Deployment", namespace, name: "web" } as const;
      await expect(untilRolledOut(own, workload)).resolves.toBe(true);
    });
  },
  { ownServer: true },
);
