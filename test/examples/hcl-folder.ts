import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildProvider } from "../../provider/build.ts";
import { layProvider } from "../../provider/layout.ts";
import { ROOT } from "../docs/pages.ts";

const run = promisify(execFile);

/** The account of the sandbox's AWS stands in for the one that the examples name. */
const inTheAccount = (hcl: string): string =>
  hcl.replaceAll("eu-central-1", "us-east-1").replaceAll("123456789012", "000000000000");

/** The AWS provider asks nobody who it is: there is Secrets Manager and nothing else. */
const QUIET_AWS = `provider "aws" {
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
`;

export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** A copy of the examples, with one of them to run Terraform in. */
export class HclFolder {
  readonly folder: string;
  readonly #copy: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(copy: string, example: string, env: NodeJS.ProcessEnv) {
    this.#copy = copy;
    this.folder = join(copy, example);
    this.#env = env;
  }

  /** @param example its folder, below `examples/hcl` */
  static async open(example: string, env: NodeJS.ProcessEnv): Promise<HclFolder> {
    const copy = mkdtempSync(join(tmpdir(), "keyturn-hcl-"));
    cpSync(join(ROOT, "examples", "hcl"), copy, { recursive: true });
    const opened = new HclFolder(copy, example, env);
    layProvider(opened.folder, await buildProvider());
    const { code, output } = await opened.run("init", "-input=false");
    if (code !== 0) throw new Error(`terraform init failed: ${output}`);
    return opened;
  }

  /** Makes the example one for the sandbox's account, without a change of what it declares. */
  standIn(): void {
    for (const name of readdirSync(this.folder).filter((file) => file.endsWith(".tf"))) {
      const path = join(this.folder, name);
      writeFileSync(path, inTheAccount(readFileSync(path, "utf8")));
    }
    if (readFileSync(join(this.folder, "main.tf"), "utf8").includes('provider "aws"'))
      writeFileSync(join(this.folder, "sandbox_override.tf"), QUIET_AWS);
  }

  /** Changes the text of the example, as its reader would. */
  edit(from: string, to: string): void {
    const path = join(this.folder, "main.tf");
    const text = readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`the example has no ${from}`);
    writeFileSync(path, text.replace(from, to));
  }

  async run(...args: readonly string[]): Promise<Ran> {
    const terraform = this.#env.TERRAFORM_BINARY_NAME ?? "terraform";
    const options = { cwd: this.folder, env: this.#env, maxBuffer: 64_000_000 };
    try {
      const { stdout, stderr } = await run(terraform, [...args], options);
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: stdout + stderr };
    }
  }

  output(name: string): Promise<unknown> {
    return this.run("output", "-json", name).then(({ output }) => JSON.parse(output));
  }

  remove(): void {
    rmSync(this.#copy, { recursive: true, force: true });
  }
}
