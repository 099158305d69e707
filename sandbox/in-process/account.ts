import { FUNCTION_NAMES, FUNCTIONS, type FunctionName, functionName } from "../../constructs/functions.ts";
import type { Clock } from "../../lambdas/clock.ts";
import { ENVIRONMENT } from "../../lambdas/contracts/environment.ts";
import { type ClusterSend, type ClusterWorld, sendOverHttps } from "../../lambdas/targets/kubernetes/transport.ts";
import type { World } from "../../lambdas/world.ts";
import type { VendorFetch } from "../recorder/recorder.ts";
import { asSecretsManagerClient, createSecretsManager, type SecretsManager } from "../secrets-manager/index.ts";
import type { SecretsManagerOptions } from "../secrets-manager/secrets-manager.ts";
import { InProcessFunctions } from "./functions.ts";
import { HANDLERS } from "./handlers.ts";

const REGION = "us-east-1";
const ACCOUNT_ID = "000000000000";

export interface AccountOptions {
  readonly clock: Clock;
  /** The vendors by the origin of their base URL. */
  readonly vendors: ReadonlyMap<string, VendorFetch>;
  /** Takes every line that a function logs. */
  readonly write: (line: string) => void;
  readonly parameters?: SecretsManagerOptions["parameters"];
  /** The way to Kubernetes. Default: clusters that a kubeconfig reaches, over HTTPS; there is no EKS. */
  readonly clusters?: ClusterWorld;
  /** Told of every invocation that has ended, with what it threw. */
  readonly onInvoked?: (event: unknown, error: string | undefined) => void;
}

/** An AWS account in one process: our Secrets Manager, the functions of a service as they are, and the vendors. */
export interface Account {
  readonly clock: Clock;
  readonly secretsManager: SecretsManager;
  readonly functions: InProcessFunctions;
  /** The world that a function with these grants lives in. */
  world(grants: unknown, environment: Readonly<Record<string, string>>): World;
  close(): void;
}

/** Sends a request to the vendor whose origin its URL has; in this process, and with the caller's own time limit. */
const vendorFetch = (vendors: AccountOptions["vendors"]): typeof fetch =>
  (async (input: string, init: RequestInit) => {
    const vendor = vendors.get(new URL(input).origin);
    if (!vendor) throw new TypeError(`no vendor answers at ${new URL(input).origin}`);
    return vendor(new Request(input, init));
  }) as typeof fetch;

const noEks = (): never => {
  throw new Error("this account has no EKS: reach the cluster by a kubeconfig");
};

/** A world in which clusters are reached by kubeconfigs alone. @param send the way to them */
export const kubeconfigsBy = (send: ClusterSend): ClusterWorld => ({ send, eks: noEks, credentials: noEks });

export const createAccount = ({ clock, vendors, write, parameters, clusters, onInvoked }: AccountOptions): Account => {
  const functions = new InProcessFunctions(clock, REGION, ACCOUNT_ID, onInvoked);
  const secretsManager = createSecretsManager({
    clock,
    lambda: functions,
    region: REGION,
    accountId: ACCOUNT_ID,
    ...(parameters ? { parameters } : {}),
  });
  return {
    clock,
    secretsManager,
    functions,
    world: (grants, environment) => ({
      clock,
      fetch: vendorFetch(vendors),
      secretsManager: asSecretsManagerClient(secretsManager),
      lambda: functions.client(),
      clusters: clusters ?? kubeconfigsBy(sendOverHttps),
      write,
      grants,
      environment,
    }),
    close() {
      functions.stop();
      secretsManager.close();
    },
  };
};

/** The names of a service's functions. */
export type ServiceFunctions = Readonly<Record<FunctionName, string>>;

/** Creates the functions of a service, from their source, with what it grants. */
export const createService = (account: Account, service: string, grants: unknown): ServiceFunctions => {
  const world = account.world(grants, {
    [ENVIRONMENT.manageFunction]: functionName(service, "manage"),
    [ENVIRONMENT.distributeFunction]: functionName(service, "distribute"),
  });
  for (const role of FUNCTION_NAMES)
    account.functions.create({
      name: functionName(service, role),
      timeoutMs: FUNCTIONS[role].timeoutSeconds * 1_000,
      handler: HANDLERS[role](world),
      secretsManagerMayInvoke: role === "rotate",
    });
  return Object.fromEntries(FUNCTION_NAMES.map((role) => [role, functionName(service, role)])) as ServiceFunctions;
};
