import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { App, LocalBackend, TerraformStack, Testing } from "cdktf";
import { strFromU8, unzipSync } from "fflate";
import { bundlePath, FUNCTION_NAMES, providerFolder } from "../../constructs/functions.ts";
import {
  type ClusterProps,
  KeyRotationService,
  type KeyRotationServiceProps,
  type KubernetesCluster,
  KubernetesSecretTarget,
  type KubernetesTargetProps,
  PictifyApiKey,
  type PictifyApiKeyProps,
  type VendorConnection,
  type VendorConnectionProps,
} from "../../constructs/index.ts";
import type { GrantsFile } from "../../lambdas/contracts/grants.ts";
import { type BuiltProvider, layProvider } from "../../provider/layout.ts";
import { afterFile } from "../setup/after-file.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Stands for the Terraform provider where nobody runs it. */
export const EMPTY_PROVIDER: BuiltProvider = { version: "0.1.42", bundle: Buffer.from("#!/usr/bin/env node\n") };

/** A folder with a bundle for each function, that does nothing, and with a provider. */
export const emptyBundles = (provider = EMPTY_PROVIDER): string => {
  const folder = temporaryFolder();
  layProvider(providerFolder(folder), provider);
  for (const name of FUNCTION_NAMES) {
    const path = bundlePath(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `exports.handler = async () => "${name}";\n`);
  }
  return folder;
};

let ofThisFile: string | undefined;

/** A folder with empty bundles, one for all tests of a file. */
export const sharedBundles = (): string => {
  if (ofThisFile !== undefined) return ofThisFile;
  afterFile(() => {
    ofThisFile = undefined;
  });
  ofThisFile = emptyBundles();
  return ofThisFile;
};

export const newApp = (): App => new App({ outdir: temporaryFolder() });

export const newStack = (): TerraformStack => {
  const stack = new TerraformStack(newApp(), "stack");
  new LocalBackend(stack, { path: "terraform.tfstate" }); // the default one has the folder's absolute path in it
  new AwsProvider(stack, "Aws", { region: "eu-central-1" });
  return stack;
};

export const newService = (
  stack: TerraformStack,
  props: Partial<KeyRotationServiceProps> = {},
  id = "Keyturn",
): KeyRotationService =>
  new KeyRotationService(stack, id, { name: "platform-prod", bundles: sharedBundles(), ...props });

export const addPictify = (service: KeyRotationService, props: Partial<VendorConnectionProps> = {}): VendorConnection =>
  service.addVendor("Pictify", { vendor: "pictify", adminSecretName: "keyturn/pictify", plan: "pro", ...props });

export const addPictograph = (
  service: KeyRotationService,
  props: Partial<VendorConnectionProps> = {},
): VendorConnection =>
  service.addVendor("Pictograph", {
    vendor: "pictograph",
    adminSecretName: "keyturn/pictograph",
    plan: "pro",
    organizationId: "org-1",
    ...props,
  });

/** A cluster named `prod`, by default one that a kubeconfig reaches. */
export const addCluster = (
  service: KeyRotationService,
  props: Partial<ClusterProps> = { kubeconfigSecretName: "clusters/prod" },
  id = "Prod",
): KubernetesCluster => service.addCluster(id, { name: "prod", ...props } as ClusterProps);

/** A target as in the seeds: `pictify-credentials` in the namespace `web`. */
export const webTarget = (
  cluster: KubernetesCluster,
  props: Partial<KubernetesTargetProps> = {},
): KubernetesSecretTarget =>
  new KubernetesSecretTarget({
    cluster,
    namespace: "web",
    secretName: "pictify-credentials",
    restart: ["deployment/webapp"],
    ...props,
  });

/** The key `webapp` of a service, with these targets. */
export const addWebKey = (
  service: KeyRotationService,
  targets: readonly KubernetesSecretTarget[] = [],
  props: Partial<PictifyApiKeyProps> = {},
): PictifyApiKey => {
  const stack = TerraformStack.of(service);
  const key = new PictifyApiKey(stack, "WebApp", {
    vendor: addPictify(service),
    name: "webapp",
    type: "live",
    ...props,
  });
  for (const target of targets) key.addTarget(target);
  return key;
};

/** The attributes of one Terraform resource, as the synthesized JSON has them. */
export interface Attributes {
  // biome-ignore lint/suspicious/noExplicitAny: the shape differs by resource, and each test knows its own
  readonly [attribute: string]: any;
}

type Synthesized = Record<string, Record<string, Record<string, Attributes>>>;

export const synthesize = (stack: TerraformStack): Synthesized => JSON.parse(Testing.synth(stack));

/** The resources of one type by their addresses. */
export const resourcesOf = (
  stack: TerraformStack,
  type: string,
  kind: "resource" | "data" = "resource",
): Record<string, Attributes> => {
  const found = synthesize(stack)[kind]?.[type] ?? {};
  return Object.fromEntries(Object.entries(found).map(([id, attributes]) => [`${type}.${id}`, attributes]));
};

/** The one resource of a type whose address holds `part`, with its address. */
export const resourceOf = (stack: TerraformStack, type: string, part = ""): readonly [string, Attributes] => {
  const found = Object.entries(resourcesOf(stack, type)).filter(([address]) => address.includes(part));
  const [only] = found;
  if (found.length !== 1 || !only) throw new Error(`${found.length} ${type} with "${part}"`);
  return only;
};

/** Terraform's expression for an attribute of the resource at `address`. */
export const reference = (address: string, attribute: string): string => `\${${address}.${attribute}}`;

/**
 * The addresses of everything that a resource depends on, by name or by reference, directly or not. Terraform makes
 * these before it, and destroys them after it.
 */
export const dependenciesOf = (stack: TerraformStack, address: string): ReadonlySet<string> => {
  const { resource = {} } = synthesize(stack);
  const texts = new Map<string, string>(
    Object.entries(resource).flatMap(([type, ones]) =>
      Object.entries(ones).map(([id, attributes]) => [`${type}.${id}`, JSON.stringify(attributes)] as const),
    ),
  );
  const found = new Set<string>();
  const visit = (from: string): void => {
    const direct = texts.get(from)?.matchAll(/(?:aws|keyturn)_\w+\.[\w-]+/g) ?? [];
    for (const [to] of direct) {
      if (!texts.has(to) || found.has(to)) continue;
      found.add(to);
      visit(to);
    }
  };
  visit(address);
  return found;
};

/** Synthesizes for real, and gives the folder of the stack's files. */
export const fullSynth = (stack: TerraformStack): string => {
  const app = App.of(stack);
  app.synth();
  return join(app.outdir, "stacks", stack.node.id);
};

/** The files in a synthesized function's zip, as texts. */
export const zipFiles = (stackFolder: string, service: string, name: string): Record<string, string> => {
  const zip = readFileSync(join(stackFolder, "assets", `keyturn-${service}`, `${name}.zip`));
  return Object.fromEntries(Object.entries(unzipSync(zip)).map(([file, bytes]) => [file, strFromU8(bytes)]));
};

export const grantsFile = (stack: TerraformStack, service = "platform-prod"): GrantsFile =>
  JSON.parse(zipFiles(fullSynth(stack), service, "rotate")["grants.json"] ?? "null");
