import { functionName } from "../constructs/functions.ts";
import { KEY_PROTOCOL } from "../lambdas/contracts/key-facts.ts";
import { buildProvider } from "../provider/build.ts";
import { terraformEnvironment } from "../sandbox/terraform/environment.ts";
import { HOW_TO_GET_TERRAFORM, locateTerraform } from "../sandbox/terraform/locate.ts";
import { childrenOf, memoryOf } from "../test/provider/child-processes.ts";
import { startFakeLambda } from "../test/provider/fake-lambda.ts";
import { arnOf, FakeService } from "../test/provider/fake-service.ts";
import { Workspace, type WorkspaceOptions } from "../test/provider/workspace.ts";
import { withFolder } from "./child-process.ts";
import { createCountedAccount } from "./counted-account.ts";
import { SERVICE, type VendorName } from "./declared.ts";
import { alternate } from "./rounds.ts";
import { atMost, type Figure, notMeasured, type Row, told } from "./row.ts";
import { callsText, countText, megabytesText, secondsText, times } from "./texts.ts";

const SIZES = [1, 100, 500] as const;

const numbered = (size: number, make: (name: string) => object) =>
  Object.fromEntries(Array.from({ length: size }, (_, n) => [`k${n}`, make(`k${n}`)]));

const keys = (size: number) =>
  numbered(size, (name) => ({ secret_id: arnOf(`keyturn/demo/${name}`), name, vendor: "pictify", type: "live" }));

type Plan = ReturnType<Workspace["start"]>;

const startPlan = (workspace: Workspace): Plan => workspace.start(["plan", "-no-color", "-detailed-exitcode"]);

const expectEmpty = async ({ done }: Plan): Promise<void> => {
  const { code, output } = await done;
  if (code !== 0) throw new Error(`a plan of what was applied is not empty: ${output.slice(-2_000)}`);
};

const planMs = async (workspace: Workspace): Promise<number> => {
  const startedMs = performance.now();
  await expectEmpty(startPlan(workspace));
  return performance.now() - startedMs;
};

interface Memory {
  readonly terraform: number;
  readonly provider: number;
}

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

const applied = async (workspace: Workspace): Promise<void> => {
  const { code, output } = await workspace.apply();
  if (code !== 0) throw new Error(output.slice(-2_000));
};

interface PlanMeasured {
  readonly size: number;
  readonly oursMs: number;
  readonly aloneMs: number;
  readonly ours: Memory;
  readonly alone: Memory;
  /** Of the service's functions, for one plan. */
  readonly calls: number;
}

/** Plans of so many keys, in turn with plans of as many `terraform_data`, which is Terraform alone. */
const measurePlans = async (
  size: number,
  rounds: number,
  options: Omit<WorkspaceOptions, "endpointUrl">,
): Promise<PlanMeasured> => {
  const service = new FakeService();
  const lambda = await startFakeLambda(service.functions);
  const [ours, alone] = [
    await Workspace.open({ ...options, endpointUrl: lambda.url }),
    await Workspace.open({ ...options, endpointUrl: lambda.url }),
  ];
  try {
    ours.write(keys(size));
    alone.writeStack({ resource: { terraform_data: numbered(size, (input) => ({ input })) } });
    await applied(ours);
    await applied(alone);
    const before = service.calls.length;
    await planMs(ours);
    const calls = service.calls.length - before;
    const medians = await alternate(rounds, { ours: () => planMs(ours), alone: () => planMs(alone) });
    const memory = { ours: await planMemory(ours), alone: await planMemory(alone) };
    return { size, oursMs: medians.ours, aloneMs: medians.alone, calls, ...memory };
  } finally {
    await Promise.all([ours.remove(), alone.remove(), lambda.close()]);
  }
};

/** The listings that one look of a plan at all keys asks a vendor organization for. */
export const listingsOfPlan = async (vendor: VendorName, names: readonly string[]): Promise<number> => {
  const account = await createCountedAccount(vendor);
  for (const name of names) await account.deploy(name);
  account.calls.length = 0;
  const looked = account.account.functions.invoke(functionName(SERVICE, "inspect"), {
    protocol: KEY_PROTOCOL.newest,
    action: "list",
  });
  const { error } = await account.clock.run(looked);
  account.close();
  if (error !== undefined) throw new Error(error);
  return account.calls.filter(({ name }) => name === "list keys").length;
};

const tableRow = ({ size, oursMs, aloneMs, ours, alone, calls }: PlanMeasured): readonly string[] => [
  countText(size),
  secondsText(oursMs),
  secondsText(aloneMs),
  megabytesText(ours.terraform),
  megabytesText(alone.terraform),
  megabytesText(ours.provider),
  countText(calls),
];

const timeFigure = ({ size, oursMs, aloneMs }: PlanMeasured): Figure =>
  told(
    `a plan of ${countText(size)} keys, beside as many terraform_data`,
    secondsText(oursMs),
    `Terraform alone ${secondsText(aloneMs)}: ${times(oursMs / aloneMs)}, ${(Math.max(0, oursMs - aloneMs) / size).toFixed(1)} ms a key more`,
  );

/** What a plan costs, beside Terraform alone. */
export const plan: Row = {
  name: "plan",
  title: "Plan",
  measure: ({ rounds, progress }) =>
    withFolder(async (stateFolder) => {
      const choice = await locateTerraform();
      if (!choice.found)
        return notMeasured("plans of 1, 100 and 500 keys", `${choice.problem}. ${HOW_TO_GET_TERRAFORM}`);
      const { env } = await terraformEnvironment({ stateFolder });
      const options = { terraform: choice.found.command, env, provider: await buildProvider() };
      const measured: PlanMeasured[] = [];
      for (const size of SIZES) {
        progress(`${countText(size)} keys`);
        measured.push(await measurePlans(size, rounds, options));
      }
      const listings = await listingsOfPlan("pictify", ["one", "two", "three"]);
      return {
        figures: [
          ...measured.map(timeFigure),
          atMost({
            what: "calls of functions for a plan of 500 keys",
            value: measured.at(-1)?.calls ?? Number.NaN,
            atMost: 1,
            text: callsText,
          }),
          atMost({ what: "vendor calls of a plan: one listing", value: listings, atMost: 2, text: callsText }),
        ],
        details: [
          {
            title: `A plan by the number of keys, Terraform ${choice.found.version}`,
            head: [
              "keys",
              "time",
              "Terraform alone",
              "memory of Terraform",
              "alone",
              "memory of the provider",
              "calls of functions",
            ],
            rows: measured.map(tableRow),
          },
        ],
      };
    }),
};
