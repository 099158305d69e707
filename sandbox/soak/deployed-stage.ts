import { CORE_FUNCTION_NAMES } from "../../constructs/functions.ts";
import { systemClock } from "../../lambdas/clock.ts";
import { SOAK_PLANS } from "../../stacks/soak-configuration.ts";
import { readFunctionLogs } from "../aws/function-logs.ts";
import { createCommandRunner } from "../demo/cdktf.ts";
import { cdktfStack } from "../demo/cdktf-stack.ts";
import { awsClients, childEnvironment, prepareTools } from "../demo/deployed-stage.ts";
import { startSandbox } from "../sandbox.ts";
import { startGroupProcess } from "../workload/process.ts";
import type { Workload } from "../workload/workload.ts";
import { SOAK_DELAYS, SOAK_RETRIES } from "./delays.ts";
import { killProcess, listFunctionProcesses } from "./function-processes.ts";
import { SOAK_SERVICE } from "./observe.ts";
import type { SoakStage, StepListener } from "./stage.ts";

export interface DeployedSoakOptions {
  readonly folder: string;
  readonly keys: number;
  /** Told what is going on, often. */
  readonly onProgress: (text: string) => void;
  /** Told what a person should know. */
  readonly onNote: (text: string) => void;
}

const APP = "node --import tsx stacks/soak.ts";
/** A first generation waits for its vendor most of the time, so that more than Terraform's ten go side by side. */
const PARALLELISM = 20;

/** The real sandbox: simulated vendors, Terraform, functions and workloads as processes. */
export const createDeployedSoak = async (options: DeployedSoakOptions): Promise<SoakStage> => {
  const { folder, keys, onProgress } = options;
  const listeners: StepListener[] = [];
  const fromMs = systemClock.now();
  const { terraform, pythonEnvironment } = await prepareTools(options);
  const sandbox = await startSandbox({
    stateFolder: folder,
    environment: {}, // the vendors are simulated, whatever servers a person's variables name
    delays: SOAK_DELAYS,
    plans: SOAK_PLANS,
    secretsManager: SOAK_RETRIES,
    pythonEnvironment,
    onProgress,
    onStepStart: (step) => {
      for (const { onStart } of listeners) onStart(step);
    },
    onStep: (step) => {
      for (const { onEnd } of listeners) onEnd(step);
    },
  });
  const ofChildren = {
    ...childEnvironment(terraform, sandbox, SOAK_DELAYS),
    KEYTURN_SOAK_KEYS: String(keys),
    TF_CLI_ARGS_apply: `-parallelism=${PARALLELISM}`,
  };
  const { secretsManager, lambda } = awsClients(sandbox);
  lambda.destroy();
  const commands = createCommandRunner();
  const stack = cdktfStack({
    stack: SOAK_SERVICE,
    app: APP,
    commands,
    folder,
    environment: ofChildren,
    onProgress,
  });
  const groups: Workload[] = [];

  return {
    clock: systemClock,
    secretsManager,
    vendors: sandbox.vendors,
    folder,
    deploy: () => stack.deploy(),
    startCallers({ vendor, callers, ...request }) {
      const vendorUrl = sandbox.vendors[vendor].url;
      const group = startGroupProcess({ ...request, members: callers, vendor, vendorUrl, environment: ofChildren });
      groups.push(group);
      return group;
    },
    processes: () => listFunctionProcesses(sandbox.processId, SOAK_SERVICE),
    kill: ({ processId }) => killProcess(processId),
    listen: (listener) => void listeners.push(listener),
    passes: () => sandbox.secretsManager.calls().find(({ operation }) => operation === "ListSecrets")?.count ?? 0,
    functionLogs: () =>
      readFunctionLogs(sandbox.environment.AWS_ENDPOINT_URL ?? "", SOAK_SERVICE, CORE_FUNCTION_NAMES, {
        fromMs,
        toMs: systemClock.now(),
      }),
    async close() {
      await Promise.all([commands.stop(), ...groups.map((group) => group.stop())]);
      secretsManager.destroy();
      await sandbox.close();
    },
  };
};
