import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { App } from "cdktf";
import type { Clock } from "../../lambdas/clock.ts";
import { rotateEvent } from "../../lambdas/contracts/rotate.ts";
import { secretValueOf } from "../../lambdas/contracts/secret-value.ts";
import { UNKNOWN } from "../../provider/wire/value.ts";
import { apiKeysStack } from "../../stacks/api-keys.ts";
import { sandboxConfiguration } from "../../stacks/sandbox-configuration.ts";
import { type Delays, delayVariables } from "../delays.ts";
import { createAccount } from "../in-process/account.ts";
import { type Deployment, deploy } from "../in-process/deployment.ts";
import type { KeyPlan } from "../in-process/keys.ts";
import { readSynthesizedStack, type SynthesizedStack } from "../in-process/synthesized-stack.ts";
import type { VendorFetch } from "../recorder/recorder.ts";
import { asSecretsManagerClient } from "../secrets-manager/index.ts";
import { standVendor, type VendorStand } from "../vendor-stand.ts";
import { vendorRequest } from "../workload/vendor-request.ts";
import { startWorkload, type Workload } from "../workload/workload.ts";
import { SERVICE } from "./key-watch.ts";
import { changesOfKey, KEY_TYPE } from "./planned-keys.ts";
import { refusalsIn } from "./refusals.ts";
import type { Plan, PlannedKey, SeenStep, Stage } from "./stage.ts";

export interface InProcessOptions {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly delays: Delays;
  /** One that may be moved, unless a vendor keeps its own time. */
  readonly clock: Clock;
}

const URLS = { pictograph: "http://127.0.0.1:1", pictify: "http://127.0.0.1:2" } as const;

const synthesize = (outdir: string, environment: Record<string, string>): SynthesizedStack => {
  const app = new App({ outdir });
  apiKeysStack(app, sandboxConfiguration(environment));
  app.synth();
  return readSynthesizedStack(outdir, SERVICE);
};

/**
 * The functions' way to the vendors, which ends when the stage is closed: a function that goes on would mint keys that nobody
 * revokes.
 */
const createGate = () => {
  let isClosed = false;
  const underWay = new Set<Promise<Response>>();
  const send =
    ({ isForeign, recorder }: VendorStand): VendorFetch =>
    async (request) => {
      if (isClosed) throw new TypeError("it was stopped");
      const answer = recorder.fetch(request);
      if (!isForeign) return answer; // a simulator may wait for a clock that nobody moves, and ends with this process
      underWay.add(answer);
      return answer.finally(() => underWay.delete(answer));
    };
  const close = async (): Promise<void> => {
    isClosed = true;
    await Promise.allSettled(underWay);
  };
  return { send, close };
};

const plannedKey = (id: string, { prior, planned }: KeyPlan): PlannedKey => {
  const known = Object.fromEntries(Object.entries(planned).filter(([, value]) => value !== UNKNOWN));
  return { address: `${KEY_TYPE}.${id}`, actions: "update", ...changesOfKey(prior, known) };
};

const planOf = (keys: ReadonlyMap<string, KeyPlan>, changes: readonly string[]): Plan => ({
  notGivenBack: [],
  changedKeys: [...keys].filter(([, { isChanged }]) => isChanged).map(([id, key]) => plannedKey(id, key)),
  unchangedKeys: [...keys].filter(([, { isChanged }]) => !isChanged).map(([id]) => `${KEY_TYPE}.${id}`),
  changes,
});

/** The stage without Terraform, Python and sockets: the same stack, handlers and vendors, in this process. */
export const createInProcessStage = async (options: InProcessOptions): Promise<Stage> => {
  const { folder, environment, delays, clock } = options;
  const vendors = {
    pictograph: standVendor("pictograph", environment, clock, delays),
    pictify: standVendor("pictify", environment, clock, delays),
  };
  const lines: string[] = [];
  mkdirSync(folder, { recursive: true });
  let isClosed = false;
  const write = (line: string): void => {
    if (isClosed) return;
    lines.push(line);
    appendFileSync(join(folder, "functions.log"), `${line}\n`);
  };
  const listeners: ((step: SeenStep) => void)[] = [];
  const gate = createGate();
  const account = createAccount({
    clock,
    vendors: new Map(Object.values(vendors).map((stand) => [URLS[stand.name], gate.send(stand)])),
    write,
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
  let variables: Record<string, string> = {
    ...delayVariables(delays),
    PICTOGRAPH_URL: URLS.pictograph,
    PICTOGRAPH_ORGANIZATION_ID: vendors.pictograph.organizationId ?? "",
    PICTIFY_URL: URLS.pictify,
  };
  const workloads: Workload[] = [];
  let deployment: Deployment | undefined;

  /** Nothing is written any more when it is closed: whoever stopped it is about to remove the folder. */
  const synthesized = (): SynthesizedStack => {
    if (isClosed) throw new Error("it was stopped");
    return synthesize(outdir, variables);
  };
  const deployed = (): Deployment => {
    if (deployment) return deployment;
    throw new Error("nothing was deployed");
  };

  return {
    clock,
    delays,
    secretsManager: client,
    vendors,
    folder,
    declare(changed) {
      variables = { ...variables, ...changed };
    },
    async plan() {
      const { keys, changes } = await deployed().plan(synthesized());
      return planOf(keys, changes);
    },
    async deploy() {
      const stack = synthesized();
      if (deployment) await deployment.update(stack);
      else deployment = await deploy(account, stack);
    },
    async destroy() {
      try {
        await deployed().destroy();
        return { refusals: [], gone: {} };
      } catch (error) {
        const refusals = refusalsIn(error instanceof Error ? error.message : "");
        if (refusals.length === 0) throw error;
        return { refusals, gone: {} };
      }
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
      isClosed = true;
      await gate.close();
    },
  };
};
