import { systemClock } from "../../lambdas/clock.ts";
import { type Account, createAccount, createService } from "../../sandbox/in-process/account.ts";
import type { InProcessFunctions } from "../../sandbox/in-process/functions.ts";
import { serveSecretsManager } from "../../sandbox/secrets-manager/index.ts";
import { createPictify } from "../../sandbox/vendors/pictify.ts";
import type { VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import { type FakeFunction, startFakeLambda } from "../provider/fake-lambda.ts";

/*
 * A service with its real functions and its real Secrets Manager model, on loopback: what Terraform, with both providers,
 * finds in place of AWS. On the wall clock, with every delay short.
 */
const PICTIFY_URL = "https://pictify.test";
const SERVICE = "platform-prod";

const SHORT = { propagation: "PT1S", reportingDelay: "PT1S", skew: "PT1S" };

const GRANTS = {
  service: SERVICE,
  mintTimeout: "PT10S",
  reconcileInterval: "PT1M",
  strayAge: "PT24H",
  stuckAge: "PT6H",
  strays: "report",
  maxStrayRevocations: 5,
  claimWait: "PT1S",
  connections: {
    pictify: {
      vendor: "pictify",
      adminSecret: "keyturn/pictify",
      baseUrl: PICTIFY_URL,
      plan: "pro",
      serves: [{ secret: `keyturn/${SERVICE}/*`, name: "*", type: "*" }],
      ...SHORT,
    },
  },
};

/** A function as Lambda's API shows it: what it throws has a type and a message. */
const overHttp =
  (functions: InProcessFunctions, name: string): FakeFunction =>
  async (event) => {
    const { answer, error } = await functions.invoke(name, event);
    if (error === undefined) return answer;
    const [type = "Error"] = error.split(": ", 1);
    throw Object.assign(new Error(error.slice(type.length + 2)), { name: type });
  };

export interface ServiceOnLoopback {
  readonly account: Account;
  readonly pictify: VendorSimulator;
  /** For the environment: where both providers find Secrets Manager and Lambda. */
  readonly endpoints: Readonly<Record<string, string>>;
  aws<Answer = Record<string, unknown>>(operation: string, input: object): Promise<Answer>;
  close(): Promise<void>;
}

/** Starts a service called `platform-prod`, in the region us-east-1 of the account 000000000000. */
export const startService = async (): Promise<ServiceOnLoopback> => {
  const pictify = createPictify({ clock: systemClock, propagationMs: 0, usageDelayMs: 0 });
  const vendors = new Map([[PICTIFY_URL, pictify.fetch]]);
  const account = createAccount({ clock: systemClock, vendors, write: () => {} });
  const { secretsManager } = account;
  await secretsManager.call("CreateSecret", {
    Name: "keyturn/pictify",
    SecretString: JSON.stringify({ apiKey: pictify.adminKey }),
  });
  const names = createService(account, SERVICE, GRANTS);
  const lambda = await startFakeLambda(
    new Map([names.inspect, names.manage].map((name) => [name, overHttp(account.functions, name)] as const)),
  );
  const served = await serveSecretsManager(secretsManager);
  return {
    account,
    pictify,
    endpoints: { AWS_ENDPOINT_URL_LAMBDA: lambda.url, AWS_ENDPOINT_URL_SECRETS_MANAGER: served.url },
    aws: <Answer>(operation: string, input: object) => secretsManager.call(operation, input) as Promise<Answer>,
    async close() {
      account.close();
      await Promise.all([lambda.close(), served.close()]);
    },
  };
};
