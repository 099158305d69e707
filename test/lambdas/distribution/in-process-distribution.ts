import { randomUUID } from "node:crypto";
import { systemClock } from "../../../lambdas/clock.ts";
import { declarationTags } from "../../../lambdas/contracts/declaration.ts";
import type { DistributeAnswer, TargetResult } from "../../../lambdas/contracts/distribute.ts";
import type { ClusterFile, GrantsFile } from "../../../lambdas/contracts/grants.ts";
import { markLabel } from "../../../lambdas/contracts/labels.ts";
import { placeGrantOf } from "../../../lambdas/contracts/place-grant.ts";
import { secretNameOf } from "../../../lambdas/contracts/secret-name.ts";
import { targetTags } from "../../../lambdas/contracts/target-tags.ts";
import type { KubernetesSecretDeclaration, TargetDeclaration } from "../../../lambdas/contracts/targets.ts";
import { distributeHandler } from "../../../lambdas/distribution/distribute.ts";
import { type ClusterWorld, sendOverHttps } from "../../../lambdas/targets/kubernetes/transport.ts";
import type { World } from "../../../lambdas/world.ts";
import { createAccount } from "../../../sandbox/in-process/account.ts";
import { settingsOfTest } from "../settings-of-test.ts";
import { declarationOfTest } from "../stand.ts";

/*
 * Distribution as it is, without a test runner: our Secrets Manager in this process, the function, and the cluster that a
 * kubeconfig reaches. Time is real, as the cluster's is. Left out: IAM, and Lambda itself.
 */
const SERVICE = "prod";
const KUBECONFIG_SECRET = "keyturn/clusters/test";
export const CLUSTER = "test";

/** A target as in the seeds: `api-key` in `pictify-credentials`. */
export const secretTarget = (
  namespace: string,
  changes: Partial<KubernetesSecretDeclaration> = {},
): KubernetesSecretDeclaration => ({
  kind: "kubernetes",
  id: "web",
  cluster: CLUSTER,
  namespace,
  name: "pictify-credentials",
  dataKey: "api-key",
  restart: [],
  delayMs: 1,
  ...changes,
});

export interface TestKey {
  readonly arn: string;
  readonly name: string;
  /** The version that is current, and its value. */
  versionId: string;
  apiKey: string;
}

export interface DistributionOptions {
  readonly kubeconfig?: string;
  /** How the cluster of the targets is reached; by default by the kubeconfig. */
  readonly access?: ClusterFile["access"];
  readonly world?: Partial<ClusterWorld>;
  /** More clusters, by name. */
  readonly clusters?: GrantsFile["clusters"];
  /** How long the function may run; asked anew at each invocation. */
  readonly timeoutMs?: number | (() => number);
  /** Changes what a secret is described as. */
  readonly described?: <Description>(answer: Description) => Description;
  /** Told of each call of the function to Secrets Manager: `DescribeSecret`. */
  readonly onCall?: (operation: string) => void;
}

export interface DistributionStand {
  readonly lines: readonly string[];
  /** Every value that was ever current. */
  readonly values: readonly string[];
  aws<Answer = Record<string, unknown>>(operation: string, input: object): Promise<Answer>;
  /** Declares a key with targets, with a first generation. */
  declare(targets: readonly TargetDeclaration[], name?: string): Promise<TestKey>;
  /** Makes a new generation current, as a rotation does, and marks the old one as retiring. */
  rotate(key: TestKey): Promise<void>;
  /** Takes the marks off, as reconcile does once the vendor has confirmed a revocation. */
  retire(key: TestKey): Promise<void>;
  ask(action: "apply" | "observe", keys: readonly Pick<TestKey, "arn" | "versionId">[]): Promise<DistributeAnswer>;
  /** Asks about one key with one target. */
  apply(key: TestKey): Promise<TargetResult>;
  observe(key: TestKey): Promise<TargetResult>;
  close(): void;
}

const connection = {
  vendor: "pictify",
  adminSecret: "keyturn/pictify",
  baseUrl: "https://pictify.test",
  plan: "pro",
  propagation: "PT1S",
  reportingDelay: "PT1S",
  skew: "PT1S",
  serves: [],
};

const noVendors = { vendors: new Map() };

type Version = Pick<TestKey, "versionId" | "apiKey">;

const newVersion = (): Version => ({
  versionId: randomUUID(),
  apiKey: `pk_live_${randomUUID().replaceAll("-", "")}`,
});

const valueText = ({ versionId, apiKey }: Version): string =>
  JSON.stringify({
    apiKey,
    keyId: `key_${versionId.slice(0, 8)}`,
    vendor: "pictify",
    name: "web",
    type: "live",
    issuedAt: new Date(systemClock.now()).toISOString(),
  });

export const openDistribution = async (options: DistributionOptions = {}): Promise<DistributionStand> => {
  const lines: string[] = [];
  const values: string[] = [];
  const serves: NonNullable<GrantsFile["clusters"]>[string]["serves"] = [];
  const account = createAccount({ clock: systemClock, write: (line) => void lines.push(line), ...noVendors });
  const aws: DistributionStand["aws"] = async (operation, input) =>
    (await account.secretsManager.call(operation as never, input as never)) as never;
  await aws("CreateSecret", { Name: KUBECONFIG_SECRET, SecretString: options.kubeconfig ?? "{}" });

  const world = (): World => {
    const grants: GrantsFile = {
      ...settingsOfTest,
      service: SERVICE,
      connections: { pictify: connection },
      clusters: {
        [CLUSTER]: { access: options.access ?? { kubeconfigSecret: KUBECONFIG_SECRET }, serves },
        ...options.clusters,
      },
    };
    const base = account.world(grants, {});
    const send = async (command: { readonly constructor: { readonly name: string } }) => {
      const answer = await base.secretsManager.send(command as never);
      const operation = command.constructor.name.replace(/Command$/, "");
      const { described, onCall } = options;
      onCall?.(operation);
      return described && operation === "DescribeSecret" ? described(answer) : answer;
    };
    const eks: ClusterWorld["eks"] = () => {
      throw new Error("this test has no EKS");
    };
    const credentials = async () => ({ accessKeyId: "AKIATEST", secretAccessKey: "none" });
    return {
      ...base,
      secretsManager: { send: send as never },
      clusters: { send: sendOverHttps, eks, credentials, ...options.world },
    };
  };

  const put = async (arn: string, version: Version, stages: readonly string[]): Promise<void> => {
    values.push(version.apiKey);
    await aws("PutSecretValue", {
      SecretId: arn,
      ClientRequestToken: version.versionId,
      SecretString: valueText(version),
      VersionStages: [...stages],
    });
  };

  const ask: DistributionStand["ask"] = (action, keys) => {
    const { timeoutMs = 120_000 } = options;
    const endMs = systemClock.now() + (typeof timeoutMs === "number" ? timeoutMs : timeoutMs());
    const context = {
      invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:keyturn-prod-distribute",
      awsRequestId: randomUUID(),
      getRemainingTimeInMillis: () => endMs - systemClock.now(),
    };
    const secrets = keys.map(({ arn, versionId }) => ({ arn, versionId }));
    return distributeHandler(world())({ action, secrets }, context);
  };

  const one = async (action: "apply" | "observe", key: TestKey): Promise<TargetResult> => {
    const { targets, failed } = await ask(action, [key]);
    const [first, ...others] = targets;
    if (!first || others.length > 0 || failed.length > 0)
      throw new Error(`expected one target, got ${JSON.stringify({ targets, failed })}`);
    return first;
  };

  return {
    lines,
    values,
    aws,
    ask,
    close: () => account.close(),
    apply: (key) => one("apply", key),
    observe: (key) => one("observe", key),
    async declare(targets, name = "web") {
      const secretName = secretNameOf(SERVICE, name);
      const tags = Object.assign({}, declarationTags({ ...declarationOfTest, name }), ...targets.map(targetTags));
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      const { ARN: arn } = await aws<{ ARN: string }>("CreateSecret", { Name: secretName, Tags });
      serves.push(...targets.map((target) => placeGrantOf(secretName, target)));
      const version = newVersion();
      await put(arn, version, ["AWSCURRENT"]);
      return { arn, name: secretName, ...version };
    },
    async rotate(key) {
      await systemClock.sleep(2); // a label has the time in milliseconds: two rotations in one would ask for the same
      const version = newVersion();
      const { arn } = key;
      await put(arn, version, ["AWSPENDING"]);
      const move = (label: string, ids: object) =>
        aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage: label, ...ids });
      await move(markLabel("retiring", systemClock.now()), { MoveToVersionId: key.versionId });
      await move("AWSCURRENT", { MoveToVersionId: version.versionId, RemoveFromVersionId: key.versionId });
      await move("AWSPENDING", { RemoveFromVersionId: version.versionId });
      Object.assign(key, version);
    },
    async retire({ arn }) {
      const facts = await aws<{ VersionIdsToStages: Record<string, string[]> }>("DescribeSecret", { SecretId: arn });
      for (const [versionId, labels] of Object.entries(facts.VersionIdsToStages))
        for (const label of labels.filter((text) => text.startsWith("keyturn/retiring/")))
          await aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage: label, RemoveFromVersionId: versionId });
    },
  };
};
