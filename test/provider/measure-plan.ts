import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, platform, tmpdir } from "node:os";
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
 * Terraform alone. Prints a table for docs/provider/guides/scale.md. Run: node --import tsx test/provider/measure-plan.ts
 */

const SIZES = [1, 100, 500] as const;
const RUNS = 3;

const numbered = (size: number, make: (name: string) => object) =>
  Object.fromEntries(Array.from({ length: size }, (_, n) => [`k${n}`, make(`k${n}`)]));

const keys = (size: number) =>
  numbered(size, (name) => ({ secret_id: arnOf(`keyturn/demo/${name}`), name, vendor: "pictify", type: "live" }));

interface Memory {
  readonly terraform: number;
  readonly provider: number;
}

type Plan = ReturnType<Workspace["start"]>;

const startPlan = (workspace: Workspace): Plan => workspace.start(["plan", "-no-color", "-detailed-exitcode"]);

const expectEmpty = async ({ done }: Plan): Promise<void> => {
  const { code, output } = await done;
  if (code !== 0) throw new Error(`a plan of what was applied is not empty: ${output.slice(-2_000)}`);
};

const planSeconds = async (workspace: Workspace): Promise<number> => {
  const startedMs = performance.now();
  await expectEmpty(startPlan(workspace));
  return (performance.now() - startedMs) / 1_000;
};

/** The most that Terraform and the provider hold while a plan runs. Looking slows it down, so that it is not timed. */
const planMemory = async (workspace: Workspace): Promise<Memory> => {
  const plan = startPlan(workspace);
  let [terraform, provider, ended] = [0, 0, false];
  const ending = expectEmpty(plan).finally(() => {
    ended = true;
  });
  while (!ended) {
    terraform = Math.max(terraform, await memoryOf(plan.child.pid ?? 0));
    for (const pid of await childrenOf(plan.child)) provider = Math.max(provider, await memoryOf(pid));
  }
  await ending;
  return { terraform, provider };
};

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;

const tableRow = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const HEAD = [
  tableRow("plan of", "time", "memory of Terraform", "memory of the provider", "calls of functions a plan"),
  tableRow("---", "---", "---", "---", "---"),
].join("\n");

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(0)} MB`;

const measure = async (
  workspace: Workspace,
  what: string,
  size: number,
  calls: () => number | undefined,
): Promise<void> => {
  const applied = await workspace.apply();
  if (applied.code !== 0) throw new Error(applied.output.slice(-2_000));
  const seconds: number[] = [];
  for (let run = 0; run < RUNS; run++) seconds.push(await planSeconds(workspace));
  const asked = calls();
  const { terraform, provider } = await planMemory(workspace);
  const ours = asked === undefined ? ["", ""] : [megabytes(provider), String(asked / RUNS)];
  console.log(tableRow(`${size} \`${what}\``, `${median(seconds).toFixed(2)} s`, megabytes(terraform), ...ours));
};

const choice = await locateTerraform();
if (!choice.found) throw new Error(choice.problem);
const stateFolder = await mkdtemp(join(tmpdir(), "keyturn-state-"));
const { env } = await terraformEnvironment({ stateFolder });
const provider = await buildProvider();
const machine = `${cpus().length} cores (load ${loadavg()[0]?.toFixed(1)}), ${platform()}, Node.js ${process.version}`;
console.log(`${machine}, ${choice.found.command} ${choice.found.version}; the median of ${RUNS} plans each\n\n${HEAD}`);
for (const size of SIZES) {
  const service = new FakeService();
  const lambda = await startFakeLambda(service.functions);
  const options = { terraform: choice.found.command, env, provider, endpointUrl: lambda.url };
  const ours = await Workspace.open(options);
  ours.write(keys(size));
  await measure(ours, "keyturn_api_key", size, () => service.calls.filter((call) => call !== "ensure").length);
  const alone = await Workspace.open(options);
  alone.writeStack({ resource: { terraform_data: numbered(size, (input) => ({ input })) } });
  await measure(alone, "terraform_data", size, () => undefined);
  await Promise.all([ours.remove(), alone.remove(), lambda.close()]);
}
await rm(stateFolder, { recursive: true });
