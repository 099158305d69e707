import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster/index.js";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { TerraformVariable } from "cdktf";
import { describe, expect, test } from "vitest";
import { ExternalSecretTarget } from "../../../constructs/index.ts";
import { ENVIRONMENT } from "../../../lambdas/contracts/environment.ts";
import { KeyturnError } from "../../../lambdas/errors.ts";
import {
  addCluster,
  addPictify,
  addWebKey,
  fullSynth,
  grantsFile,
  newService,
  newStack,
  reference,
  resourceOf,
  resourcesOf,
  webTarget,
} from "../declare.ts";

/** Props as somebody may write them who is not held back by types. */
// biome-ignore lint/suspicious/noExplicitAny: that is what these tests are about
type Anything = any;

const EKS = { eksClusterName: "prod-eu", region: "eu-central-1" };
const KUBECONFIG = { kubeconfigSecretName: "clusters/prod" };
const TOPIC = { arn: "arn:aws:sns:eu-central-1:123456789012:oncall" };

const withTarget = (cluster: object = KUBECONFIG, props = {}) => {
  const stack = newStack();
  const service = newService(stack, props);
  addWebKey(service, [webTarget(addCluster(service, cluster))]);
  return stack;
};

const policyStatements = (stack: ReturnType<typeof newStack>, name: string): { Sid: string; Resource: string[] }[] =>
  JSON.parse(resourceOf(stack, "aws_iam_role_policy", `_${name}_`)[1].policy).Statement;

describe("the function distribute", () => {
  const namesOf = (stack: ReturnType<typeof newStack>) =>
    Object.values(resourcesOf(stack, "aws_lambda_function")).map((one) => one.function_name);

  test("is there with the first target, and not before", () => {
    const stack = newStack();
    const service = newService(stack);
    const cluster = addCluster(service);
    const key = addWebKey(service);
    expect(namesOf(stack)).toHaveLength(4);

    key.addTarget(webTarget(cluster));
    key.addTarget(webTarget(cluster, { id: "two", namespace: "api" }));

    expect(namesOf(stack)).toHaveLength(5);
    expect(namesOf(stack)).toContain("keyturn-platform-prod-distribute");
  });

  test("is known by name to rotate, manage and reconcile, which makes them depend on it", () => {
    const stack = withTarget();
    const [address] = resourceOf(stack, "aws_lambda_function", "_distribute_");
    const variablesOf = (name: string) =>
      resourceOf(stack, "aws_lambda_function", `_${name}_`)[1].environment?.variables ?? {};

    for (const name of ["rotate", "manage", "reconcile"])
      expect(variablesOf(name)[ENVIRONMENT.distributeFunction]).toBe(reference(address, "function_name"));
    expect(variablesOf("reconcile")[ENVIRONMENT.manageFunction]).toMatch(/_manage_/);
    expect(variablesOf("inspect")).toEqual({});
    expect(variablesOf("distribute")).toEqual({});
  });

  test("is known to nobody in a service without targets", () => {
    const stack = newStack();
    const service = newService(stack, { alarmTopic: TOPIC });
    addCluster(service);
    addWebKey(service);

    expect(JSON.stringify(resourcesOf(stack, "aws_lambda_function"))).not.toContain(ENVIRONMENT.distributeFunction);
    expect(JSON.stringify(resourcesOf(stack, "aws_cloudwatch_metric_alarm"))).not.toContain("distribute");
  });

  test("has bounded retries, and reports events that failed to the alarms' topic: they hold ids alone", () => {
    const stack = withTarget(KUBECONFIG, { alarmTopic: TOPIC });

    expect(resourceOf(stack, "aws_lambda_function_event_invoke_config", "_distribute_")[1]).toMatchObject({
      maximum_retry_attempts: 2,
      maximum_event_age_in_seconds: 3_600,
      destination_config: { on_failure: { destination: TOPIC.arn } },
    });
  });

  test("raises an alarm when it fails, and when targets do", () => {
    const alarms = Object.values(
      resourcesOf(withTarget(KUBECONFIG, { alarmTopic: TOPIC }), "aws_cloudwatch_metric_alarm"),
    );
    const named = (name: string) => alarms.find(({ alarm_name }) => alarm_name === `keyturn-platform-prod-${name}`);

    expect(named("errors-distribute")).toMatchObject({ metric_name: "Errors", alarm_actions: [TOPIC.arn] });
    expect(named("targets-failed")).toMatchObject({ metric_name: "TargetsFailed", alarm_actions: [TOPIC.arn] });
  });

  test("runs in the service's subnets, which no other function does", () => {
    const vpc = { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] };
    const stack = withTarget(KUBECONFIG, { vpc });
    const inVpc = Object.entries(resourcesOf(stack, "aws_lambda_function")).filter(([, { vpc_config }]) => vpc_config);

    expect(inVpc.map(([, { function_name }]) => function_name)).toEqual(["keyturn-platform-prod-distribute"]);
    expect(inVpc[0]?.[1].vpc_config).toEqual({ subnet_ids: ["subnet-1", "subnet-2"], security_group_ids: ["sg-1"] });
    expect(policyStatements(stack, "distribute").map(({ Sid }) => Sid)).toContain("NetworkInterfaces");
    expect(policyStatements(withTarget(), "distribute").map(({ Sid }) => Sid)).not.toContain("NetworkInterfaces");
  });

  test("decrypts with the keys of the service's and of kubeconfigs' secrets, and not with those of admin secrets", () => {
    const key = (name: string) => ({ arn: `arn:aws:kms:eu-central-1:123456789012:key/${name}` });
    const stack = newStack();
    const service = newService(stack, { encryptionKey: key("own") });
    const cluster = addCluster(service, { ...KUBECONFIG, kubeconfigSecretEncryptionKey: key("kubeconfig") });
    service.addVendor("Second", {
      vendor: "pictify",
      connection: "second",
      adminSecretName: "keyturn/second",
      plan: "pro",
      adminSecretEncryptionKey: key("admin"),
    });
    addWebKey(service, [webTarget(cluster)]);
    const keysOf = (name: string) =>
      policyStatements(stack, name).find(({ Sid }) => Sid === "UseEncryptionKeys")?.Resource;

    expect(keysOf("distribute")).toEqual([key("own").arn, key("kubeconfig").arn]);
    expect(keysOf("rotate")).toEqual([key("own").arn, key("admin").arn]);
  });
});

describe("a cluster in grants.json", () => {
  test("of EKS is named with its region", () => {
    expect(grantsFile(withTarget(EKS)).clusters).toEqual({
      prod: {
        access: { eks: { name: "prod-eu", region: "eu-central-1" } },
        serves: [
          {
            secret: "keyturn/platform-prod/webapp",
            kind: "kubernetes",
            namespace: "web",
            name: "pictify-credentials",
            dataKey: "api-key",
            restart: ["deployment/webapp"],
            minimum: { delay: "PT2M", restart: ["deployment/webapp"] },
          },
        ],
      },
    });
  });

  test("of a kubeconfig is named by its secret and context", () => {
    const { clusters } = grantsFile(withTarget({ ...KUBECONFIG, context: "admin@prod" }));

    expect(clusters?.prod?.access).toEqual({ kubeconfigSecret: "clusters/prod", context: "admin@prod" });
  });

  test("serves what it allows for keys of other apps, and then there is a distribute without any target here", () => {
    const stack = newStack();
    addCluster(newService(stack), {
      ...KUBECONFIG,
      allow: [
        {
          key: "ci-*",
          namespace: "ci",
          secretName: "pictify",
          kind: "external-secret",
          restart: ["statefulset/runner"],
          dataKey: "token",
          storeName: "aws",
          minimumDelay: "PT10M",
        },
      ],
    });

    expect(grantsFile(stack).clusters?.prod?.serves).toEqual([
      {
        secret: "keyturn/platform-prod/ci-*",
        kind: "external-secret",
        namespace: "ci",
        name: "pictify",
        dataKey: "token",
        store: { kind: "ClusterSecretStore", name: "aws" },
        restart: ["statefulset/runner"],
        minimum: { delay: "PT10M" },
      },
    ]);
    expect(() => resourceOf(stack, "aws_lambda_function", "_distribute_")).not.toThrow();
  });

  const allowing = (entry: object) => () =>
    addCluster(newService(newStack()), {
      ...KUBECONFIG,
      allow: [{ key: "ci", namespace: "ci", secretName: "pictify", ...entry }],
    });

  test.each<[string, object, string]>([
    ["an operator's Secret without its store", { kind: "external-secret" }, "storeName is missing: the store that"],
    [
      "a store without the operator",
      { storeName: "aws" },
      "storeName and storeKind are for the kind external-secret alone",
    ],
    ["a delay that is none", { minimumDelay: "2m" }, "minimumDelay must be an ISO 8601 duration"],
    ["a data key that is none", { dataKey: "a/b" }, "dataKey must be 1 to 249"],
  ])("does not allow %s", (_, entry, reason) => {
    expect(allowing(entry)).toThrow(reason);
  });

  test("has the store of a target that the operator writes, and its own times", () => {
    const stack = newStack();
    const service = newService(stack);
    const cluster = addCluster(service, KUBECONFIG);
    const place = { cluster, namespace: "web", secretName: "pictify", delay: "PT5M" };
    const key = addWebKey(service, [], { overlap: "P3D" });
    key.addTarget(new ExternalSecretTarget({ ...place, storeName: "vault", storeKind: "SecretStore" }));

    expect(grantsFile(stack).clusters?.prod?.serves).toEqual([
      expect.objectContaining({
        store: { kind: "SecretStore", name: "vault" },
        minimum: { delay: "PT5M", restart: [] },
      }),
    ]);
  });

  test("is not there in a service without clusters", () => {
    const stack = newStack();
    addWebKey(newService(stack));

    expect(grantsFile(stack)).not.toHaveProperty("clusters");
  });
});

describe("the access entry of EKS", () => {
  test("gives the function's role the service's own group, before the first key is made", () => {
    const stack = withTarget(EKS);
    const [role] = resourceOf(stack, "aws_iam_role", "_distribute_");
    const [address, entry] = resourceOf(stack, "aws_eks_access_entry");

    expect(entry).toMatchObject({
      cluster_name: "prod-eu",
      principal_arn: reference(role, "arn"),
      kubernetes_groups: ["keyturn-platform-prod"],
    });
    expect(resourceOf(stack, "keyturn_api_key")[1].depends_on).toContain(address);
  });

  test("is one for all targets of the cluster, and may have another group, provider and cluster to wait for", () => {
    const stack = newStack();
    const awsProvider = new AwsProvider(stack, "Other", { region: "eu-west-1", alias: "ireland" });
    const made = new EksCluster(stack, "Eks", { name: "prod-eu", roleArn: "r", vpcConfig: { subnetIds: ["s"] } });
    const service = newService(stack);
    const more = { group: "keys", awsProvider, dependsOn: [made], region: "eu-west-1" };
    const cluster = addCluster(service, { ...EKS, ...more });
    addWebKey(service, [webTarget(cluster), webTarget(cluster, { id: "api", namespace: "api" })]);

    expect(resourceOf(stack, "aws_eks_access_entry")[1]).toMatchObject({
      kubernetes_groups: ["keys"],
      provider: "aws.ireland",
      depends_on: ["aws_eks_cluster.Eks"],
    });
  });

  test("is left to others where they say so, and for a kubeconfig there is none", () => {
    for (const props of [{ ...EKS, accessEntry: false }, KUBECONFIG])
      expect(resourcesOf(withTarget(props), "aws_eks_access_entry")).toEqual({});
  });

  test("in another region than the stack's provider is an error that says what to give", () => {
    const far = { ...EKS, region: "us-east-1" };

    expect(() => fullSynth(withTarget(far))).toThrow(
      "the cluster is in us-east-1, and the stack's AWS provider in eu-central-1: give an AWS provider of the cluster's region",
    );
    expect(() => fullSynth(withTarget({ ...far, accessEntry: false }))).not.toThrow();
  });
});

describe("a cluster is refused", () => {
  const add = (props: Anything) => () => addCluster(newService(newStack()), props);

  test.each<[string, Anything, string]>([
    [
      "without a way to it",
      {},
      'a cluster needs either eksClusterName and region, or kubeconfigSecretName; received ["name"]',
    ],
    ["with two ways to it", { ...EKS, ...KUBECONFIG }, '["name","eksClusterName","region","kubeconfigSecretName"]'],
    ["without a name", { ...EKS, name: undefined }, "name must be a text that is not empty"],
    [
      "with a name that fits into no tag",
      { ...EKS, name: "Prod EU" },
      'name must be 1 to 40 of a-z, 0-9 and -, with no - at either end; received "Prod EU"',
    ],
    [
      "with an ARN for its name in EKS",
      { ...EKS, eksClusterName: "arn:aws:eks:x:1:cluster/prod" },
      "eksClusterName must be a cluster's name in EKS (not its ARN)",
    ],
    ["of EKS without a region", { ...EKS, region: undefined }, "region must be a text that is not empty"],
    [
      "in no region of AWS",
      { ...EKS, region: "Frankfurt" },
      'region must be a region of AWS, such as eu-central-1; received "Frankfurt"',
    ],
    ["with a group that EKS keeps for itself", { ...EKS, group: "system:masters" }, 'received "system:masters"'],
    [
      "with a kubeconfig in place of its secret's name",
      { kubeconfigSecretName: "apiVersion: v1" },
      "kubeconfigSecretName must be a secret's name (not its ARN, and not what it holds)",
    ],
    [
      "with a kubeconfig among the service's own secrets",
      { kubeconfigSecretName: "keyturn/platform-prod/prod" },
      "kubeconfigSecretName must not begin with keyturn/platform-prod/",
    ],
    [
      "with both a group and a service account",
      { ...KUBECONFIG, group: "a", serviceAccount: "b/c" },
      "give either group or serviceAccount",
    ],
    [
      "with a service account without namespace",
      { ...KUBECONFIG, serviceAccount: "keyturn" },
      'serviceAccount must be a service account as <namespace>/<name>, such as keyturn/keyturn; received "keyturn"',
    ],
    [
      "allowing a key of a malformed name",
      { ...KUBECONFIG, allow: [{ key: "*-ci", namespace: "ci", secretName: "x" }] },
      'allow: key must be a key\'s name, or the beginning of one followed by *; received "*-ci"',
    ],
    [
      "allowing an unknown kind",
      { ...KUBECONFIG, allow: [{ key: "ci", namespace: "ci", secretName: "x", kind: "vault" }] },
      'kind must be one of kubernetes, external-secret; received "vault"',
    ],
  ])("%s", (_, props, message) => {
    expect(add(props)).toThrow(message);
    expect(add(props)).toThrow(KeyturnError);
  });

  test.each(["eksClusterName", "region"])("with a %s that only a deploy knows", (property) => {
    const token = new TerraformVariable(newStack(), "late", {}).stringValue;

    expect(add({ ...EKS, [property]: token })).toThrow(`${property} must be a literal`);
  });

  test("with a provider of another kind", () => {
    const provider = new AwsProvider(newStack(), "Other", {});

    expect(add({ ...KUBECONFIG, kubernetesProvider: provider })).toThrow(
      'kubernetesProvider must be a provider block of kubernetes; received one of "aws"',
    );
  });

  test("of a name that another one has, or when it is declared twice", () => {
    const service = newService(newStack());
    addCluster(service, EKS);

    expect(() => addCluster(service, KUBECONFIG, "Second")).toThrow('has a cluster named "prod" already');
    expect(() => addCluster(service, { ...EKS, name: "two" }, "Third")).toThrow(
      "the cluster is declared already (stack/Keyturn/Prod); use that one",
    );
  });

  test("whose kubeconfig is to lie in a secret that holds an admin key, whichever was declared first", () => {
    const shared = { kubeconfigSecretName: "keyturn/pictify" };
    const [first, second] = [newService(newStack()), newService(newStack())];
    addPictify(first);
    addCluster(second, shared);

    expect(() => addCluster(first, shared)).toThrow("cannot hold both an admin key and a kubeconfig");
    expect(() => addPictify(second)).toThrow("cannot hold both an admin key and a kubeconfig");
  });
});

test.each([
  ["subnetIds", { subnetIds: [], securityGroupIds: ["sg-1"] }],
  ["securityGroupIds", { subnetIds: ["subnet-1"] }],
])("a vpc without %s is refused", (property, vpc: Anything) => {
  expect(() => newService(newStack(), { vpc })).toThrow(`vpc.${property} must be a list of at least one id`);
});
