import { describe, expect, test } from "vitest";
import type { TargetDeclaration } from "../../../../lambdas/contracts/targets.ts";
import { rulesOf } from "../../../../lambdas/targets/kubernetes/rules.ts";
import { secretTarget } from "../../distribution/stand.ts";

const web = { kind: "deployment", name: "web" } as const;
const external: TargetDeclaration = {
  ...secretTarget("shop", { id: "shop", name: "shop-credentials" }),
  kind: "external-secret",
  store: { kind: "SecretStore", name: "aws" },
  refreshMs: 3_600_000,
};

describe("the rules for targets", () => {
  test("are one Role a namespace, with the names of what is reached and nothing else", () => {
    const targets = [secretTarget("web", { restart: [web] }), secretTarget("web", { id: "b", name: "b" }), external];
    expect(rulesOf(targets)).toEqual([
      {
        namespace: "shop",
        rules: [
          { apiGroups: [""], resources: ["secrets"], resourceNames: ["shop-credentials"], verbs: ["get"] },
          {
            apiGroups: ["external-secrets.io"],
            resources: ["externalsecrets"],
            resourceNames: ["shop-credentials"],
            verbs: ["get", "create", "patch"],
          },
        ],
      },
      {
        namespace: "web",
        rules: [
          { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
          {
            apiGroups: [""],
            resources: ["secrets"],
            resourceNames: ["b", "pictify-credentials"],
            verbs: ["get", "create", "patch"],
          },
          { apiGroups: ["apps"], resources: ["deployments"], resourceNames: ["web"], verbs: ["get", "patch"] },
        ],
      },
    ]);
  });

  test("are the same for the same targets in another order", () => {
    const targets = [secretTarget("web", { restart: [web] }), secretTarget("a"), external];
    expect(rulesOf(targets.toReversed())).toEqual(rulesOf(targets));
  });

  test("never let pods be listed where nothing is rolled out, and never delete or list Secrets", () => {
    const verbs = rulesOf([secretTarget("web"), external]).flatMap(({ rules }) => rules.flatMap((rule) => rule.verbs));
    expect(new Set(verbs)).toEqual(new Set(["get", "create", "patch"]));
  });
});
