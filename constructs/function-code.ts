import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { type ISynthesisSession, Lazy, TerraformStack } from "cdktf";
// PLATFORM: cdktf exports no way to write a file of one's own at synth but this, which its own TerraformAsset uses.
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer.js";
import { Construct } from "constructs";
import { GRANTS_FILE } from "../lambdas/contracts/grants.ts";
import { KeyturnError } from "../lambdas/errors.ts";
import { functionZip, zipHash } from "./function-zip.ts";
import { bundlePath, type FunctionName } from "./functions.ts";

export interface FunctionCodeProps {
  readonly service: string;
  readonly name: FunctionName;
  /** The folder with the bundles of all functions. */
  readonly bundles: string;
  /** The text of grants.json. It is asked for when the app is synthesized, after the last key was declared. */
  readonly grants: () => string;
}

const readBundle = (folder: string, name: FunctionName): Uint8Array => {
  const path = bundlePath(folder, name);
  if (existsSync(path)) return readFileSync(path);
  throw new KeyturnError(
    "BAD_INPUT",
    `the bundle of the function ${name} is missing (${path}); run "npm run build", then synthesize again`,
  );
};

/**
 * A function's zip: its bundle, and grants.json beside it. Written among the stack's files when the app is
 * synthesized. The file's name says nothing about its content, so only `hash` decides whether it is deployed again.
 */
export class FunctionCode extends Construct {
  /** The zip's path, as Terraform sees it. */
  readonly path: string;
  /** Base64 SHA-256 of the zip, known when the app is synthesized. */
  readonly hash: string;
  readonly #bundle: Uint8Array;
  readonly #grants: () => string;
  #zipped: { grants: string; zip: Uint8Array } | undefined;

  constructor(scope: Construct, id: string, props: FunctionCodeProps) {
    super(scope, id);
    this.#bundle = readBundle(props.bundles, props.name);
    this.#grants = props.grants;
    this.path = posix.join("assets", `keyturn-${props.service}`, `${props.name}.zip`);
    this.hash = Lazy.stringValue({ produce: () => zipHash(this.zip()) });
    addCustomSynthesis(this, { onSynthesize: (session) => this.#write(session) });
  }

  /** The zip's bytes, with the keys that have been declared until now. */
  zip(): Uint8Array {
    const grants = this.#grants();
    if (this.#zipped?.grants !== grants) {
      const files = { "index.js": this.#bundle, [GRANTS_FILE]: Buffer.from(grants) };
      this.#zipped = { grants, zip: functionZip(files) };
    }
    return this.#zipped.zip;
  }

  #write(session: ISynthesisSession): void {
    const { workingDirectory } = session.manifest.forStack(TerraformStack.of(this));
    const path = join(session.outdir, workingDirectory, this.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, this.zip());
  }
}
