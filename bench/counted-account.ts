import { awsCall, vendorCall } from "../conformance/effects/effect.ts";
import { FUNCTIONS, type FunctionName, functionName } from "../constructs/functions.ts";
import { declarationTags } from "../lambdas/contracts/declaration.ts";
import { ENVIRONMENT } from "../lambdas/contracts/environment.ts";
import { secretNameOf } from "../lambdas/contracts/secret-name.ts";
import type { Handler, World } from "../lambdas/world.ts";
import { type Account, createAccount } from "../sandbox/in-process/account.ts";
import { HANDLERS } from "../sandbox/in-process/handlers.ts";
import { createPictify } from "../sandbox/vendors/pictify.ts";
import { createPictograph } from "../sandbox/vendors/pictograph.ts";
import type { VendorSimulator } from "../sandbox/vendors/simulator.ts";
import { VirtualClock } from "../sandbox/virtual-clock.ts";
import { ADMIN_SECRET, BASE_URLS, declarationFor, grantsFor, SERVICE, tagList, type VendorName } from "./declared.ts";

/** One call that a function made. */
export interface CountedCall {
  readonly by: FunctionName;
  /** A rotation's step, or manage's action. */
  readonly task: string;
  readonly to: "AWS" | "vendor";
  /** Such as `PutSecretValue` or `create key`. */
  readonly name: string;
  /** True for the admin secret, which each container reads once. */
  readonly isAdminSecret: boolean;
}

/** An account with a service of one vendor connection, in this process and on one virtual clock, that counts every call. */
export interface CountedAccount {
  readonly clock: VirtualClock;
  readonly account: Account;
  readonly simulator: VendorSimulator;
  readonly calls: CountedCall[];
  aws<Answer = Record<string, unknown>>(operation: string, input: object): Promise<Answer>;
  /** Declares a key, makes its first generation and turns its rotation on. Returns the secret's ARN. */
  deploy(name: string, tags?: Readonly<Record<string, string>>): Promise<string>;
  /** Starts a rotation and waits for its end. */
  rotate(secretId: string): Promise<void>;
  close(): void;
}

const taskOf = (event: unknown): string => {
  const { Step, action } = (event ?? {}) as { readonly Step?: string; readonly action?: string };
  return Step ?? action ?? "pass";
};

interface Running {
  readonly by: FunctionName;
  task: string;
}

/** A world whose every call is noted before it is made. Right for one invocation of a function at a time. */
const countedWorld = (world: World, running: Running, calls: CountedCall[]): World => {
  const note = (to: CountedCall["to"], name: string, isAdminSecret = false) =>
    void calls.push({ ...running, to, name, isAdminSecret });
  const send =
    (client: { send(command: never): unknown } | undefined) =>
    (command: { readonly input: { readonly SecretId?: string } }): unknown => {
      note("AWS", awsCall(command).name, command.input.SecretId === ADMIN_SECRET);
      return client?.send(command as never);
    };
  return {
    ...world,
    fetch: ((url: string, init: RequestInit) => {
      note("vendor", vendorCall(url, init.method).name);
      return world.fetch(url, init);
    }) as typeof fetch,
    secretsManager: { send: send(world.secretsManager) } as World["secretsManager"],
    lambda: { send: send(world.lambda) } as NonNullable<World["lambda"]>,
  };
};

const counted = (by: FunctionName, world: World, calls: CountedCall[]): Handler<unknown> => {
  const running: Running = { by, task: "" };
  const handler = HANDLERS[by](countedWorld(world, running, calls));
  return (event, context) => {
    running.task = taskOf(event);
    return handler(event, context);
  };
};

/** The functions that are run. `distribute` only takes its invocation: what it does is counted elsewhere. */
const RUN = ["rotate", "manage", "inspect", "reconcile"] as const satisfies readonly FunctionName[];

const createFunctions = (account: Account, world: World, calls: CountedCall[]): void => {
  for (const name of RUN)
    account.functions.create({
      name: functionName(SERVICE, name),
      timeoutMs: FUNCTIONS[name].timeoutSeconds * 1_000,
      handler: counted(name, world, calls),
      secretsManagerMayInvoke: name === "rotate",
    });
  account.functions.create({
    name: functionName(SERVICE, "distribute"),
    timeoutMs: FUNCTIONS.distribute.timeoutSeconds * 1_000,
    handler: async () => ({ targets: [], failed: [] }),
    secretsManagerMayInvoke: false,
  });
};

export const createCountedAccount = async (vendor: VendorName): Promise<CountedAccount> => {
  const clock = new VirtualClock(Date.UTC(2026, 2, 1, 9, 2));
  const simulator = vendor === "pictify" ? createPictify({ clock }) : createPictograph({ clock });
  const vendors = new Map([[BASE_URLS[vendor], simulator.fetch]]);
  const account = createAccount({ clock, vendors, write: () => {} });
  const calls: CountedCall[] = [];
  const environment = {
    [ENVIRONMENT.manageFunction]: functionName(SERVICE, "manage"),
    [ENVIRONMENT.distributeFunction]: functionName(SERVICE, "distribute"),
  };
  createFunctions(account, account.world(grantsFor(vendor, simulator.organizationId), environment), calls);
  const { secretsManager, functions } = account;
  const aws = <Answer>(operation: string, input: object) => secretsManager.call(operation, input) as Promise<Answer>;
  await aws("CreateSecret", { Name: ADMIN_SECRET, SecretString: JSON.stringify({ apiKey: simulator.adminKey }) });
  const idle = () => secretsManager.idle();
  const rotationRules = { RotationRules: { AutomaticallyAfterDays: 90 }, RotateImmediately: false };
  return {
    clock,
    account,
    simulator,
    calls,
    aws,
    async deploy(name, tags = {}) {
      const Tags = tagList({ ...declarationTags(declarationFor(vendor, name)), ...tags });
      const { ARN } = await aws<{ ARN: string }>("CreateSecret", { Name: secretNameOf(SERVICE, name), Tags });
      const ensured = functions.invoke(functionName(SERVICE, "manage"), { action: "ensure", secretId: ARN });
      const { error } = await clock.run(ensured);
      if (error !== undefined) throw new Error(error);
      const RotationLambdaARN = functions.arnOf(functionName(SERVICE, "rotate"));
      await clock.run(aws("RotateSecret", { SecretId: ARN, RotationLambdaARN, ...rotationRules }).then(idle));
      return ARN;
    },
    rotate: (SecretId) => clock.run(aws("RotateSecret", { SecretId }).then(idle)),
    close: () => account.close(),
  };
};
