import { LocalBackend } from "cdktf";
import type { ApiKeysConfiguration } from "./api-keys.ts";

/** An example for production. Copy it, and put your own names in. */
export const productionConfiguration: ApiKeysConfiguration = {
  stackName: "production",
  region: "eu-central-1",

  // A state that a team shares belongs in a bucket:
  //
  //   backend: (stack) =>
  //     new S3Backend(stack, { bucket: "acme-terraform", key: "keyturn/production.tfstate", region: "eu-central-1", encrypt: true }),
  backend: (stack) => new LocalBackend(stack, { path: "terraform.production.tfstate" }),

  // The name is in every tag and in the names of secrets and functions: choose it once. All delays that are not given
  // here have safe defaults: an overlap of 24 hours, an hour of quiet before a key is revoked, reconcile every 5 minutes.
  service: { name: "platform-prod" },

  // Each admin key is put into its secret by a person, once, as {"apiKey": "…"}; see the README. Nothing in this app
  // ever sees it.
  pictograph: {
    adminSecretName: "keyturn/pictograph",
    plan: "pro",
    // The organization's id, as Pictograph's settings show it.
    organizationId: "00000000-0000-4000-8000-000000000000",
  },
  pictify: { adminSecretName: "keyturn/pictify", plan: "pro" },

  // Take the least role that does the work.
  pictographKeys: {
    Training: { name: "prod-training", role: "member" },
    Dashboard: { name: "prod-dashboard", role: "viewer", rotateAfterDays: 30 },
  },

  // A batch job that starts once a night reads its secret once a night: its overlap must be longer than that.
  pictifyKeys: {
    WebApp: { name: "prod-webapp", type: "live" },
    NightlyReport: { name: "prod-nightly-report", type: "live", overlap: "P2D" },
  },
};
