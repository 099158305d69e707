import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildProvider } from "../../provider/build.ts";
import { terraformEnvironment } from "../../sandbox/terraform/environment.ts";
import { locateTerraform } from "../../sandbox/terraform/locate.ts";
import { childrenOf, memoryOf } from "./child-processes.ts";
import { startFakeLambda } from "./fake-lambda.ts";
import { arnOf, FakeService } from "./fake-service.ts";
import { Workspace } from "./workspace.ts";

/*
 * How long a plan takes and what memory it needs, with 1, 100 and 500 keys and with as many `terraform_data`, which is
 * Terraform alone. Run it: node --import tsx test/provider/measure-plan.ts
 */

const SIZES = [1, 100, 500] as const;
const RUNS = 3;
const SAMPLE_MS = 200;
const MEGABYTE = 1_000_000;

const numbered = (size: number, make: (name: string) => object) =>
  Object.fromEntries(Array.from({ length: size }, (_, n) => [`k${n}`, make(`k${n}`)]));

const keys = (size: number) =>
  numbered(size, (name) => ({ secret_id: arnOf(`keyturn/demo/${name}`), name, vendor: "pictify", type: "live" }));

interface Measured {
  readonly seconds: number;
  readonly terraformMegabytes: number;
  readonly providerMegabytes: number;
}

const measurePlan = async (workspace: Workspace): Promise<Measured> => {
  const startedMs = performance.now();
  const { child, done } = workspace.start(["plan", "-no-color", "-detailed-exitcode"]);
  let [terraform, provider] = [0, 0];
  const sample = setInterval(async () => {
    terraform = Math.max(terraform, await memoryOf(child.pid ?? 0));
    for (const pid of await childrenOf(child)) provider = Math.max(provider, await memoryOf(pid));
  }, SAMPLE_MS);
  const { code, output } = await done;
  clearInterval(sample);
  if (code !== 0) throw new Error(`a plan of what was applied is not empty: ${output.slice(-2_000)}`);
  return {
    seconds: (performance.now() - startedMs) / 1_000,
    terraformMegabytes: terraform / MEGABYTE,
    providerMegabytes: provider / MEGABYTE,
  };
};

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;

const row = (what: string, size: number, runs: readonly Measured[], more: string): string =>
  [
    `${what} ${size}`.padEnd(22),
    `${median(runs.map(({ seconds }) => seconds)).toFixed(2)} s`.padStart(8),
    `${Math.max(...runs.map(({ terraformMegabytes }) => terraformMegabytes)).toFixed(0)} MB`.padStart(12),
    `${Math.max(...runs.map(({ providerMegabytes }) => providerMegabytes)).toFixed(0)} MB`.padStart(12),
    more,
  ].join("");

const measure = async (workspace: Workspace, what: string, size: number, listings: () => string): Promise<void> => {
  const applied = await workspace.apply();
  if (applied.code !== 0) throw new Error(applied.output.slice(-2_000));
  const runs: Measured[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await measurePlan(workspace));
  console.log(row(what, size, runs, listings()));
};

const choice = await locateTerraform();
if (!choice.found) throw new Error(choice.problem);
const stateFolder = await mkdtemp(join(tmpdir(), "keyturn-state-"));
const { env } = await terraformEnvironment({ stateFolder });
const provider = await buildProvider();
console.log(
  `${"plan of".padEnd(22)}${"median".padStart(8)}${"Terraform".padStart(12)}${"provider".padStart(12)}   calls a plan`,
);
for (const size of SIZES) {
  const service = new FakeService();
  const lambda = await startFakeLambda(service.functions);
  const options = { terraform: choice.found.command, env, provider, endpointUrl: lambda.url };
  const ours = await Workspace.open(options);
  ours.write(keys(size));
  await measure(ours, "keyturn_api_key", size, () => {
    const asked = service.calls.filter((call) => call !== "ensure").length;
    return `   ${asked / RUNS} (list: ${service.count("list") / RUNS})`;
  });
  const alone = await Workspace.open(options);
  alone.writeStack({ resource: { terraform_data: numbered(size, (input) => ({ input })) } });
  await measure(alone, "terraform_data", size, () => "");
  await Promise.all([ours.remove(), alone.remove(), lambda.close()]);
}
await rm(stateFolder, { recursive: true });
