import { join } from "node:path";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { App } from "cdktf";
import { FUNCTION_NAMES } from "../../../constructs/functions.ts";
import { rotateEvent } from "../../../lambdas/contracts/rotate.ts";
import { secretValueOf } from "../../../lambdas/contracts/secret-value.ts";
import { drawFor } from "../../../sandbox/draw.ts";
import { createAccount } from "../../../sandbox/in-process/account.ts";
import { deploy } from "../../../sandbox/in-process/deployment.ts";
import { readSynthesizedStack } from "../../../sandbox/in-process/synthesized-stack.ts";
import type { ObservedStep } from "../../../sandbox/sandbox.ts";
import { asSecretsManagerClient } from "../../../sandbox/secrets-manager/index.ts";
import { SOAK_DELAYS, SOAK_RETRIES } from "../../../sandbox/soak/delays.ts";
import type { SoakStage, StepListener } from "../../../sandbox/soak/stage.ts";
import { standVendor, type VendorName } from "../../../sandbox/vendor-stand.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";
import { startGroup } from "../../../sandbox/workload/group.ts";
import { vendorRequest } from "../../../sandbox/workload/vendor-request.ts";
import { apiKeysStack } from "../../../stacks/api-keys.ts";
import { SOAK_PLANS, soakConfiguration } from "../../../stacks/soak-configuration.ts";
import { temporaryFolder } from "../../constructs/temporary-folder.ts";
import { createMortalFunctions } from "./mortal-functions.ts";

const URLS = { pictograph: "http://127.0.0.1:1", pictify: "http://127.0.0.1:2" } as const;

const synthesize = (outdir: string, environment: Readonly<Record<string, string>>) => {
  const app = new App({ outdir });
  apiKeysStack(app, soakConfiguration(environment));
  app.synth();
  return readSynthesizedStack(outdir, "soak");
};

const isOf = (role: string) => (name: string) => name.endsWith(`-${role}`);

/** The soak's stage in this process, on a clock that moves as fast as it can: the same stack, handlers, vendors and workloads. */
export const inProcessSoak = async (keys: number) => {
  const clock = new VirtualClock();
  const folder = temporaryFolder();
  const stand = (name: VendorName) => standVendor(name, {}, clock, SOAK_DELAYS, SOAK_PLANS);
  const vendors = { pictograph: stand("pictograph"), pictify: stand("pictify") };
  const listeners: StepListener[] = [];
  const tell = (event: unknown, how: (listener: StepListener, step: Omit<ObservedStep, "error">) => void): void => {
    const { data } = rotateEvent.safeParse(event);
    if (data) for (const listener of listeners) how(listener, { secretArn: data.SecretId, step: data.Step });
  };
  const mortal = createMortalFunctions(clock);
  const account = createAccount({
    clock,
    vendors: new Map(Object.values(vendors).map(({ name, recorder }) => [URLS[name], recorder.fetch])),
    write: () => {},
    parameters: SOAK_RETRIES,
    onInvoked: (event, error) =>
      tell(event, (listener, step) => listener.onEnd({ ...step, ...(error === undefined ? {} : { error }) })),
  });
  const { functions } = account;
  const create = functions.create.bind(functions);
  functions.create = (options) => {
    const role = FUNCTION_NAMES.find((name) => isOf(name)(options.name));
    if (!role) throw new Error(`${options.name} is no function of Keyturn`);
    const handler = mortal.handler(role, options.handler);
    create({
      ...options,
      handler: (event, context) => {
        tell(event, (listener, step) => listener.onStart(step));
        return handler(event, context);
      },
    });
  };
  for (const { name, adminKey } of Object.values(vendors))
    await account.secretsManager.call("CreateSecret", {
      Name: `keyturn/${name}`,
      SecretString: JSON.stringify({ apiKey: adminKey }),
    });
  const client = asSecretsManagerClient(account.secretsManager);

  const stage: SoakStage = {
    clock,
    secretsManager: client,
    vendors,
    folder,
    async deploy() {
      const environment = {
        PICTOGRAPH_URL: URLS.pictograph,
        PICTOGRAPH_ORGANIZATION_ID: vendors.pictograph.organizationId ?? "",
        PICTIFY_URL: URLS.pictify,
        KEYTURN_SOAK_KEYS: String(keys),
      };
      const mortalAccount = {
        ...account,
        world: (...parameters: Parameters<typeof account.world>) => mortal.world(account.world(...parameters)),
      };
      await deploy(mortalAccount, synthesize(join(folder, "cdktf.out"), environment));
    },
    startCallers({ vendor, callers, everyMs, longestHoldMs, seed, onFailure }) {
      const draw = drawFor(seed, `holds of ${vendor}`);
      return startGroup({
        clock,
        members: callers,
        read: async (secretId) => {
          const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
          return secretValueOf(SecretString, secretId);
        },
        request: vendorRequest(vendor, URLS[vendor], vendors[vendor].recorder.fetch),
        everyMs,
        holdMs: () => draw.between(0, longestHoldMs),
        onFailure,
      });
    },
    processes: async () => mortal.processes(),
    kill: mortal.kill,
    listen: (listener) => void listeners.push(listener),
    passes: () => mortal.invocations("reconcile"),
    functionLogs: async () => mortal.logs(),
    close: async () => account.close(),
  };
  return { clock, stage, account };
};
