import { newKeyOf, oldKeyOf } from "../../lambdas/targets/kubernetes/names.ts";
import { POD_STOP_MS } from "../stage/settings.ts";
import { DATA_KEY, NAMESPACE, SECRET } from "./target.ts";

/** The variable by which pods know their key. */
export const KEY_VARIABLE = "API_KEY";

const variable = (name: string, key: string, optional = false) => ({
  name,
  valueFrom: { secretKeyRef: { name: SECRET, key, optional } },
});

/** The workload that lives on the key, as a person deploys it. */
export const DEPLOYMENT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: NAMESPACE },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        terminationGracePeriodSeconds: POD_STOP_MS / 1_000,
        containers: [
          {
            name: "web",
            image: "web:1",
            env: [
              variable(KEY_VARIABLE, DATA_KEY),
              variable("API_KEY_NEW", newKeyOf(DATA_KEY)),
              variable("API_KEY_OLD", oldKeyOf(DATA_KEY), true),
            ],
          },
        ],
      },
    },
  },
};
