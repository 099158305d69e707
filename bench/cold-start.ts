import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BUNDLES, bundlePath, FUNCTION_NAMES, type FunctionName } from "../constructs/functions.ts";
import { GRANTS_FILE } from "../lambdas/contracts/grants.ts";
import { bundleText, withFolder } from "./child-process.ts";
import { grantsFor } from "./declared.ts";
import { alternate } from "./rounds.ts";
import { atMost, type Figure, type Row, told } from "./row.ts";
import { kilobytesText, millisecondsText, times } from "./texts.ts";

const MOST_TIME = 1.3;
const MOST_SIZE = 1.5;
const MOST_BYTES_OF_DISTRIBUTE = 2_200_000;

const WHY_DISTRIBUTE =
  "beyond its clients it has the readers of kubeconfigs and of Kubernetes objects; a Kubernetes client of our own (decision 0026) takes the place of one of 1.7 MB";

/** The SDK's clients that each function makes, as its own file makes them. */
const CLIENTS: Readonly<Record<FunctionName, readonly string[]>> = {
  rotate: ["SecretsManager", "Lambda"],
  manage: ["SecretsManager", "Lambda"],
  inspect: ["SecretsManager"],
  reconcile: ["SecretsManager", "Lambda"],
  distribute: ["SecretsManager", "EKS"],
};

const PACKAGES: Readonly<Record<string, string>> = {
  SecretsManager: "@aws-sdk/client-secrets-manager",
  Lambda: "@aws-sdk/client-lambda",
  EKS: "@aws-sdk/client-eks",
};

/** The operations that a function of its size needs at the least, so that what nobody calls is left out of both. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  SecretsManager: ["DescribeSecretCommand", "GetSecretValueCommand"],
  Lambda: ["InvokeCommand"],
  EKS: ["DescribeClusterCommand"],
};

/** A handler that only makes the same clients, each with the bounds that ours have. */
export const bareSource = (name: FunctionName): string => {
  const lines = CLIENTS[name].map((client) => {
    const operations = OPERATIONS[client] ?? [];
    return `import { ${client}Client, ${operations.join(", ")} } from "${PACKAGES[client]}";
const bound${client} = new ${client}Client({ requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000 } });
const sent${client} = [${operations.join(", ")}];`;
  });
  const used = CLIENTS[name].map((client) => `[bound${client}, sent${client}]`);
  return `${lines.join("\n")}\nexport const handler = async () => [${used.join(", ")}].length;\n`;
};

const LOADER = "require(process.argv[1]).handler ? process.stdout.write('ready') : process.exit(3)";

/** How long from the start of a process until its handler can be called, in milliseconds. */
const readyMs = (bundle: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const env = { PATH: process.env.PATH, LAMBDA_TASK_ROOT: dirname(bundle), AWS_REGION: "us-east-1" };
    const child = spawn(process.execPath, ["-e", LOADER, bundle], { env, stdio: ["ignore", "pipe", "ignore"] });
    child.stdout.once("data", () => resolve(performance.now() - startedMs));
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`${bundle} ended with ${code} before its handler was ready`)));
  });

interface Pair {
  readonly name: FunctionName;
  readonly ours: string;
  readonly bare: string;
}

/** Lays a function's bundle and its bare one into folders as Lambda does, `grants.json` beside each. */
const lay = async (folder: string, name: FunctionName): Promise<Pair> => {
  const place = (kind: string, code: Uint8Array): string => {
    const path = join(folder, name, kind, "index.js");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
    writeFileSync(join(dirname(path), GRANTS_FILE), JSON.stringify(grantsFor("pictify", undefined)));
    return path;
  };
  const ours = place("ours", readFileSync(bundlePath(BUNDLES, name)));
  return { name, ours, bare: place("bare", await bundleText(bareSource(name))) };
};

const sizeOf = (path: string): number => readFileSync(path).length;

const sizeFigure = ({ name, ours, bare }: Pair): Figure =>
  name === "distribute"
    ? atMost({
        what: `size of ${name}`,
        value: sizeOf(ours),
        atMost: MOST_BYTES_OF_DISTRIBUTE,
        text: kilobytesText,
        reason: `${kilobytesText(sizeOf(bare))} with its clients alone`,
      })
    : atMost({
        what: `size of ${name}, beside a bundle of its clients alone`,
        value: sizeOf(ours) / sizeOf(bare),
        atMost: MOST_SIZE,
        text: times,
        reason: `${kilobytesText(sizeOf(ours))} and ${kilobytesText(sizeOf(bare))}`,
      });

const timeFigure = async (pair: Pair, rounds: number): Promise<Figure> => {
  const { ours, bare } = await alternate(rounds, { ours: () => readyMs(pair.ours), bare: () => readyMs(pair.bare) });
  const reason = `${millisecondsText(ours)} and ${millisecondsText(bare)}`;
  if (pair.name === "distribute")
    return told(
      `cold start of ${pair.name}, beside its clients alone`,
      times(ours / bare),
      `${reason}; ${WHY_DISTRIBUTE}`,
    );
  const what = `cold start of ${pair.name}, beside a bundle of its clients alone`;
  return atMost({ what, value: ours / bare, atMost: MOST_TIME, text: times, reason });
};

/** Each process is short, so that more of them fit into a round. */
const STARTS_A_ROUND = 4;

/** What a new container waits for: its code, read and run until there is a handler. */
export const coldStart: Row = {
  name: "cold-start",
  title: "Cold start and size",
  measure: ({ rounds, progress }) =>
    withFolder(async (folder) => {
      const figures: Figure[] = [];
      for (const name of FUNCTION_NAMES) {
        progress(name);
        const pair = await lay(folder, name);
        figures.push(await timeFigure(pair, rounds * STARTS_A_ROUND), sizeFigure(pair));
      }
      return { figures, details: [] };
    }),
};
