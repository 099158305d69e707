import { systemClock } from "../lambdas/clock.ts";
import { rotateEvent } from "../lambdas/contracts/rotate.ts";
import { createLambdaInvoker } from "./aws/lambda-client.ts";
import { type Ministack, startMinistack } from "./aws/ministack.ts";
import type { PythonEnvironment } from "./aws/python-environment.ts";
import { publishRotationEvent } from "./aws/rotation-events.ts";
import type { Delays } from "./delays.ts";
import { removeEnvironmentFiles, writeEnvironmentFiles } from "./environment-files.ts";
import {
  createSecretsManager,
  type LambdaInvoker,
  type ModelParameters,
  type SecretsManager,
  serveSecretsManager,
} from "./secrets-manager/index.ts";
import { standVendor, type VendorName, type VendorPlans, type VendorStand } from "./vendor-stand.ts";
import { startVendorServer } from "./vendors/serve.ts";

export const REGION = "us-east-1";
export const ACCOUNT_ID = "000000000000";

/** One step of a rotation, as Secrets Manager sees it end. */
export interface ObservedStep {
  readonly secretArn: string;
  readonly step: string;
  readonly error?: string;
}

export interface SandboxOptions {
  readonly stateFolder: string;
  /** Where the variables of foreign vendor servers may stand. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly delays: Delays;
  /** Where ministack is installed. Default: the state folder's, made when it is missing. */
  readonly pythonEnvironment?: PythonEnvironment;
  /** What the simulated vendors sell. Default: "pro" of both. */
  readonly plans?: VendorPlans;
  /** What AWS does not document of Secrets Manager, where it is to be other than the model's defaults. */
  readonly secretsManager?: Partial<ModelParameters>;
  readonly onProgress: (message: string) => void;
  /** Told of a step of a rotation before its function is invoked. */
  readonly onStepStart?: (step: Omit<ObservedStep, "error">) => void;
  readonly onStep?: (step: ObservedStep) => void;
}

export type ServedVendorStand = VendorStand & { readonly url: string };

/** The embedded world, served on loopback: Secrets Manager, the rest of AWS, and both vendors. */
export interface Sandbox {
  /** By these variables a client finds all of it. Two of them are admin keys. */
  readonly environment: Readonly<Record<string, string>>;
  readonly vendors: Readonly<Record<VendorName, ServedVendorStand>>;
  readonly secretsManager: SecretsManager;
  /** The process of the rest of AWS, whose children are the functions' processes. */
  readonly processId: number;
  /** The file that the rest of AWS, and every function in it, logs to. */
  readonly logFile: string;
  /** Resolves when the rest of AWS has ended, whoever ended it. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

const AWS_VARIABLES = {
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
} as const;

/** Secrets Manager has to be there before Lambda, which it invokes: until then it invokes nothing. */
const lateInvoker = ({ onStepStart, onStep }: SandboxOptions) => {
  let invoker: LambdaInvoker | undefined;
  const present = (): LambdaInvoker => {
    if (invoker) return invoker;
    throw new Error("Lambda has not started yet");
  };
  const lambda: LambdaInvoker = {
    mayInvoke: (functionArn) => present().mayInvoke(functionArn),
    async invoke(functionArn, event) {
      const { data } = rotateEvent.safeParse(event);
      const step = data && { secretArn: data.SecretId, step: data.Step };
      if (step) onStepStart?.(step);
      const outcome = await present().invoke(functionArn, event);
      if (step) onStep?.({ ...step, ...outcome });
      return outcome;
    },
  };
  const use = (found: LambdaInvoker): void => {
    invoker = found;
  };
  return { lambda, use };
};

const serve = async (stand: VendorStand) => {
  const server = await startVendorServer({ vendor: stand.name, fetch: stand.recorder.fetch });
  return { stand: { ...stand, url: server.url }, close: () => server.close() };
};

const putAdminSecrets = async (secretsManager: SecretsManager, stands: readonly VendorStand[]): Promise<void> => {
  for (const { name, adminKey } of stands)
    await secretsManager.call("CreateSecret", {
      Name: `keyturn/${name}`,
      SecretString: JSON.stringify({ apiKey: adminKey }),
      Description: `The admin key of ${name}`,
    });
};

const variablesOf = (
  secretsManagerUrl: string,
  ministack: Ministack,
  pictograph: ServedVendorStand,
  pictify: ServedVendorStand,
): Record<string, string> => ({
  AWS_ENDPOINT_URL: ministack.endpoint,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManagerUrl,
  ...AWS_VARIABLES,
  PICTOGRAPH_URL: pictograph.url,
  PICTOGRAPH_ADMIN_KEY: pictograph.adminKey,
  PICTOGRAPH_ORGANIZATION_ID: pictograph.organizationId ?? "",
  PICTIFY_URL: pictify.url,
  PICTIFY_ADMIN_KEY: pictify.adminKey,
});

/**
 * Starts the whole sandbox and writes how to reach it. What was started when something fails is closed again.
 * @throws Error that says what did not start
 */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const { stateFolder, environment, delays, onProgress } = options;
  const closers: (() => Promise<void> | void)[] = [() => removeEnvironmentFiles(stateFolder)];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const stands = (["pictograph", "pictify"] as const).map((name) =>
      standVendor(name, environment, systemClock, delays, options.plans),
    );
    const [pictograph, pictify] = await Promise.all(stands.map(serve));
    if (!pictograph || !pictify) throw new Error("a vendor did not start");
    closers.push(pictograph.close, pictify.close);

    const late = lateInvoker(options);
    const secretsManager = createSecretsManager({
      clock: systemClock,
      lambda: late.lambda,
      region: REGION,
      accountId: ACCOUNT_ID,
      ...(options.secretsManager ? { parameters: options.secretsManager } : {}),
      onEvent: (event) => {
        publishRotationEvent(ministack, event).catch((error) => onProgress(`an event was lost: ${error.message}`));
      },
    });
    const server = await serveSecretsManager(secretsManager);
    closers.push(() => {
      secretsManager.close();
      return server.close();
    });

    const ministack = await startMinistack({
      stateFolder,
      environment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url },
      onProgress,
      ...(options.pythonEnvironment ? { pythonEnvironment: options.pythonEnvironment } : {}),
    });
    closers.push(() => ministack.close());
    const invoker = createLambdaInvoker({ endpoint: ministack.endpoint, region: REGION });
    closers.push(() => invoker.close());
    late.use(invoker);

    await putAdminSecrets(secretsManager, stands);
    const variables = variablesOf(server.url, ministack, pictograph.stand, pictify.stand);
    await writeEnvironmentFiles(stateFolder, variables);
    return {
      environment: variables,
      vendors: { pictograph: pictograph.stand, pictify: pictify.stand },
      secretsManager,
      processId: ministack.processId,
      logFile: ministack.logFile,
      ended: ministack.ended,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};
