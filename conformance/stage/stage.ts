import { clearCredentialCache } from "@smithy/signature-v4";
import { functionName } from "../../constructs/functions.ts";
import { durationText } from "../../lambdas/contracts/duration.ts";
import { ENVIRONMENT } from "../../lambdas/contracts/environment.ts";
import type { World } from "../../lambdas/world.ts";
import type { InProcessFunctions, Outcome } from "../../sandbox/in-process/functions.ts";
import {
  asSecretsManagerClient,
  type ModelParameters,
  type SecretsManager,
} from "../../sandbox/secrets-manager/index.ts";
import type { VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import { VirtualClock } from "../../sandbox/virtual-clock.ts";
import type { Effect } from "../effects/effect.ts";
import { OTHER_URL } from "../effects/effect.ts";
import { type FindSite, Gate } from "../effects/gate.ts";
import { type VendorCallListener, wayToVendor } from "../effects/way-to-vendor.ts";
import type { CrashPoint } from "../kills/crash-point.ts";
import { createDeaths } from "../kills/deaths.ts";
import type { Mutant } from "../mutants/mutant.ts";
import {
  besideOtherCluster,
  type ClusterTroubleName,
  otherClusterGrant,
  otherKubeconfigSecret,
} from "../other-cluster/other-cluster.ts";
import {
  OTHER,
  type OtherConnection,
  type OtherOfLife,
  otherAdminSecret,
  otherGrant,
} from "../other-connection/other.ts";
import { type Trouble, type TroubleName, troubledSend } from "../other-connection/trouble.ts";
import { createKitCluster, type KitCluster } from "../target/kit-cluster.ts";
import { clustersFor, KUBECONFIG_SECRET } from "../target/target.ts";
import { type CallAws, createLambda, createModel } from "./account.ts";
import { ADMIN_SECRET, grantsFor } from "./declared.ts";
import { createService, type Role } from "./service.ts";
import { LONGEST_LIFE_MS, RECONCILE_MS, SERVICE } from "./settings.ts";
import { Trace } from "./trace.ts";
import { createVendor, slotLimits, type VendorName, type VendorVariant } from "./vendors.ts";

const STARTS_MS = Date.UTC(2026, 2, 1, 9, 2);

export interface StageOptions {
  readonly vendor: VendorName;
  readonly seed: number;
  readonly parameters?: Partial<ModelParameters>;
  /** Slots of the vendor's plan besides those that a rotation needs. @default 0 */
  readonly moreSlots?: number;
  /** The vendor as another document has it. @default as all documents together have it */
  readonly variant?: VendorVariant;
  /** Another connection of the service. @default none */
  readonly other?: OtherOfLife;
  /** What is the matter with the life's own connection while that is on, which it is not at first. @default nothing */
  readonly trouble?: TroubleName;
  /** How often reconcile runs, in milliseconds. @default RECONCILE_MS */
  readonly reconcileMs?: number;
  /** What is the matter with another cluster. @default there is none */
  readonly clusterTrouble?: ClusterTroubleName;
  /** How long the life may need to be at rest, in milliseconds. @default LONGEST_LIFE_MS */
  readonly longestLifeMs?: number;
  /** The key has a target, and the service what serves it. @default false */
  readonly hasTarget?: boolean;
  readonly module: CrashPoint["module"];
  readonly retry: CrashPoint["retry"];
  /** What is done to the functions' worlds and to the life by a mutant. */
  readonly mutant?: Mutant;
  readonly findSite?: FindSite;
  /** Told of each counted effect before it is made, and waited for. */
  readonly beforeEffect: (effect: Effect) => Promise<void>;
  /** Told of each call to the vendor right before it arrives there. */
  readonly beforeVendorCall?: VendorCallListener;
  /** Told of every effect, before anybody acts on its answer. */
  readonly onEffect: (effect: Effect) => Promise<void>;
}

/** An account with one service, one vendor and one managed key, all in this process and on one clock. */
export interface Stage {
  readonly clock: VirtualClock;
  readonly trace: Trace;
  readonly gate: Gate;
  readonly vendor: VendorName;
  readonly simulator: VendorSimulator;
  readonly plantedIds: ReadonlySet<string>;
  /** The service's other connection, if it has one. */
  readonly other?: OtherConnection;
  /** The vendors at which the life's key may be. */
  readonly homes: readonly VendorSimulator[];
  /** What may be the matter with the service's connections. */
  readonly troubles: { readonly own?: Trouble; readonly other?: Trouble };
  /** How many keys the vendor's plan allows. */
  readonly slotLimit: number;
  readonly secretsManager: SecretsManager;
  /** Where the key's target lies, if it has one. */
  readonly cluster?: KitCluster;
  /** Lambda of the account. */
  readonly functions: InProcessFunctions;
  /** Where in its window a rotation by schedule begins: 0 when it opens, 1 in its last second. */
  readonly placeInWindow: number;
  /** How often reconcile runs, in milliseconds. */
  readonly reconcileMs: number;
  /** How long the life may need to be at rest, in milliseconds. */
  readonly longestLifeMs: number;
  /** Values of keys that the vendor was seen to accept when a function called with them. */
  readonly proven: ReadonlySet<string>;
  /** Everything that somebody outside could read: log lines, events, answers and errors. */
  readonly seen: string[];
  /** Whether the functions may store values. */
  readonly storing: { isDenied: boolean };
  /** When the killed functions are back, in milliseconds since the epoch; 0: none was killed. */
  backMs(): number;
  /** The first effect that a run died at. */
  killedAt(): string | undefined;
  readonly aws: CallAws;
  invoke(role: Role, event: object): Promise<Outcome>;
  functionArn(role: Role): string;
  /** The functions are deployed anew: nothing that their containers have kept is left. */
  redeploy(): void;
  close(): void;
}

type Client = World["secretsManager"];

/** As IAM, or the policy of a KMS key, refuses to store. */
const deniable = (client: Client, storing: Stage["storing"]): Client => {
  const send = ((command: object, ...rest: []) => {
    if (!storing.isDenied || command.constructor.name !== "PutSecretValueCommand")
      return client.send(command as never, ...rest);
    return Promise.reject(Object.assign(new Error("not authorized to store"), { name: "AccessDeniedException" }));
  }) as Client["send"];
  return { send };
};

/** A vendor of another connection, with nothing of the life's in it yet. */
const createOther = ({ vendor }: OtherOfLife, clock: VirtualClock, seed: number) =>
  createVendor(vendor, clock, seed + 1, slotLimits(vendor, 1));

/** Both vendors' answers, each by its address. */
const besideOther = (own: typeof fetch, other: typeof fetch): typeof fetch =>
  ((url: string, init: RequestInit) => (url.startsWith(OTHER_URL) ? other : own)(url, init)) as typeof fetch;

const troublesOf = ({ trouble, other }: StageOptions): Stage["troubles"] => ({
  ...(trouble ? { own: { name: trouble, isOn: false } } : {}),
  ...(other?.trouble ? { other: { name: other.trouble, isOn: true } } : {}),
});

export const createStage = async (options: StageOptions): Promise<Stage> => {
  const {
    vendor,
    seed,
    retry,
    beforeEffect,
    onEffect,
    findSite,
    mutant,
    clusterTrouble,
    reconcileMs = RECONCILE_MS,
  } = options;
  // A signing key that an earlier life left there saves turns of the event loop, and so changes which call of one moment is the first.
  clearCredentialCache();
  const clock = new VirtualClock(STARTS_MS);
  const told = { trace: new Trace(clock), seen: [] as string[] };
  const { trace, seen } = told;
  const slotLimit = slotLimits(vendor, options.moreSlots);
  const { simulator, plantedIds: ownPlantedIds } = createVendor(vendor, clock, seed, slotLimit, options.variant);
  const beside = options.other && createOther(options.other, clock, seed);
  const other = options.other && beside && { vendor: options.other.vendor, simulator: beside.simulator };
  const homes = other && options.other?.takesKey ? [simulator, other.simulator] : [simulator];
  const plantedIds = new Set([...ownPlantedIds, ...(beside?.plantedIds ?? [])]);
  const troubles = troublesOf(options);
  const deaths = createDeaths({ clock, trace, retry, beforeEffect, onEffect });
  const gate = new Gate(clock, deaths, findSite);
  const functions = createLambda(clock, told);
  const secretsManager = createModel(clock, functions, options, told);
  const proven = new Set<string>();
  const storing = { isDenied: false };
  const aws = <Answer>(operation: string, input: object) => secretsManager.call(operation, input) as Promise<Answer>;
  const cluster = options.hasTarget ? createKitCluster({ clock, trace, aws }) : undefined;
  const beforeCall = options.beforeVendorCall ?? (() => {});
  const send = troubledSend(simulator, troubles.own);
  const hidesSlots = (trouble: Trouble | undefined) => () => trouble?.name === "lies" && trouble.isOn;
  const ofOwn = { simulator, send, beforeCall, hidesSlots: hidesSlots(troubles.own) };
  const own = wayToVendor({ clock, trace, proven, ...ofOwn });
  const wayToOther = (to: OtherConnection): typeof fetch => {
    const sendTo = troubledSend(to.simulator, troubles.other);
    const ofOther = {
      simulator: to.simulator,
      send: sendTo,
      beforeCall: () => {},
      hidesSlots: hidesSlots(troubles.other),
    };
    return wayToVendor({ clock, trace, proven, ...ofOther });
  };
  const granted = grantsFor(vendor, simulator.organizationId, slotLimit, SERVICE, options.variant?.connection);
  const world: World = {
    clock,
    fetch: other ? besideOther(own, wayToOther(other)) : own,
    secretsManager: deniable(asSecretsManagerClient(secretsManager), storing),
    lambda: functions.client(),
    write: (line) => void seen.push(line),
    grants: {
      ...granted,
      reconcileInterval: durationText(reconcileMs),
      ...(other ? { connections: { [OTHER]: otherGrant(other), ...granted.connections } } : {}),
      ...(cluster ? { clusters: { ...clustersFor(vendor), ...(clusterTrouble ? otherClusterGrant() : {}) } } : {}),
    },
    environment: {
      [ENVIRONMENT.manageFunction]: functionName(SERVICE, "manage"),
      ...(cluster ? { [ENVIRONMENT.distributeFunction]: functionName(SERVICE, "distribute") } : {}),
    },
  };
  const change = mutant?.change?.({ simulator, aws }) ?? ((_, unchanged) => unchanged);
  const { module } = options;
  let deployments = 1;
  const deployment = () => deployments;
  createService(functions, {
    gate,
    world,
    deaths,
    change,
    handlers: mutant?.handlers ?? {},
    module,
    clusters: cluster && (clusterTrouble ? besideOtherCluster(cluster.world, clusterTrouble) : cluster.world),
    deployment,
  });
  const adminKey = JSON.stringify({ apiKey: simulator.adminKey });
  await aws("CreateSecret", { Name: ADMIN_SECRET, SecretString: adminKey });
  if (other) await aws("CreateSecret", otherAdminSecret(other));
  if (clusterTrouble) await aws("CreateSecret", otherKubeconfigSecret());
  if (cluster) await aws("CreateSecret", { Name: KUBECONFIG_SECRET, SecretString: cluster.kubeconfig });
  const { killedAt, backMs } = deaths;
  const parts = {
    clock,
    trace,
    gate,
    vendor,
    simulator,
    plantedIds,
    slotLimit,
    secretsManager,
    ...(other ? { other } : {}),
    homes,
    troubles,
    ...(cluster ? { cluster } : {}),
    functions,
    reconcileMs,
    longestLifeMs: options.longestLifeMs ?? LONGEST_LIFE_MS,
    placeInWindow: options.parameters?.placeInWindow ?? 0,
    proven,
    seen,
    storing,
    killedAt,
    backMs,
    aws,
  };
  return {
    ...parts,
    redeploy() {
      deployments++;
    },
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
