import { type Declaration, declarationTags } from "../../lambdas/contracts/declaration.ts";
import type { ConnectionFile, GrantFile, GrantsFile } from "../../lambdas/contracts/grants.ts";
import { CURRENT, PENDING, versionWith } from "../../lambdas/contracts/labels.ts";
import { secretNameOf } from "../../lambdas/contracts/secret-name.ts";
import { type SecretFacts, secretsOf } from "../../lambdas/secrets.ts";
import type { World } from "../../lambdas/world.ts";
import { type Account, createAccount, createService, type ServiceFunctions } from "../../sandbox/in-process/account.ts";
import type { ModelParameters } from "../../sandbox/secrets-manager/index.ts";
import { createPictify } from "../../sandbox/vendors/pictify.ts";
import type { PictifyOptions } from "../../sandbox/vendors/pictify-options.ts";
import { createPictograph } from "../../sandbox/vendors/pictograph.ts";
import type { PictographOptions } from "../../sandbox/vendors/pictograph-options.ts";
import type { KeyFacts, VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import { VirtualClock } from "../../sandbox/virtual-clock.ts";
import { settingsOfTest } from "./settings-of-test.ts";

/*
 * What the tests of the functions stand on: an AWS account with a service and both vendors, all in this process and on
 * one clock. Everything in it is the real code but the three simulators.
 */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const PICTOGRAPH_URL = "https://pictograph.test";
const PICTIFY_URL = "https://pictify.test";

type Simulated<Options> = Omit<Options, "clock">;

export interface StandOptions {
  readonly pictograph?: Simulated<PictographOptions>;
  readonly pictify?: Simulated<PictifyOptions>;
  readonly parameters?: Partial<ModelParameters>;
  /** Changes what the service grants, and its settings. */
  readonly grants?: Partial<GrantsFile>;
  /** What keys wait at the least, where it is not what a declaration has by default. */
  readonly floor?: Pick<GrantFile, "minimum" | "onDeadline">;
  readonly connections?: { readonly pictograph?: Partial<ConnectionFile>; readonly pictify?: Partial<ConnectionFile> };
  readonly service?: string;
}

export interface Stand {
  readonly clock: VirtualClock;
  readonly account: Account;
  readonly pictograph: VendorSimulator;
  readonly pictify: VendorSimulator;
  readonly functions: ServiceFunctions;
  /** All lines that the functions logged. */
  readonly lines: readonly string[];
  /** Calls Secrets Manager, as a person does. */
  aws<Answer = Record<string, unknown>>(operation: string, input: object): Promise<Answer>;
  /** Declares a key as a deployment does: the secret with its tags. */
  declare(declaration?: Partial<Declaration>): Promise<string>;
  invoke(role: keyof ServiceFunctions, event: unknown): Promise<{ answer?: unknown; error?: string }>;
  /** Declares a key, makes its first generation and turns its rotation on. Returns the secret's ARN. */
  deploy(declaration?: Partial<Declaration>): Promise<string>;
  /** Turns a key's rotation on. */
  turnOn(secretId: string): Promise<void>;
  /** Starts a rotation and waits until it has ended, well or not. */
  rotate(secretId: string): Promise<void>;
  facts(secretId: string): Promise<SecretFacts>;
  /** The key that readers of the secret get. */
  currentKey(secretId: string): Promise<{ apiKey: string; keyId: string }>;
  /** The world that the functions of a service live in. */
  worldOf(service: string): World;
  /** Starts a second service in the same account, at the same vendors. */
  anotherService(service: string): ServiceFunctions;
}

export const declarationOfTest: Declaration = {
  service: "prod",
  connection: "pictify",
  name: "web",
  access: { kind: "type", value: "live" },
  overlapMs: DAY_MS,
  quietMs: HOUR_MS,
  deadlineMs: 14 * DAY_MS,
  onDeadline: "report",
};

export const pictographKey = {
  connection: "pictograph",
  name: "training",
  access: { kind: "role", value: "member" },
} as const;

const serves: GrantFile[] = [
  { secret: "keyturn/prod/*", name: "*", role: "*" },
  { secret: "keyturn/prod/*", name: "*", type: "*" },
  { secret: "keyturn/stage/*", name: "*", type: "*" },
];

const grantsFor = (service: string, organizationId: string, options: StandOptions): GrantsFile => {
  const floored = serves.map((rule) => ({ ...rule, ...options.floor }));
  const delays = { reportingDelay: "PT5M", skew: "PT5M", plan: "pro", serves: floored };
  return {
    ...settingsOfTest,
    service,
    ...options.grants,
    connections: {
      pictograph: {
        vendor: "pictograph",
        adminSecret: "keyturn/pictograph",
        baseUrl: PICTOGRAPH_URL,
        organizationId,
        propagation: "PT5S",
        ...delays,
        ...options.connections?.pictograph,
      },
      pictify: {
        vendor: "pictify",
        adminSecret: "keyturn/pictify",
        baseUrl: PICTIFY_URL,
        propagation: "PT30S",
        ...delays,
        ...options.connections?.pictify,
      },
    },
  };
};

export const createStand = async (options: StandOptions = {}): Promise<Stand> => {
  const clock = new VirtualClock(Date.UTC(2026, 10, 21, 12));
  const pictograph = createPictograph({ clock, adminKeyInUse: true, ...options.pictograph });
  const pictify = createPictify({ clock, adminKeyInUse: true, ...options.pictify });
  const lines: string[] = [];
  const vendors = new Map([
    [PICTOGRAPH_URL, pictograph.fetch],
    [PICTIFY_URL, pictify.fetch],
  ]);
  const { parameters } = options;
  const write = (line: string) => void lines.push(line);
  const account = createAccount({ clock, vendors, write, ...(parameters ? { parameters } : {}) });
  const { secretsManager } = account;
  const start = (service: string) =>
    createService(account, service, grantsFor(service, pictograph.organizationId ?? "", options));
  const service = options.service ?? "prod";
  const functions = start(service);
  const secrets = secretsOf(account.world({}, {}));

  const aws = <Answer>(operation: string, input: object) => secretsManager.call(operation, input) as Promise<Answer>;
  for (const { vendor, adminKey } of [pictograph, pictify])
    await aws("CreateSecret", { Name: `keyturn/${vendor}`, SecretString: JSON.stringify({ apiKey: adminKey }) });

  const facts = async (secretId: string): Promise<SecretFacts> => {
    const found = await secrets.describe(secretId);
    if (!found) throw new Error(`there is no secret ${secretId}`);
    return found;
  };

  const declare: Stand["declare"] = async (changes = {}) => {
    const declaration = { ...declarationOfTest, service, ...changes };
    const tags = Object.entries(declarationTags(declaration)).map(([Key, Value]) => ({ Key, Value }));
    const name = secretNameOf(declaration.service, declaration.name);
    const { ARN } = await aws<{ ARN: string }>("CreateSecret", { Name: name, Tags: tags });
    return ARN;
  };

  const invoke: Stand["invoke"] = (role, event) => clock.run(account.functions.invoke(functions[role], event));

  const turnOn = (arn: string) =>
    clock.run(
      aws("RotateSecret", {
        SecretId: arn,
        RotationLambdaARN: account.functions.arnOf(functions.rotate),
        RotationRules: { AutomaticallyAfterDays: 90 },
        RotateImmediately: false,
      }).then(() => secretsManager.idle()),
    );

  return {
    clock,
    account,
    pictograph,
    pictify,
    functions,
    lines,
    aws,
    declare,
    invoke,
    facts,
    turnOn,
    async deploy(changes) {
      const arn = await declare(changes);
      const { error } = await invoke("manage", { action: "ensure", secretId: arn });
      if (error) throw new Error(error);
      await turnOn(arn);
      return arn;
    },
    rotate: (secretId) => clock.run(aws("RotateSecret", { SecretId: secretId }).then(() => secretsManager.idle())),
    async currentKey(secretId) {
      const { SecretString } = await aws<{ SecretString: string }>("GetSecretValue", { SecretId: secretId });
      return JSON.parse(SecretString);
    },
    anotherService: start,
    worldOf: (name) => account.world(grantsFor(name, pictograph.organizationId ?? "", options), {}),
  };
};

/** The vendor's active keys that Keyturn minted. */
export const mintedKeys = (simulator: VendorSimulator): readonly KeyFacts[] =>
  simulator.keys().filter((key) => key.active && key.name.includes("-kt-"));

/** The version of a secret that is current, and the one that is pending. */
export const stagesOf = ({ stages }: SecretFacts) => ({
  current: versionWith(stages, CURRENT),
  pending: versionWith(stages, PENDING),
});
