import { beforeAll, describe, expect, test } from "vitest";
import { FUNCTION_NAMES } from "../../constructs/functions.ts";
import type { GrantsFile } from "../../lambdas/contracts/grants.ts";
import { keyName, serviceId } from "../../lambdas/contracts/key-name.ts";
import { placeGrantOf } from "../../lambdas/contracts/place-grant.ts";
import { targetTags } from "../../lambdas/contracts/target-tags.ts";
import type { TargetDeclaration } from "../../lambdas/contracts/targets.ts";
import { PICTIFY_SEEDS_ONLY } from "../../sandbox/vendors/pictify-options.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, mintedKeys, pictographKey, type StandOptions } from "../lambdas/stand.ts";
import { createGuardedStand, type GuardedStand } from "./guarded-stand.ts";
import { allowingStatement } from "./iam-policy.ts";
import { EKS_CLUSTER, KMS_KEY, KUBECONFIG_SECRET, synthesizedPolicies, TOPIC } from "./synthesized-policies.ts";

const POLICIES = synthesizedPolicies();

const ensure = (stand: GuardedStand, secretId: string) => stand.invoke("manage", { action: "ensure", secretId });
const remove = (stand: GuardedStand, secretId: string) => stand.invoke("manage", { action: "delete", secretId });
const inspect = (stand: GuardedStand, request: object) => stand.invoke("inspect", { protocol: 1, ...request });
const look = (stand: GuardedStand, more: object = {}) => stand.invoke("reconcile", { revokeStrays: [], ...more });
const isActive = (stand: GuardedStand, keyId: string) => stand.pictify.keys().find(({ id }) => id === keyId)?.active;

const leaveStray = (stand: GuardedStand, n = 0) => {
  const service = serviceId("prod", stand.account.functions.arnOf("any"));
  return stand.pictify.issueKey({ name: keyName("web", service, `${n}`.padStart(10, "0")), access: "live" }).id;
};

const place = {
  namespace: "web",
  name: "pictify-credentials",
  dataKey: "api-key",
  restart: [],
  delayMs: MINUTE_MS,
} as const;
const TARGETS: readonly TargetDeclaration[] = [
  { kind: "kubernetes", id: "web", cluster: "prod", ...place },
  { kind: "kubernetes", id: "stage", cluster: "stage", ...place },
];
const serves = TARGETS.map((target) => placeGrantOf("keyturn/prod/web", target));
const CLUSTERS: GrantsFile["clusters"] = {
  prod: { access: { eks: EKS_CLUSTER }, serves },
  stage: { access: { kubeconfigSecret: KUBECONFIG_SECRET }, serves },
};
const KUBECONFIG = JSON.stringify({
  "current-context": "one",
  contexts: [{ name: "one", context: { cluster: "one", user: "one" } }],
  clusters: [{ name: "one", cluster: { server: "https://cluster.test" } }],
  users: [{ name: "one", user: { token: "a-token" } }],
});

interface Scenario {
  readonly options?: StandOptions;
  /** Plays it, and checks that what had to be done was done. */
  readonly run: (stand: GuardedStand) => Promise<void>;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "a first generation, a rotation and a retirement": {
    async run(stand) {
      const arn = await stand.deploy();
      await stand.rotate(arn);
      await stand.clock.advance(26 * HOUR_MS);
      for (let n = 0; n < 2; n++) expect((await look(stand)).error).toBeUndefined();
      expect(mintedKeys(stand.pictify).map(({ id }) => id)).toEqual([(await stand.currentKey(arn)).keyId]);
    },
  },
  "a lost value": {
    async run(stand) {
      const arn = await stand.declare(pictographKey);
      stand.pictograph.hostile.next("create", "commit-then-silence");
      expect((await ensure(stand, arn)).error).toMatch(/^MINT_UNKNOWN/);
      await stand.clock.advance(11 * MINUTE_MS);
      expect((await ensure(stand, arn)).error).toBeUndefined();
    },
  },
  "two runs at once": {
    async run(stand) {
      const arn = await stand.declare(pictographKey);
      const both = await Promise.all([ensure(stand, arn), ensure(stand, arn)]);
      expect(both.filter(({ error }) => error)).toEqual([]);
    },
  },
  "a generation that is given up, and the rotation after it": {
    options: { parameters: { retryDelaysMs: [10 * MINUTE_MS], reattemptEveryMs: null } },
    async run(stand) {
      const arn = await stand.deploy(pictographKey);
      const { keyId } = await stand.currentKey(arn);
      stand.pictograph.hostile.next("create", { kind: "activate-late", delayMs: 30 * DAY_MS });
      await stand.rotate(arn);
      await stand.clock.advance(15 * MINUTE_MS);
      for (let n = 0; n < 3; n++) {
        await look(stand);
        await stand.clock.advance(MINUTE_MS);
      }
      expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
    },
  },
  "a first generation that is given up": {
    async run(stand) {
      const arn = await stand.declare(pictographKey);
      stand.pictograph.hostile.next("create", { kind: "activate-late", delayMs: 30 * DAY_MS });
      await ensure(stand, arn);
      await stand.clock.advance(10 * MINUTE_MS);
      await ensure(stand, arn);
      expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current" });
    },
  },
  "a plan, which reads all keys, one key, and whose the vendor's are": {
    async run(stand) {
      const arn = await stand.deploy(pictographKey);
      for (const request of [
        { action: "list" },
        { action: "describe", secretId: arn },
        { action: "describe", secretId: "keyturn/prod/training" },
        { action: "vendorKeys", connection: "pictograph" },
      ])
        expect((await inspect(stand, request)).error).toBeUndefined();
    },
  },
  "a plan after a secret was deleted": {
    async run(stand) {
      const arn = await stand.deploy(pictographKey);
      await stand.aws("DeleteSecret", { SecretId: arn, ForceDeleteWithoutRecovery: true });
      expect((await inspect(stand, { action: "describe", secretId: arn })).answer).toMatchObject({ keys: [] });
    },
  },
  "a key made by hand that is taken over, and a plan of it": {
    async run(stand) {
      const arn = await stand.declare();
      const { id, value } = stand.pictify.issueKey({ name: "Production API Server", access: "live" });
      await stand.aws("PutSecretValue", { SecretId: arn, SecretString: JSON.stringify({ apiKey: value }) });
      await stand.clock.advance(MINUTE_MS);
      const adopted = await stand.invoke("manage", { action: "adopt", secretId: arn, keyId: id });
      expect(adopted).toMatchObject({ answer: { keyId: id, status: "current" } });
      expect((await inspect(stand, { action: "list" })).answer).toMatchObject({ keys: [{ keyId: id }] });
    },
  },
  "a changed role, which the vendor changes in place": {
    async run(stand) {
      const arn = await stand.deploy(pictographKey);
      await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:role", Value: "viewer" }] });
      expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current", role: "viewer" });
    },
  },
  "a changed type, which takes a new generation": {
    async run(stand) {
      const arn = await stand.deploy();
      await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:type", Value: "test" }] });
      expect((await ensure(stand, arn)).answer).toMatchObject({ status: "rotating" });
      await stand.clock.run(stand.account.secretsManager.idle());
      expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current" });
    },
  },
  "a rotation that is stuck": {
    options: { parameters: { retryDelaysMs: [], reattemptEveryMs: null } },
    async run(stand) {
      const arn = await stand.deploy();
      const { keyId } = await stand.currentKey(arn);
      stand.pictify.hostile.next("create", "server-error", 1);
      await stand.rotate(arn);
      await stand.clock.advance(7 * HOUR_MS);
      for (let n = 0; n < 3; n++) {
        expect((await look(stand)).error).toBeUndefined();
        await stand.clock.advance(10 * MINUTE_MS);
      }
      expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
    },
  },
  "a current key that was revoked at its vendor": {
    async run(stand) {
      const arn = await stand.deploy();
      const { keyId } = await stand.currentKey(arn);
      await stand.clock.advance(HOUR_MS);
      stand.pictify.revokeKey(keyId);
      expect((await look(stand)).error).toBeUndefined();
      await stand.clock.advance(2 * MINUTE_MS);
      expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
    },
  },
  "a changed type that no deployment has seen to": {
    async run(stand) {
      const arn = await stand.deploy();
      const { keyId } = await stand.currentKey(arn);
      await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:type", Value: "test" }] });
      await stand.clock.advance(HOUR_MS);
      expect((await look(stand)).error).toBeUndefined();
      await stand.clock.advance(2 * MINUTE_MS);
      expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
    },
  },
  "a compromised key, and one that is revoked first": {
    async run(stand) {
      for (const first of [false, true]) {
        const arn = await stand.deploy({ name: first ? "first" : "second" });
        const { keyId } = await stand.currentKey(arn);
        await stand.invoke("manage", { action: "compromised", secretId: arn, first });
        await stand.clock.advance(2 * MINUTE_MS);
        for (let n = 0; n < 2; n++) expect((await look(stand)).error).toBeUndefined();
        expect(isActive(stand, keyId)).toBe(false);
      }
    },
  },
  "a missing first generation": {
    async run(stand) {
      await stand.declare();
      await stand.clock.advance(15 * MINUTE_MS);
      expect((await look(stand)).error).toBeUndefined();
      await stand.clock.advance(2 * MINUTE_MS);
      expect(mintedKeys(stand.pictify)).toHaveLength(1);
    },
  },
  "a stray beside its secret": {
    async run(stand) {
      await stand.deploy();
      const stray = leaveStray(stand);
      await stand.clock.advance(2 * DAY_MS);
      expect((await look(stand)).error).toBeUndefined();
      expect(isActive(stand, stray)).toBe(false);
    },
  },
  "a stray whose secret is gone": {
    async run(stand) {
      const stray = leaveStray(stand);
      await stand.clock.advance(2 * DAY_MS);
      expect((await look(stand)).error).toBeUndefined();
      expect(isActive(stand, stray)).toBe(false);
    },
  },
  "a brake, and a person's answer": {
    async run(stand) {
      const strays = Array.from({ length: 6 }, (_, n) => leaveStray(stand, n));
      await stand.clock.advance(2 * DAY_MS);
      await look(stand);
      expect(strays.filter((id) => isActive(stand, id))).toHaveLength(6);
      await look(stand, { revokeStrays: strays });
      expect(strays.filter((id) => isActive(stand, id))).toEqual([]);
    },
  },
  "a key that a person has to revoke": {
    options: { pictify: { switches: PICTIFY_SEEDS_ONLY } },
    async run(stand) {
      await stand.rotate(await stand.deploy());
      await stand.clock.advance(26 * HOUR_MS);
      await look(stand);
      expect(stand.lines.join("\n")).toContain('"RevokeByHand":1');
    },
  },
  "a value that is brought to its targets, after a deploy and after a rotation": {
    options: { grants: { clusters: CLUSTERS } },
    async run(stand) {
      await stand.aws("CreateSecret", { Name: KUBECONFIG_SECRET, SecretString: KUBECONFIG });
      const arn = await stand.declare();
      const Tags = TARGETS.flatMap((target) =>
        Object.entries(targetTags(target)).map(([Key, Value]) => ({ Key, Value })),
      );
      await stand.aws("TagResource", { SecretId: arn, Tags });
      expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current" });
      await stand.clock.advance(MINUTE_MS);
      await stand.turnOn(arn);
      await stand.rotate(arn);
      await stand.clock.advance(MINUTE_MS);
      const applied = stand.lines.filter((line) => line.includes("target.applied") && line.includes("UNAUTHORIZED"));
      expect(applied).toHaveLength(4);
    },
  },
  "the end of a managed key, and once more when its secret is gone": {
    async run(stand) {
      const arn = await stand.deploy();
      await stand.clock.advance(2 * HOUR_MS);
      expect((await remove(stand, arn)).answer).toMatchObject({ status: "destroyed" });
      await stand.aws("DeleteSecret", { SecretId: arn, ForceDeleteWithoutRecovery: true });
      expect((await remove(stand, arn)).answer).toMatchObject({ status: "destroyed" });
    },
  },
  "an end that reconcile has to finish": {
    async run(stand) {
      const arn = await stand.deploy();
      await stand.clock.advance(2 * HOUR_MS);
      stand.pictify.hostile.next("revoke", "unavailable", 99);
      await remove(stand, arn);
      stand.pictify.hostile.clear();
      expect((await look(stand)).error).toBeUndefined();
      expect(mintedKeys(stand.pictify)).toEqual([]);
    },
  },
  "a secret that waits for its deletion": {
    async run(stand) {
      const arn = await stand.deploy();
      await stand.aws("DeleteSecret", { SecretId: arn });
      await stand.clock.advance(2 * DAY_MS);
      expect((await look(stand)).error).toBeUndefined();
      expect(mintedKeys(stand.pictify)).toHaveLength(1);
    },
  },
  "a request for a secret that lost its tags, refused with the reason": {
    async run(stand) {
      const arn = await stand.deploy();
      await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:service"] });
      const event = { Step: "createSecret", SecretId: arn, ClientRequestToken: "0".repeat(32) };
      expect((await stand.invoke("rotate", event)).error).toMatch(/^NOT_MANAGED/);
      expect((await ensure(stand, arn)).error).toMatch(/^NOT_MANAGED/);
    },
  },
};

/** What is allowed although no function asks for it: AWS does, on its behalf, and its pages demand it. */
const ON_BEHALF = [
  // "PutRetentionPolicy and logging": AWSLambdaBasicExecutionRole, but for the log group, which the stack makes.
  /^\w+ WriteLog logs:(CreateLogStream|PutLogEvents)$/,
  // "Capturing records of Lambda asynchronous invocations": the execution role needs sns:Publish on the destination.
  /^(manage|reconcile|distribute) ReportFailure sns:Publish$/,
  // "Key management" of Amazon SNS: who publishes to a topic with a KMS key of the user's needs both.
  /^(manage|reconcile|distribute) EncryptFailure kms:(Decrypt|GenerateDataKey)$/,
  // "Giving Lambda functions access to resources in an Amazon VPC": AWSLambdaVPCAccessExecutionRole, whose actions know no resource
  // that could be named beforehand.
  /^\w+ NetworkInterfaces ec2:\w+$/,
  // "Visualize Lambda function invocations using AWS X-Ray": AWSXRayDaemonWriteAccess, without its sampling.
  /^\w+ Trace xray:(PutTraceSegments|PutTelemetryRecords)$/,
  // "Secret encryption and decryption in AWS Secrets Manager": with the caller's rights, Decrypt to read a value and
  // GenerateDataKey to store one.
  /^\w+ UseEncryptionKeys kms:Decrypt$/,
  /^(rotate|manage) UseEncryptionKeys kms:GenerateDataKey$/,
];

const NAMES = Object.keys(SCENARIOS);
const stands = new Map<string, GuardedStand>();

const playOne = async (name: string, { options, run }: Scenario): Promise<void> => {
  const stand = await createGuardedStand(POLICIES, options);
  stands.set(name, stand);
  await run(stand);
};

describe("the functions do their work with the rights that they have", () => {
  test.each(NAMES)("%s", async (name) => {
    const scenario = SCENARIOS[name];
    if (!scenario) throw new Error(name);
    await playOne(name, scenario);
    expect(stands.get(name)?.refused).toEqual([]);
  });

  test("a key of a secret that lost its tags is kept, although its value cannot be read any more", async () => {
    const stand = await createGuardedStand(POLICIES);
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:service"] });
    await stand.clock.advance(2 * DAY_MS);
    await look(stand);

    expect(isActive(stand, keyId)).toBe(true);
  });
});

describe("nothing is allowed that is not needed", () => {
  const used = new Set<string>();

  beforeAll(async () => {
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      if (!stands.has(name)) await playOne(name, scenario);
      for (const one of stands.get(name)?.used ?? []) used.add(one);
    }
  });

  test.each(FUNCTION_NAMES)("every action that %s may do is one that it does, or that AWS demands", (name) => {
    const allowed = POLICIES[name].flatMap(({ Sid, Action }) => Action.map((action) => `${name} ${Sid} ${action}`));
    const needless = allowed.filter((one) => !used.has(one) && !ON_BEHALF.some((demanded) => demanded.test(one)));

    expect(needless).toEqual([]);
  });

  test("what AWS does on a function's behalf is limited to its own log, topic and KMS keys, but for network interfaces and traces", () => {
    for (const name of FUNCTION_NAMES)
      for (const { Sid, Resource } of POLICIES[name])
        if (ON_BEHALF.some((demanded) => demanded.source.includes(Sid)))
          expect(Resource, `${name} ${Sid}`).toEqual([
            { WriteLog: `arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/keyturn-prod-${name}:*` }[Sid] ??
              {
                ReportFailure: TOPIC,
                EncryptFailure: KMS_KEY,
                UseEncryptionKeys: KMS_KEY,
                NetworkInterfaces: "*",
                Trace: "*",
              }[Sid],
          ]);
  });
});

describe.each(FUNCTION_NAMES)("%s", (name) => {
  const secret = (named: string) => `arn:aws:secretsmanager:us-east-1:000000000000:secret:${named}-AbCdEf`;
  const OURS = { "keyturn:service": "prod" };
  const THEIRS = { "keyturn:service": "stage" };
  const isAllowed = (action: string, resource: string | undefined, tags: Record<string, string> = {}) =>
    allowingStatement(POLICIES[name], { action: `secretsmanager:${action}`, resource, tags }) !== undefined;

  test.each([
    ["another service's secret", secret("keyturn/stage/web"), THEIRS],
    ["another service's secret, tagged as ours", secret("keyturn/stage/web"), OURS],
    ["a secret of a service whose name begins like ours", secret("keyturn/prod-two/web"), THEIRS],
    ["a secret of our name and another service's tag", secret("keyturn/prod/web"), THEIRS],
    ["a secret of our name without a tag", secret("keyturn/prod/web"), {}],
    ["somebody's secret", secret("database"), {}],
    ["a secret whose name begins like an admin secret's", secret("keyturn/pictify-backup"), {}],
    ["a secret below an admin secret's name", secret("keyturn/pictify/old"), {}],
    ["our secret in another account", secret("keyturn/prod/web").replace("000000000000", "111111111111"), OURS],
    ["our secret's replica in another region", secret("keyturn/prod/web").replace("us-east-1", "eu-west-1"), OURS],
  ])("may neither read nor change %s", (_, resource, tags) => {
    const actions = [
      "GetSecretValue",
      "PutSecretValue",
      "UpdateSecretVersionStage",
      "RotateSecret",
      "CancelRotateSecret",
    ];
    expect(actions.filter((action) => isAllowed(action, resource, tags))).toEqual([]);
  });

  const reachesClusters = name === "distribute";

  test(`may read the service's secrets and ${reachesClusters ? "kubeconfigs, and no" : "its admin secrets, and no kubeconfig or other"} admin secret`, () => {
    expect(isAllowed("GetSecretValue", secret("keyturn/prod/web"), OURS)).toBe(true);
    for (const admin of ["keyturn/pictify", "keyturn/pictograph"])
      expect(isAllowed("GetSecretValue", secret(admin))).toBe(!reachesClusters);
    expect(isAllowed("GetSecretValue", secret(KUBECONFIG_SECRET))).toBe(reachesClusters);
  });

  test(`may${reachesClusters ? "" : " not"} describe the declared cluster, and none other`, () => {
    const arn = (cluster: string, region: string = EKS_CLUSTER.region) =>
      `arn:aws:eks:${region}:000000000000:cluster/${cluster}`;
    const may = (resource: string) =>
      allowingStatement(POLICIES[name], { action: "eks:DescribeCluster", resource }) !== undefined;
    expect(may(arn(EKS_CLUSTER.name))).toBe(reachesClusters);
    expect(may(arn("prod-eu-2"))).toBe(false);
    expect(may(arn(EKS_CLUSTER.name, "eu-west-1"))).toBe(false);
  });

  if (reachesClusters)
    test("changes nothing in AWS", () => {
      const byAws = new Set(["NetworkInterfaces", "Trace", "EncryptFailure"]);
      const actions = POLICIES[name].flatMap(({ Sid, Action }) => (byAws.has(Sid) ? [] : Action));
      const reading = /^(secretsmanager:(Get|Describe)|eks:Describe|kms:Decrypt|logs:|sns:Publish)/;
      expect(actions.filter((action) => !reading.test(action))).toEqual([]);
    });

  test("may not change an admin secret", () => {
    const actions = ["PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage", "DeleteSecret", "RotateSecret"];
    expect(actions.filter((action) => isAllowed(action, secret("keyturn/pictify"), OURS))).toEqual([]);
  });

  test("may neither make, delete nor tag a secret, nor open it to others", () => {
    const actions = [
      "CreateSecret",
      "DeleteSecret",
      "UpdateSecret",
      "TagResource",
      "UntagResource",
      "PutResourcePolicy",
    ];
    expect(actions.filter((action) => isAllowed(action, secret("keyturn/prod/web"), OURS))).toEqual([]);
  });
});
