import { describe, expect, test } from "vitest";
import { grantsOf, placeFor } from "../../../lambdas/contracts/grants.ts";
import type { TargetDeclaration } from "../../../lambdas/contracts/targets.ts";
import { settingsOfTest } from "../settings-of-test.ts";

const web: TargetDeclaration = {
  kind: "kubernetes",
  id: "web",
  cluster: "prod",
  namespace: "web",
  name: "pictify-credentials",
  dataKey: "api-key",
  restart: [{ kind: "deployment", name: "webapp" }],
  delayMs: 120_000,
};

describe("what a service grants of clusters", () => {
  const served = {
    secret: "keyturn/prod/web",
    kind: "kubernetes",
    namespace: "web",
    name: "pictify-credentials",
    restart: ["deployment/webapp"],
  } as const;
  const grants = grantsOf({
    ...settingsOfTest,
    connections: {},
    clusters: {
      prod: {
        access: { eks: { name: "prod", region: "eu-central-1" } },
        serves: [{ ...served, restart: [...served.restart] }],
      },
    },
  });

  test("is exactly the declared place", () => {
    expect(placeFor(grants, web, "keyturn/prod/web").cluster.access).toEqual({
      eks: { name: "prod", region: "eu-central-1" },
    });
    expect(placeFor(grants, { ...web, restart: [] }, "keyturn/prod/web").cluster).toBeDefined();
  });

  test.each([
    ["another key", web, "keyturn/prod/other"],
    ["another cluster", { ...web, cluster: "stage" }, "keyturn/prod/web"],
    ["another namespace", { ...web, namespace: "kube-system" }, "keyturn/prod/web"],
    ["another Secret", { ...web, name: "other" }, "keyturn/prod/web"],
    ["another workload", { ...web, restart: [{ kind: "deployment", name: "other" }] }, "keyturn/prod/web"],
    [
      "another kind",
      { ...web, kind: "external-secret", store: { kind: "SecretStore", name: "s" }, refreshMs: 1 },
      "keyturn/prod/web",
    ],
  ] as const)("is not %s", (_, target, secretName) => {
    expect(() => placeFor(grants, target as TargetDeclaration, secretName).cluster).toThrow(
      expect.objectContaining({ code: "NOT_GRANTED" }),
    );
  });
});
