import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CORE_FUNCTION_NAMES, FUNCTION_NAMES, functionName } from "../../constructs/functions.ts";
import { systemClock } from "../../lambdas/clock.ts";
import { readFunctionLogs } from "../aws/function-logs.ts";
import { preparePythonEnvironment } from "../aws/python-environment.ts";
import { type Delays, delayVariables } from "../delays.ts";
import { STATE_FOLDER } from "../environment-files.ts";
import { type Sandbox, startSandbox } from "../sandbox.ts";
import { type TerraformEnvironment, terraformEnvironment } from "../terraform/environment.ts";
import { startPodProcess, startWorkloadProcess } from "../workload/process.ts";
import type { Workload } from "../workload/workload.ts";
import { createCommandRunner } from "./cdktf.ts";
import { cdktfStack } from "./cdktf-stack.ts";
import { SERVICE } from "./key-watch.ts";
import type { ClusterChoice } from "./kubernetes/cluster.ts";
import { clusterVariables } from "./kubernetes/stage-parts.ts";
import { KEY_VARIABLE } from "./kubernetes/worker.ts";
import type { SeenStep, Stage } from "./stage.ts";

export interface DeployedOptions {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly delays: Delays;
  readonly cluster: ClusterChoice;
  /** Told what is going on, often. */
  readonly onProgress: (text: string) => void;
  /** Told what a person should know. */
  readonly onNote: (text: string) => void;
}

/** What a person's own AWS settings would change about the run. */
const withoutOwnAws = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(AWS_|PICT(OGRAPH|IFY)_)/.test(name)));

const isAdminKey = (name: string): boolean => name.endsWith("_ADMIN_KEY");

/** Terraform and Python, as they are to be run. @throws Error that says what is missing */
export const prepareTools = async ({
  folder,
  onProgress,
  onNote,
}: Pick<DeployedOptions, "folder" | "onProgress" | "onNote">) => {
  onProgress("preparing Terraform and Python");
  const [terraform, pythonEnvironment] = await Promise.all([
    terraformEnvironment({ stateFolder: folder, env: withoutOwnAws(process.env) }),
    preparePythonEnvironment({ stateFolder: STATE_FOLDER, onProgress }),
  ]);
  if (terraform.missing !== undefined) throw new Error(terraform.missing);
  for (const note of terraform.notes) onNote(note);
  return { terraform, pythonEnvironment };
};

/** What the commands and the workloads see: no admin key. */
export const childEnvironment = (
  terraform: TerraformEnvironment,
  sandbox: Sandbox,
  delays: Delays,
): NodeJS.ProcessEnv => ({
  ...terraform.env,
  ...Object.fromEntries(Object.entries(sandbox.environment).filter(([name]) => !isAdminKey(name))),
  ...delayVariables(delays),
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
});

export const awsClients = ({ environment }: Sandbox) => {
  const common = {
    region: environment.AWS_REGION ?? "",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  return {
    secretsManager: new SecretsManagerClient({
      ...common,
      endpoint: environment.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? "",
    }),
    lambda: new LambdaClient({ ...common, endpoint: environment.AWS_ENDPOINT_URL ?? "" }),
  };
};

/** The stage of the real deploy: cdktf, Terraform and its AWS provider, Lambdas, workloads and pods as processes. */
export const createDeployedStage = async (options: DeployedOptions): Promise<Stage> => {
  const { folder, environment, delays, cluster, onProgress } = options;
  const listeners: ((step: SeenStep) => void)[] = [];
  const fromMs = systemClock.now();
  const { terraform, pythonEnvironment } = await prepareTools(options);
  const sandbox = await startSandbox({
    stateFolder: folder,
    environment,
    delays,
    pythonEnvironment,
    onProgress,
    onStep: (step) => {
      for (const listener of listeners) listener(step);
    },
  });
  const ofChildren = { ...childEnvironment(terraform, sandbox, delays), ...clusterVariables(cluster) };
  const { secretsManager, lambda } = awsClients(sandbox);
  const commands = createCommandRunner();
  const workloads: Workload[] = [];
  const kept = (workload: Workload): Workload => {
    workloads.push(workload);
    return workload;
  };

  return {
    ...cdktfStack({ commands, folder, environment: ofChildren, onProgress }),
    clock: systemClock,
    delays,
    secretsManager,
    vendors: sandbox.vendors,
    folder,
    cluster,
    async invoke(name, event) {
      const Payload = new TextEncoder().encode(JSON.stringify(event));
      const answer = await lambda.send(new InvokeCommand({ FunctionName: functionName(SERVICE, name), Payload }));
      const text = new TextDecoder().decode(answer.Payload);
      if (answer.FunctionError) throw new Error(text);
      return JSON.parse(text);
    },
    startWorkload({ vendor, ...request }) {
      const vendorUrl = sandbox.vendors[vendor].url;
      return kept(startWorkloadProcess({ ...request, vendor, vendorUrl, environment: ofChildren }));
    },
    startPod({ vendor, ...request }) {
      const vendorUrl = sandbox.vendors[vendor].url;
      return kept(startPodProcess({ ...request, vendor, vendorUrl, keyVariable: KEY_VARIABLE }));
    },
    async log() {
      const names = cluster.found ? FUNCTION_NAMES : CORE_FUNCTION_NAMES;
      const span = { fromMs, toMs: systemClock.now() };
      const logs = await readFunctionLogs(sandbox.environment.AWS_ENDPOINT_URL ?? "", SERVICE, names, span);
      return [...logs.values()].join("\n");
    },
    onStep: (listener) => void listeners.push(listener),
    async close() {
      await Promise.all([commands.stop(), ...workloads.map((workload) => workload.stop())]);
      secretsManager.destroy();
      lambda.destroy();
      await sandbox.close();
      await cluster.found?.close();
    },
  };
};
