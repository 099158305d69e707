import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROVIDER_SOURCE } from "../../provider/address.ts";
import { type BuiltProvider, layProvider } from "../../provider/layout.ts";

export interface Run {
  readonly code: number | null;
  /** Standard output and standard error, in that order. */
  readonly output: string;
}

export interface PlannedChange {
  readonly address: string;
  readonly actions: readonly string[];
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly unknown: Readonly<Record<string, unknown>>;
}

interface PlanJson {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly change: {
      readonly actions: readonly string[];
      readonly before: Readonly<Record<string, unknown>> | null;
      readonly after: Readonly<Record<string, unknown>> | null;
      readonly after_unknown: Readonly<Record<string, unknown>>;
    };
  }[];
}

export interface WorkspaceOptions {
  readonly terraform: string;
  readonly env: NodeJS.ProcessEnv;
  readonly provider: BuiltProvider;
  readonly endpointUrl: string;
}

/** What the provider signs its requests with: never to be seen. */
export const AWS_SECRET = "exampleSecretAccessKey/of/these/tests";

/** A folder with a stack, the provider beside it, and Terraform run in it. */
export class Workspace {
  readonly folder: string;
  readonly #options: WorkspaceOptions;

  private constructor(folder: string, options: WorkspaceOptions) {
    this.folder = folder;
    this.#options = options;
  }

  static async open(options: WorkspaceOptions): Promise<Workspace> {
    const workspace = new Workspace(await mkdtemp(join(tmpdir(), "keyturn-provider-")), options);
    layProvider(workspace.folder, options.provider);
    workspace.write({});
    const { code, output } = await workspace.run("init");
    if (code !== 0) throw new Error(`terraform init failed: ${output}`);
    return workspace;
  }

  /** Writes the stack: keys by their names in it, and whatever else. */
  write(keys: Readonly<Record<string, object>>, more: object = {}, providerBlock: object = {}): void {
    const provider = {
      inspect_function: "inspect",
      manage_function: "manage",
      region: "us-east-1",
      endpoint_url: this.#options.endpointUrl,
      ...providerBlock,
    };
    const stack = {
      terraform: {
        required_providers: { keyturn: { source: PROVIDER_SOURCE, version: this.#options.provider.version } },
      },
      provider: { keyturn: provider },
      ...(Object.keys(keys).length > 0 && { resource: { keyturn_api_key: keys } }),
      ...more,
    };
    this.writeStack(stack);
  }

  /** Writes a whole stack. */
  writeStack(stack: object): void {
    writeFileSync(join(this.folder, "main.tf.json"), JSON.stringify(stack, null, 2));
  }

  start(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): { readonly child: ChildProcess; readonly done: Promise<Run> } {
    const child = spawn(this.#options.terraform, args, {
      cwd: this.folder,
      env: {
        ...this.#options.env,
        AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
        AWS_SECRET_ACCESS_KEY: AWS_SECRET,
        AWS_EC2_METADATA_DISABLED: "true",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const parts: string[] = [];
    child.stdout.on("data", (part: Buffer) => parts.push(part.toString()));
    child.stderr.on("data", (part: Buffer) => parts.push(part.toString()));
    const done = new Promise<Run>((resolve) => child.on("close", (code) => resolve({ code, output: parts.join("") })));
    return { child, done };
  }

  /** Runs a command, such as `plan` or `state rm`, and waits for its end. */
  run(command: string, ...args: readonly string[]): Promise<Run> {
    return this.start([...command.split(" "), "-no-color", ...args]).done;
  }

  apply(...args: readonly string[]): Promise<Run> {
    return this.run("apply", "-auto-approve", ...args);
  }

  /** The changes that a plan has for the resources; those without a change have the action `no-op`. */
  async plan(...args: readonly string[]): Promise<readonly PlannedChange[]> {
    const planned = await this.run("plan", "-out=plan", ...args);
    if (planned.code !== 0) throw new Error(`terraform plan failed: ${planned.output}`);
    const shown = await this.run("show", "-json", "plan");
    const { resource_changes: changes = [] } = JSON.parse(shown.output) as PlanJson;
    return changes.map(({ address, change: { actions, before, after, after_unknown: unknown } }) => ({
      address,
      actions,
      before,
      after,
      unknown,
    }));
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  /** The state's attributes of a key. */
  state(name: string): Readonly<Record<string, unknown>> | undefined {
    const state = JSON.parse(this.read("terraform.tfstate")) as {
      readonly resources: readonly {
        readonly name: string;
        readonly instances: readonly { readonly attributes: object }[];
      }[];
    };
    const found = state.resources.find((resource) => resource.name === name)?.instances[0];
    return found?.attributes as Readonly<Record<string, unknown>> | undefined;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
