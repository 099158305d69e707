import { join } from "node:path";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { functionName } from "../../constructs/functions.ts";
import type { Clock } from "../../lambdas/clock.ts";
import { rotateEvent } from "../../lambdas/contracts/rotate.ts";
import { secretValueOf } from "../../lambdas/contracts/secret-value.ts";
import { type Delays, delayVariables } from "../delays.ts";
import { type Account, createAccount } from "../in-process/account.ts";
import { asSecretsManagerClient } from "../secrets-manager/index.ts";
import { standVendor, type VendorName, type VendorStand } from "../vendor-stand.ts";
import { vendorRequest } from "../workload/vendor-request.ts";
import { startWorkload, type Workload, type WorkloadOptions } from "../workload/workload.ts";
import { inProcessStack } from "./in-process-stack.ts";
import { SERVICE } from "./key-watch.ts";
import type { Alongside, ClusterChoice } from "./kubernetes/cluster.ts";
import { clusterVariables, followedClusters } from "./kubernetes/stage-parts.ts";
import { createLogbook } from "./logbook.ts";
import type { SeenStep, Stage } from "./stage.ts";
import { createVendorGate, type VendorGate } from "./vendor-gate.ts";

export interface InProcessOptions {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly delays: Delays;
  /** One that may be moved, unless a vendor keeps its own time. */
  readonly clock: Clock;
  readonly cluster: ClusterChoice;
  /** How the cluster is waited for on that clock. */
  readonly alongside: Alongside;
}

type Stands = Readonly<Record<VendorName, VendorStand>>;

const URLS = { pictograph: "http://127.0.0.1:1", pictify: "http://127.0.0.1:2" } as const;

interface AccountParts extends Pick<InProcessOptions, "clock" | "cluster" | "alongside"> {
  readonly vendors: Stands;
  readonly gate: VendorGate;
  readonly write: (line: string) => void;
  readonly onStep: (step: SeenStep) => void;
}

const accountFor = async (parts: AccountParts): Promise<Account> => {
  const { clock, vendors, gate, write, onStep, cluster, alongside } = parts;
  const account = createAccount({
    clock,
    vendors: new Map(Object.values(vendors).map((stand) => [URLS[stand.name], gate.send(stand)])),
    write,
    clusters: followedClusters(cluster, alongside),
    onInvoked: (event, error) => {
      const step = rotateEvent.safeParse(event);
      if (step.success)
        onStep({ secretArn: step.data.SecretId, step: step.data.Step, ...(error === undefined ? {} : { error }) });
    },
  });
  for (const { name, adminKey } of Object.values<VendorStand>(vendors))
    await account.secretsManager.call("CreateSecret", {
      Name: `keyturn/${name}`,
      SecretString: JSON.stringify({ apiKey: adminKey }),
    });
  return account;
};

/** The stage without Terraform, Python and sockets: the same stack, handlers and vendors, in this process. */
export const createInProcessStage = async (options: InProcessOptions): Promise<Stage> => {
  const { folder, environment, delays, clock, cluster, alongside } = options;
  const vendors: Stands = {
    pictograph: standVendor("pictograph", environment, clock, delays),
    pictify: standVendor("pictify", environment, clock, delays),
  };
  const logbook = createLogbook(folder);
  const listeners: ((step: SeenStep) => void)[] = [];
  const gate = createVendorGate();
  const onStep = (step: SeenStep) => {
    for (const listener of listeners) listener(step);
  };
  const account = await accountFor({ clock, cluster, alongside, vendors, gate, write: logbook.write, onStep });
  const client = asSecretsManagerClient(account.secretsManager);
  const stack = inProcessStack({
    account,
    output: join(folder, "cdktf.out"),
    variables: {
      ...delayVariables(delays),
      ...clusterVariables(cluster),
      PICTOGRAPH_URL: URLS.pictograph,
      PICTOGRAPH_ORGANIZATION_ID: vendors.pictograph.organizationId ?? "",
      PICTIFY_URL: URLS.pictify,
    },
  });
  const workloads: Workload[] = [];
  const start = (
    vendor: VendorName,
    onFailure: (reason: string) => void,
    own: Pick<WorkloadOptions, "readKey" | "everyMs" | "cacheMs">,
  ): Workload => {
    const request = vendorRequest(vendor, URLS[vendor], vendors[vendor].recorder.fetch);
    const onCounts = (_: unknown, failure?: string) => failure && onFailure(failure);
    const workload = startWorkload({ clock, request, onCounts, ...own });
    workloads.push(workload);
    return workload;
  };

  return {
    ...stack,
    clock,
    delays,
    secretsManager: client,
    vendors,
    folder,
    cluster,
    async invoke(name, event) {
      const { answer, error } = await account.functions.invoke(functionName(SERVICE, name), event);
      if (error) throw new Error(error);
      return answer;
    },
    startWorkload({ secretId, vendor, everyMs, cacheMs, onFailure }) {
      const readKey = async () => {
        const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
        return secretValueOf(SecretString, secretId).apiKey.reveal();
      };
      return start(vendor, onFailure, { readKey, everyMs, cacheMs });
    },
    startPod: ({ vendor, apiKey, everyMs, onFailure }) =>
      start(vendor, onFailure, { readKey: async () => apiKey.reveal(), everyMs, cacheMs: Number.POSITIVE_INFINITY }),
    log: async () => logbook.text(),
    onStep: (listener) => void listeners.push(listener),
    async close() {
      for (const workload of workloads) void workload.stop(); // its last request may wait for a clock that nobody moves
      account.close();
      stack.close();
      logbook.close();
      await Promise.all([gate.close(), cluster.found?.close()]);
    },
  };
};
