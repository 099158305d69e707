import { TerraformVariable } from "cdktf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExternalSecretTarget, type ExternalSecretTargetProps, PictifyApiKey } from "../../../constructs/index.ts";
import { durationMs, durationText } from "../../../lambdas/contracts/duration.ts";
import { grantsOf, placeFor } from "../../../lambdas/contracts/grants.ts";
import { targetsOf } from "../../../lambdas/contracts/target-tags.ts";
import { KeyturnError } from "../../../lambdas/errors.ts";
import { addCluster, addWebKey, grantsFile, newService, newStack, resourceOf, webTarget } from "../declare.ts";

/** Props as somebody may write them who is not held back by types. */
// biome-ignore lint/suspicious/noExplicitAny: that is what these tests are about
type Anything = any;

const LONG = { overlap: "P3D" };

const started = (keyProps = {}, serviceProps = {}) => {
  const stack = newStack();
  const service = newService(stack, serviceProps);
  const cluster = addCluster(service);
  return { stack, service, cluster, key: addWebKey(service, [], { ...LONG, ...keyProps }) };
};

const externalTarget = (
  { cluster }: Pick<ReturnType<typeof started>, "cluster">,
  props: Partial<ExternalSecretTargetProps> = {},
) =>
  new ExternalSecretTarget({
    cluster,
    namespace: "web",
    secretName: "pictify-credentials",
    storeName: "aws",
    ...props,
  });

const tagsOf = (stack: ReturnType<typeof newStack>) => resourceOf(stack, "aws_secretsmanager_secret")[1].tags;

describe("a target", () => {
  test("is in the tags of its key's secret, beside the declaration", () => {
    const { stack, key, cluster } = started({ tags: { team: "web" } });

    key.addTarget(webTarget(cluster, { restart: ["deployment/webapp", "statefulset/worker"] }));

    expect(tagsOf(stack)).toMatchObject({
      team: "web",
      "keyturn:name": "webapp",
      "keyturn:target:web": "kubernetes/prod/web/pictify-credentials/api-key",
      "keyturn:restart:web": "deployment/webapp statefulset/worker",
    });
  });

  test("of External Secrets has its store in the tags too, and its interval", () => {
    const { stack, key, cluster } = started();

    key.addTarget(externalTarget({ cluster }, { refreshInterval: "PT12H", storeKind: "SecretStore" }));

    expect(tagsOf(stack)).toMatchObject({
      "keyturn:target:web": "external-secret/prod/web/pictify-credentials/api-key",
      "keyturn:store:web": "SecretStore/aws",
      "keyturn:refresh:web": "PT12H",
    });
  });

  test("is granted by grants.json, and read from the tags as it was declared", () => {
    const { stack, key, cluster } = started();
    const targets = [webTarget(cluster), externalTarget({ cluster }, { id: "eso", namespace: "api", dataKey: "key" })];
    for (const target of targets) key.addTarget(target);

    const read = targetsOf(tagsOf(stack));
    const grants = grantsOf(grantsFile(stack));

    expect(read.map((one) => "target" in one && one.target)).toEqual(
      targets.map(({ declaration }) => declaration).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
    for (const { declaration } of targets)
      expect(() => placeFor(grants, declaration, "keyturn/platform-prod/webapp").cluster).not.toThrow();
    expect(() => placeFor(grants, webTarget(cluster).declaration, "keyturn/platform-prod/other").cluster).toThrow(
      "does not grant keyturn/platform-prod/other",
    );
  });

  test("that reads files is adopted when neither the kubelet nor the process itself can have the old value", () => {
    const { cluster } = started();

    const { declaration } = webTarget(cluster, { restart: [], delay: "PT3M", clientCache: "PT10M" });

    expect(durationText(declaration.delayMs)).toBe("PT13M");
  });

  test("is called by its namespace where it has no id, and by its id where it has one", () => {
    const { cluster } = started();

    expect(webTarget(cluster).declaration.id).toBe("web");
    expect(webTarget(cluster, { id: "shop" }).declaration.id).toBe("shop");
  });
});

describe("a target is refused", () => {
  const target = (props: Anything) => () => webTarget(started().cluster, props);

  test.each<[string, Anything, string]>([
    ["without a cluster", { cluster: undefined }, "cluster must be what the service's addCluster returned"],
    [
      "without a namespace",
      { namespace: "" },
      "a KubernetesSecretTarget in stack/Keyturn/Prod: namespace must be a text that is not empty",
    ],
    [
      "in a namespace that Kubernetes does not have",
      { namespace: "Web" },
      'namespace must be 1 to 63 of a-z, 0-9 and -, with no - at either end; received "Web"',
    ],
    [
      "in a namespace too long for an id",
      { namespace: "n".repeat(41) },
      "namespace, which is the id where none is given, must be 1 to 40",
    ],
    [
      "with a malformed id",
      { id: "Web" },
      'id must be 1 to 40 of a-z, 0-9 and -, with no - at either end; received "Web"',
    ],
    [
      "with a Secret that Kubernetes does not have",
      { secretName: "Pictify" },
      'secretName must be 1 to 253 of a-z, 0-9, - and ., beginning and ending with a letter or a digit; received "Pictify"',
    ],
    [
      "with a data key that Kubernetes does not take",
      { dataKey: "api key" },
      'dataKey must be 1 to 249 of a-z, A-Z, 0-9, -, _ and .; received "api key"',
    ],
    [
      "with a workload without kind",
      { restart: ["webapp"] },
      'restart must name workloads as <kind>/<name> with a kind of deployment, statefulset, daemonset, such as deployment/webapp; received "webapp"',
    ],
    ["with a workload of another kind", { restart: ["job/webapp"] }, 'received "job/webapp"'],
    ["with a workload twice", { restart: ["deployment/a", "deployment/a"] }, 'restart names "deployment/a" twice'],
    [
      "with one text for its workloads",
      { restart: "deployment/a" },
      'restart must be a list, such as ["deployment/webapp"]; received "deployment/a"',
    ],
    ["with a malformed rollout time", { rolloutTime: "600" }, "rolloutTime must be an ISO 8601 duration above zero"],
    ["with a malformed grace", { terminationGrace: "30s" }, 'received "30s"'],
    [
      "with a delay of zero",
      { delay: "PT0S" },
      'delay must be an ISO 8601 duration above zero with its unit, such as PT24H, PT30S or P14D; received "PT0S"',
    ],
    ["with a malformed cache", { clientCache: "5m" }, 'received "5m"'],
  ])("%s", (_, props, message) => {
    expect(target(props)).toThrow(message);
    expect(target(props)).toThrow(KeyturnError);
  });

  test.each<[string, Anything, string]>([
    [
      "without a store",
      { storeName: undefined },
      "an ExternalSecretTarget in stack/Keyturn/Prod: storeName must be a text that is not empty",
    ],
    [
      "with an unknown kind of store",
      { storeKind: "Vault" },
      'storeKind must be one of SecretStore, ClusterSecretStore; received "Vault"',
    ],
    [
      "with a malformed interval",
      { refreshInterval: "1h" },
      'refreshInterval must be an ISO 8601 duration above zero with its unit, such as PT24H, PT30S or P14D; received "1h"',
    ],
  ])("of External Secrets %s", (_, props, message) => {
    expect(() => externalTarget(started(), props)).toThrow(message);
  });

  test.each(["namespace", "secretName", "dataKey", "id", "rolloutTime"])(
    "with a %s that only a deploy knows",
    (property) => {
      const token = new TerraformVariable(newStack(), "late", {}).stringValue;

      expect(target({ [property]: token })).toThrow(`${property} must be a literal`);
    },
  );

  test("with the id of another target of the key", () => {
    const { key, cluster } = started();
    key.addTarget(webTarget(cluster));

    expect(() => key.addTarget(webTarget(cluster, { secretName: "other" }))).toThrow(
      "stack/WebApp: there is a target web already; give each of the key's targets its own id",
    );
  });

  test("that writes a Secret which another target writes, of this key or of another one, whatever its data key", () => {
    const { stack, key, cluster, service } = started();
    key.addTarget(webTarget(cluster));
    const vendor = service.addVendor("Second", {
      vendor: "pictify",
      connection: "second",
      adminSecretName: "keyturn/second",
      plan: "pro",
    });
    const other = new PictifyApiKey(stack, "Other", { vendor, name: "other", type: "test" });
    const again = webTarget(cluster, { id: "again", dataKey: "other-key" });

    expect(() => key.addTarget(again)).toThrow("is written by a target of stack/WebApp already");
    expect(() => other.addTarget(again)).toThrow(
      "stack/Other: the Secret web/pictify-credentials in the cluster prod is written by a target of stack/WebApp already; one Secret holds one key: give each its own secretName",
    );
  });

  test("in a cluster of another service", () => {
    const { stack, key } = started();
    const other = addCluster(newService(stack, { name: "other" }, "OtherService"));

    expect(() => key.addTarget(webTarget(other))).toThrow(
      "is in a cluster of the service other; add the cluster to this key's own",
    );
  });

  test("whose place is too long for a tag of AWS", () => {
    const { key, cluster } = started();

    expect(() => key.addTarget(webTarget(cluster, { secretName: "s".repeat(240) }))).toThrow(
      "a value has at most 256 characters",
    );
  });

  test("when the key's tags become more than 50", () => {
    const { key, cluster } = started({
      tags: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`t${n}`, "x"])),
    });
    key.addTarget(webTarget(cluster));

    expect(() => key.addTarget(webTarget(cluster, { namespace: "api" }))).toThrow(
      "a secret has at most 50 tags, and this one would have 52; take some off, or have fewer targets",
    );
  });
});

describe("an overlap shorter than the way to the workloads", () => {
  const add = (overlap: string, props: Anything = {}, serviceProps = {}) => {
    const { key, cluster } = started({ overlap }, serviceProps);
    return () => key.addTarget(webTarget(cluster, props));
  };

  test("is refused with the sum and its parts", () => {
    expect(add("PT46M")).toThrow(
      "stack/WebApp: overlap must be at least PT46M30S, which a new value may need until the target web uses it; received PT46M. " +
        "It is the sum of PT5M until reconcile sees to it, should the rotation's own call be lost (the service's reconcileInterval), " +
        "PT1M to write it, PT40M of rollout (rolloutTime), PT30S until the old pods are gone (terminationGrace): " +
        "make the overlap longer, or declare shorter what is shorter",
    );
  });

  test.each<[string, Anything, object, string]>([
    ["a rollout", {}, {}, "PT46M30S"],
    ["a short rollout", { rolloutTime: "PT1M", terminationGrace: "PT10S" }, {}, "PT7M10S"],
    ["mounted files", { restart: [] }, {}, "PT8M"],
    ["files with a cache in the process", { restart: [], delay: "PT1M", clientCache: "PT10M" }, {}, "PT17M"],
    ["a slow reconcile", { restart: [] }, { reconcileInterval: "PT1H" }, "PT1H3M"],
  ])("is long enough at the sum, and not a second below: %s", (_, props, serviceProps, sum) => {
    const below = durationText((durationMs(sum) ?? 0) - 1_000);

    expect(add(sum, props, serviceProps)).not.toThrow();
    expect(add(below, props, serviceProps)).toThrow(`overlap must be at least ${sum}, `);
  });

  test("counts the operator's own interval for External Secrets", () => {
    const { key, cluster } = started({ overlap: "PT13H" });

    expect(() => key.addTarget(externalTarget({ cluster }, { refreshInterval: "PT13H" }))).toThrow(
      "overlap must be at least PT13H8M",
    );
    expect(() => key.addTarget(externalTarget({ cluster }, { refreshInterval: "PT12H" }))).not.toThrow();
  });

  test("is the same for every way of dividing it", () => {
    const minutes = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(minutes, minutes, minutes, (rollout, grace, cache) => {
        const props = { rolloutTime: `PT${rollout}M`, terminationGrace: `PT${grace}M`, clientCache: `PT${cache}M` };
        const sum = 6 + rollout + grace + cache;

        expect(add(`PT${sum}M`, props)).not.toThrow();
        expect(add(`PT${sum - 1}M`, props)).toThrow("overlap must be at least");
      }),
      { numRuns: 10 },
    );
  });
});
