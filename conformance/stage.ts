import { FUNCTIONS, type FunctionName, functionName } from "../constructs/functions.ts";
import { ENVIRONMENT } from "../lambdas/contracts/environment.ts";
import type { World } from "../lambdas/world.ts";
import { InProcessFunctions, type Outcome } from "../sandbox/in-process/functions.ts";
import {
  asSecretsManagerClient,
  createSecretsManager,
  type ModelParameters,
  type SecretsManager,
} from "../sandbox/secrets-manager/index.ts";
import { seededRandom } from "../sandbox/vendors/random-source.ts";
import type { VendorSimulator } from "../sandbox/vendors/simulator.ts";
import { VirtualClock } from "../sandbox/virtual-clock.ts";
import { createFunction, type WorldChange } from "./container.ts";
import type { CrashPoint } from "./crash-point.ts";
import { createDeaths, type Deaths } from "./deaths.ts";
import { ADMIN_SECRET, grantsFor } from "./declared.ts";
import { type Effect, vendorCall } from "./effect.ts";
import { type FindSite, Gate } from "./gate.ts";
import { SERVICE } from "./settings.ts";
import { Trace } from "./trace.ts";
import { createVendor, type VendorName } from "./vendors.ts";

const REGION = "us-east-1";
const ACCOUNT_ID = "000000000000";
const STARTS_MS = Date.UTC(2026, 2, 1, 9, 2);

/** The functions that a service without targets has. */
export const ROLES = ["rotate", "manage", "inspect", "reconcile"] as const satisfies readonly FunctionName[];
export type Role = (typeof ROLES)[number];

export interface StageOptions {
  readonly vendor: VendorName;
  readonly seed: number;
  readonly parameters?: Partial<ModelParameters>;
  readonly module: CrashPoint["module"];
  readonly retry: CrashPoint["retry"];
  /** What is done to the functions' worlds and to the life by a mutant. */
  readonly mutant?: Mutant;
  readonly findSite?: FindSite;
  /** Told of each counted effect before it is made, and waited for. */
  readonly beforeEffect: (effect: Effect) => Promise<void>;
  /** Told of every effect, before anybody acts on its answer. */
  readonly onEffect: (effect: Effect) => Promise<void>;
}

/** A fault of the code under test, put in from outside of it. */
export interface Mutant {
  readonly name: string;
  /** What the code does wrong then. */
  readonly what: string;
  /** A crash point whose life it breaks; nowhere: a rotation that nobody kills is enough. */
  readonly shownAt?: string;
  change(stage: Pick<Stage, "simulator">): WorldChange;
}

/** An account with one service, one vendor and one managed key, all in this process and on one clock. */
export interface Stage {
  readonly clock: VirtualClock;
  readonly trace: Trace;
  readonly gate: Gate;
  readonly vendor: VendorName;
  readonly simulator: VendorSimulator;
  readonly plantedIds: ReadonlySet<string>;
  readonly secretsManager: SecretsManager;
  /** Values of keys that the vendor was seen to accept when a function called with them. */
  readonly proven: ReadonlySet<string>;
  /** Everything that somebody outside could read: log lines, events, answers and errors. */
  readonly seen: string[];
  /** When the killed functions are back, in milliseconds since the epoch; 0: none was killed. */
  backMs(): number;
  /** The first effect that a run died at. */
  killedAt(): string | undefined;
  aws<Answer = Record<string, unknown>>(operation: string, input: object): Promise<Answer>;
  invoke(role: Role, event: object): Promise<Outcome>;
  functionArn(role: Role): string;
  close(): void;
}

/** AWS: Lambda's answer when it has no room for one more run. */
const throttled = (): Error => Object.assign(new Error("Rate exceeded"), { name: "TooManyRequestsException" });

type Told = Pick<Stage, "trace" | "seen">;

const createLambda = (clock: VirtualClock, { trace, seen }: Told): InProcessFunctions =>
  new InProcessFunctions(clock, REGION, ACCOUNT_ID, (event, error) => {
    if (error === undefined) return;
    trace.tell(`      ${JSON.stringify(event).slice(0, 160)} failed: ${error.slice(0, 160)}`);
    seen.push(error);
  });

const createModel = (
  clock: VirtualClock,
  lambda: InProcessFunctions,
  { seed, parameters }: StageOptions,
  { trace, seen }: Told,
): SecretsManager =>
  createSecretsManager({
    clock,
    lambda,
    region: REGION,
    accountId: ACCOUNT_ID,
    random: seededRandom(seed + 1),
    onEvent: (event) => {
      seen.push(JSON.stringify(event));
      trace.tell(`      Secrets Manager: ${event.detail.eventName}`);
    },
    ...(parameters ? { parameters } : {}),
  });

/** The functions' way to the vendor, and what is learnt on it: which keys work, and whether a mint found no slot. */
const wayToVendor = (simulator: VendorSimulator, trace: Trace, proven: Set<string>) =>
  (async (url: string, init: RequestInit): Promise<Response> => {
    const request = new Request(url, init);
    const answer = await simulator.fetch(request);
    const credential = request.headers.get("x-api-key") ?? request.headers.get("authorization")?.replace("Bearer ", "");
    if (credential && (answer.ok || answer.status === 403)) proven.add(credential);
    if (vendorCall(url, init.method).name === "create key" && /key.limit/.test(await answer.clone().text()))
      trace.violation("the vendor's slots are never exceeded", "a key was asked for although no slot was free");
    return answer;
  }) as typeof fetch;

interface Surroundings {
  readonly gate: Gate;
  readonly world: World;
  readonly deaths: Deaths;
  readonly change: WorldChange;
}

/** The production handlers as functions of the account, each call of theirs through the gate. */
const createFunctions = (
  functions: InProcessFunctions,
  { module }: StageOptions,
  { gate, world, deaths, change }: Surroundings,
): void => {
  let runs = 0;
  for (const by of ROLES) {
    const handler = createFunction({ by, gate, world, change, module, nextRun: () => ++runs });
    functions.create({
      name: functionName(SERVICE, by),
      timeoutMs: FUNCTIONS[by].timeoutSeconds * 1_000,
      secretsManagerMayInvoke: by === "rotate",
      handler: async (event, context) => {
        if (deaths.isAway(by)) throw throttled();
        return handler(event, context);
      },
    });
  }
};

export const createStage = async (options: StageOptions): Promise<Stage> => {
  const { vendor, seed, retry, beforeEffect, onEffect, findSite, mutant } = options;
  const clock = new VirtualClock(STARTS_MS);
  const told = { trace: new Trace(clock), seen: [] as string[] };
  const { trace, seen } = told;
  const { simulator, plantedIds } = createVendor(vendor, clock, seed);
  const deaths = createDeaths({ clock, trace, retry, beforeEffect, onEffect });
  const gate = new Gate(clock, deaths, findSite);
  const functions = createLambda(clock, told);
  const secretsManager = createModel(clock, functions, options, told);
  const proven = new Set<string>();
  const world: World = {
    clock,
    fetch: wayToVendor(simulator, trace, proven),
    secretsManager: asSecretsManagerClient(secretsManager),
    lambda: functions.client(),
    write: (line) => void seen.push(line),
    grants: grantsFor(vendor, simulator.organizationId),
    environment: { [ENVIRONMENT.manageFunction]: functionName(SERVICE, "manage") },
  };
  const change = mutant?.change({ simulator }) ?? ((_, unchanged) => unchanged);
  createFunctions(functions, options, { gate, world, deaths, change });
  const aws = <Answer>(operation: string, input: object) => secretsManager.call(operation, input) as Promise<Answer>;
  const adminKey = JSON.stringify({ apiKey: simulator.adminKey });
  await aws("CreateSecret", { Name: ADMIN_SECRET, SecretString: adminKey });
  const { killedAt, backMs } = deaths;
  const parts = {
    clock,
    trace,
    gate,
    vendor,
    simulator,
    plantedIds,
    secretsManager,
    proven,
    seen,
    killedAt,
    backMs,
    aws,
  };
  return {
    ...parts,
    functionArn: (role) => functions.arnOf(functionName(SERVICE, role)),
    async invoke(role, event) {
      const outcome = await functions.invoke(functionName(SERVICE, role), event);
      seen.push(JSON.stringify(outcome));
      return outcome;
    },
    close() {
      functions.stop();
      secretsManager.close();
    },
  };
};
