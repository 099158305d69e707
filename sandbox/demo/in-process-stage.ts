import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { App } from "cdktf";
import type { Clock } from "../../lambdas/clock.ts";
import { rotateEvent } from "../../lambdas/contracts/rotate.ts";
import { secretValueOf } from "../../lambdas/contracts/secret-value.ts";
import { apiKeysStack } from "../../stacks/api-keys.ts";
import { sandboxConfiguration } from "../../stacks/sandbox-configuration.ts";
import { type Delays, delayVariables } from "../delays.ts";
import { createAccount } from "../in-process/account.ts";
import { type Deployment, deploy } from "../in-process/deployment.ts";
import { readSynthesizedStack } from "../in-process/synthesized-stack.ts";
import { asSecretsManagerClient } from "../secrets-manager/index.ts";
import { standVendor, type VendorStand } from "../vendor-stand.ts";
import { vendorRequest } from "../workload/vendor-request.ts";
import { startWorkload, type Workload } from "../workload/workload.ts";
import { SERVICE } from "./key-watch.ts";
import type { SeenStep, Stage } from "./stage.ts";

export interface InProcessOptions {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly delays: Delays;
  /** One that may be moved, unless a vendor keeps its own time. */
  readonly clock: Clock;
}

const URLS = { pictograph: "http://127.0.0.1:1", pictify: "http://127.0.0.1:2" } as const;

const synthesize = (outdir: string, environment: Record<string, string>): string => {
  const app = new App({ outdir });
  const stack = apiKeysStack(app, sandboxConfiguration(environment));
  app.synth();
  return readFileSync(join(outdir, "stacks", stack.node.id, "cdk.tf.json"), "utf8");
};

/** The stage without Terraform, Python and sockets: the same stack, handlers and vendors, in this process. */
export const createInProcessStage = async (options: InProcessOptions): Promise<Stage> => {
  const { folder, environment, delays, clock } = options;
  const vendors = {
    pictograph: standVendor("pictograph", environment, clock, delays),
    pictify: standVendor("pictify", environment, clock, delays),
  };
  const lines: string[] = [];
  const listeners: ((step: SeenStep) => void)[] = [];
  const account = createAccount({
    clock,
    vendors: new Map(Object.values(vendors).map((stand) => [URLS[stand.name], stand.recorder.fetch])),
    write: (line) => void lines.push(line),
    onInvoked: (event, error) => {
      const step = rotateEvent.safeParse(event);
      if (!step.success) return;
      const seen = { secretArn: step.data.SecretId, step: step.data.Step, ...(error ? { error } : {}) };
      for (const listener of listeners) listener(seen);
    },
  });
  const { secretsManager } = account;
  for (const { name, adminKey } of Object.values<VendorStand>(vendors))
    await secretsManager.call("CreateSecret", {
      Name: `keyturn/${name}`,
      SecretString: JSON.stringify({ apiKey: adminKey }),
    });

  const client = asSecretsManagerClient(secretsManager);
  const outdir = join(folder, "cdktf.out");
  const variables = {
    ...delayVariables(delays),
    PICTOGRAPH_URL: URLS.pictograph,
    PICTOGRAPH_ORGANIZATION_ID: vendors.pictograph.organizationId ?? "",
    PICTIFY_URL: URLS.pictify,
  };
  const workloads: Workload[] = [];
  let deployment: Deployment | undefined;
  let synthesized = "";

  return {
    clock,
    delays,
    secretsManager: client,
    vendors,
    folder,
    async deploy() {
      mkdirSync(folder, { recursive: true });
      synthesized = synthesize(outdir, variables);
      deployment = await deploy(account, readSynthesizedStack(outdir, SERVICE));
    },
    async redeploy() {
      const again = synthesize(outdir, variables);
      return { notGivenBack: [], changes: again === synthesized ? [] : ["the synthesized stack"] };
    },
    async destroy() {
      await deployment?.destroy();
    },
    async manage(event) {
      const { error } = await account.functions.invoke(`keyturn-${SERVICE}-manage`, event);
      if (error) throw new Error(error);
    },
    startWorkload({ secretId, vendor, everyMs, cacheMs, onFailure }) {
      const readKey = async () => {
        const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
        return secretValueOf(SecretString, secretId).apiKey.reveal();
      };
      const request = vendorRequest(vendor, URLS[vendor], vendors[vendor].recorder.fetch);
      const onCounts = (_: unknown, failure?: string) => failure && onFailure(failure);
      const workload = startWorkload({ clock, readKey, request, everyMs, cacheMs, onCounts });
      workloads.push(workload);
      return workload;
    },
    log: async () => lines.join("\n"),
    onStep: (listener) => void listeners.push(listener),
    async close() {
      for (const workload of workloads) void workload.stop(); // its last request may wait for a clock that nobody moves
      account.close();
      writeFileSync(join(folder, "functions.log"), `${lines.join("\n")}\n`);
    },
  };
};
