import { describe, expect, test } from "vitest";
import { read } from "../../../../lambdas/contracts/read.ts";
import { workloadObject } from "../../../../lambdas/targets/kubernetes/objects.ts";
import { requiresKey, variablesOf } from "../../../../lambdas/targets/kubernetes/references.ts";

const NAME = "pictify-credentials";
const OLD = "api-key_OLD";

const workloadWith = (spec: object) =>
  read(
    workloadObject,
    { metadata: { name: "web" }, spec: { selector: {}, template: { spec: { containers: [], ...spec } } } },
    "a workload",
  );

const variable = (changes: object = {}) => ({
  name: "c",
  env: [{ name: "OLD", valueFrom: { secretKeyRef: { name: NAME, key: OLD, ...changes } } }],
});
const items = [{ key: OLD, path: "old" }];
const mounting = (subPath: string, name = "v") => ({
  name: "c",
  volumeMounts: [{ name, mountPath: "/etc/old", subPath }],
});

describe("a data key", () => {
  test.each([
    ["a variable of a container", { containers: [variable()] }],
    ["a variable of an init container", { initContainers: [variable()] }],
    ["an item of a volume", { volumes: [{ name: "v", secret: { secretName: NAME, items } }] }],
    [
      "an item of a projected volume",
      { volumes: [{ name: "v", projected: { sources: [{ secret: { name: NAME, items } }] } }] },
    ],
    [
      "a single file of a volume of all of the Secret",
      { containers: [mounting(OLD)], volumes: [{ name: "v", secret: { secretName: NAME } }] },
    ],
    [
      "a single file of a projected volume of all of the Secret",
      {
        initContainers: [mounting(OLD)],
        volumes: [{ name: "v", projected: { sources: [{ secret: { name: NAME } }] } }],
      },
    ],
  ])("is required by %s", (_, spec) => {
    expect(requiresKey(workloadWith(spec), NAME, OLD)).toBe(true);
  });

  test.each([
    ["an optional variable", { containers: [variable({ optional: true })] }],
    ["a variable with another key", { containers: [variable({ key: "api-key" })] }],
    ["a variable of another Secret", { containers: [variable({ name: "other" })] }],
    ["a plain variable", { containers: [{ name: "c", env: [{ name: "A", value: "a" }] }] }],
    ["an optional volume", { volumes: [{ name: "v", secret: { secretName: NAME, optional: true, items } }] }],
    ["a volume of whatever is in the Secret", { volumes: [{ name: "v", secret: { secretName: NAME } }] }],
    [
      "an optional projected volume",
      { volumes: [{ name: "v", projected: { sources: [{ secret: { name: NAME, optional: true, items } }] } }] },
    ],
    [
      "a single file of another name",
      { containers: [mounting("api-key")], volumes: [{ name: "v", secret: { secretName: NAME } }] },
    ],
    [
      "a single file of another volume",
      { containers: [mounting(OLD, "other")], volumes: [{ name: "v", secret: { secretName: NAME } }] },
    ],
    [
      "a single file of an optional volume",
      { containers: [mounting(OLD)], volumes: [{ name: "v", secret: { secretName: NAME, optional: true } }] },
    ],
    [
      "variables of whatever is in the Secret",
      { containers: [{ name: "c", envFrom: [{ secretRef: { name: NAME } }] }] },
    ],
    ["a volume of something else", { volumes: [{ name: "v", emptyDir: {} }] }],
  ])("is not required by %s", (_, spec) => {
    expect(requiresKey(workloadWith(spec), NAME, OLD)).toBe(false);
  });
});

describe("variables that envFrom makes", () => {
  const taking = (envFrom: object, kind = "containers") =>
    variablesOf(workloadWith({ [kind]: [{ name: "c", envFrom: [envFrom] }] }), NAME, "api-key");

  test("have the data key's name, after the prefix, in containers and init containers", () => {
    expect(taking({ secretRef: { name: NAME } })).toEqual(["api-key"]);
    expect(taking({ prefix: "APP_", secretRef: { name: NAME } }, "initContainers")).toEqual(["APP_api-key"]);
  });

  test("are none of another Secret's, nor of a ConfigMap's", () => {
    expect(taking({ secretRef: { name: "other" } })).toEqual([]);
    expect(taking({ configMapRef: { name: NAME } })).toEqual([]);
  });
});
