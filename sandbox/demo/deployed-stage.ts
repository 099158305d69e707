import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { systemClock } from "../../lambdas/clock.ts";
import { preparePythonEnvironment } from "../aws/python-environment.ts";
import { type Delays, delayVariables } from "../delays.ts";
import { STATE_FOLDER } from "../environment-files.ts";
import { startSandbox } from "../sandbox.ts";
import { terraformEnvironment } from "../terraform/environment.ts";
import { startWorkloadProcess } from "../workload/process.ts";
import type { Workload } from "../workload/workload.ts";
import { CommandFailed, cdktfArguments, createCommandRunner } from "./cdktf.ts";
import { SERVICE } from "./key-watch.ts";
import { plannedChanges } from "./planned-changes.ts";
import { refusalsIn } from "./refusals.ts";
import type { Destruction, SeenStep, Stage } from "./stage.ts";

export interface DeployedOptions {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly delays: Delays;
  /** Told what is going on, often. */
  readonly onProgress: (text: string) => void;
  /** Told what a person should know. */
  readonly onNote: (text: string) => void;
}

/** What a person's own AWS settings would change about the run. */
const withoutOwnAws = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(AWS_|PICT(OGRAPH|IFY)_)/.test(name)));

const isAdminKey = (name: string): boolean => name.endsWith("_ADMIN_KEY");

/** "sandbox  aws_iam_role.x (Keyturn/rotate/Role): Creation complete after 0s": what the CLI prints of a resource. */
const PROGRESS =
  /(\w+)\.\S+ \((\S+)\): (Creating|Creation complete|Modifying|Modifications complete|Destroying|Destruction complete|Still \w+)/;

/** How many resources of each type a destroy has done away with. */
const goneIn = (output: string): Destruction["gone"] => {
  const gone: Record<string, number> = {};
  for (const line of output.split("\n")) {
    const [, type, , what] = PROGRESS.exec(line) ?? [];
    if (type && what === "Destruction complete") gone[type] = (gone[type] ?? 0) + 1;
  }
  return gone;
};

/** The stage of the real deploy: cdktf, Terraform and its AWS provider, Lambdas and workloads as processes. */
export const createDeployedStage = async (options: DeployedOptions): Promise<Stage> => {
  const { folder, environment, delays, onProgress, onNote } = options;
  const output = resolve(folder, "cdktf.out");
  const stackFolder = join(output, "stacks", SERVICE);
  const listeners: ((step: SeenStep) => void)[] = [];

  onProgress("preparing Terraform and Python");
  const [terraform, pythonEnvironment] = await Promise.all([
    terraformEnvironment({ stateFolder: folder, env: withoutOwnAws(process.env) }),
    preparePythonEnvironment({ stateFolder: STATE_FOLDER, onProgress }),
  ]);
  if (terraform.missing !== undefined) throw new Error(terraform.missing);
  for (const note of terraform.notes) onNote(note);

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
  const variables = Object.fromEntries(Object.entries(sandbox.environment).filter(([name]) => !isAdminKey(name)));
  const childEnvironment: NodeJS.ProcessEnv = {
    ...terraform.env,
    ...variables,
    ...delayVariables(delays),
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const region = sandbox.environment.AWS_REGION ?? "";
  const secretsManager = new SecretsManagerClient({
    endpoint: sandbox.environment.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? "",
    region,
    credentials,
  });
  const lambda = new LambdaClient({ endpoint: sandbox.environment.AWS_ENDPOINT_URL ?? "", region, credentials });
  /** Terraform's log, its providers' included, at its most talkative: the search for leaks reads it. */
  const trace = { TF_LOG: "TRACE", TF_LOG_PATH: resolve(folder, "terraform-trace.log") };
  const commands = createCommandRunner();
  const workloads: Workload[] = [];

  let finished = 0;
  const showProgress = (line: string) => {
    const [, , path, what] = PROGRESS.exec(line) ?? [];
    if (what?.endsWith("complete")) finished++;
    if (path && what) onProgress(`${finished} resources done; ${what.toLowerCase()}: ${path}`);
  };
  let declared: Readonly<Record<string, string>> = {};
  let isSynthesized = false;
  const cdktf = async (command: "synth" | "deploy" | "destroy", more: NodeJS.ProcessEnv = {}) => {
    finished = 0;
    onProgress(`starting cdktf ${command}`);
    const printed = await commands.run(process.execPath, cdktfArguments(command, SERVICE, output), {
      environment: { ...childEnvironment, ...declared, ...more },
      logFile: join(folder, "cdktf.log"),
      onLine: showProgress,
    });
    isSynthesized = true;
    return printed;
  };
  const terraformCommand = (...arguments_: string[]) =>
    commands.run(childEnvironment.TERRAFORM_BINARY_NAME ?? "terraform", [`-chdir=${stackFolder}`, ...arguments_], {
      environment: { ...childEnvironment, ...trace },
      logFile: join(folder, "terraform.log"),
      onLine: () => {},
    });

  return {
    clock: systemClock,
    delays,
    secretsManager,
    vendors: sandbox.vendors,
    folder,
    declare(variables) {
      declared = { ...declared, ...variables };
      isSynthesized = false;
    },
    async plan() {
      if (!isSynthesized) await cdktf("synth");
      onProgress("planning");
      await terraformCommand("plan", "-input=false", "-no-color", "-lock=false", "-out=next.tfplan");
      return plannedChanges(await terraformCommand("show", "-json", "next.tfplan"));
    },
    async deploy() {
      await cdktf("deploy", trace);
    },
    async destroy() {
      try {
        return { refusals: [], gone: goneIn(await cdktf("destroy")) };
      } catch (error) {
        const printed = error instanceof CommandFailed ? error.output : "";
        const refusals = refusalsIn(printed);
        if (refusals.length === 0) throw error;
        return { refusals, gone: goneIn(printed) };
      }
    },
    async manage(event) {
      const Payload = new TextEncoder().encode(JSON.stringify(event));
      const answer = await lambda.send(new InvokeCommand({ FunctionName: `keyturn-${SERVICE}-manage`, Payload }));
      if (answer.FunctionError) throw new Error(new TextDecoder().decode(answer.Payload));
    },
    startWorkload({ vendor, ...request }) {
      const vendorUrl = sandbox.vendors[vendor].url;
      const workload = startWorkloadProcess({ ...request, vendor, vendorUrl, environment: childEnvironment });
      workloads.push(workload);
      return workload;
    },
    log: () => readFile(sandbox.logFile, "utf8"),
    onStep: (listener) => void listeners.push(listener),
    async close() {
      await Promise.all([commands.stop(), ...workloads.map((workload) => workload.stop())]);
      secretsManager.destroy();
      lambda.destroy();
      await sandbox.close();
    },
  };
};
