import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { declarationOf, declarationTags } from "../../../lambdas/contracts/declaration.ts";
import { decodePart, encodePart, hasTargets, targetsOf, targetTags } from "../../../lambdas/contracts/target-tags.ts";
import { type TargetDeclaration, WORKLOAD_KINDS } from "../../../lambdas/contracts/targets.ts";
import { declarationOfTest } from "../stand.ts";

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

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const subdomain = fc.array(label, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
const workload = fc.record({ kind: fc.constantFrom(...WORKLOAD_KINDS), name: subdomain });
const place = {
  id: label,
  cluster: label,
  namespace: label,
  name: subdomain,
  dataKey: fc.stringMatching(/^[-_a-zA-Z0-9][-._a-zA-Z0-9]{0,30}$/),
  restart: fc.array(workload, { maxLength: 40 }),
  delayMs: fc.integer({ min: 1, max: 10_000_000 }),
};
const anyTarget: fc.Arbitrary<TargetDeclaration> = fc.oneof(
  fc.record({ kind: fc.constant("kubernetes" as const), ...place }),
  fc.record({
    kind: fc.constant("external-secret" as const),
    ...place,
    store: fc.record({ kind: fc.constantFrom("SecretStore" as const, "ClusterSecretStore" as const), name: subdomain }),
    refreshMs: fc.integer({ min: 1, max: 10_000_000 }),
  }),
);

describe("targets", () => {
  test("are carried by tags as the pages say", () => {
    expect(targetTags(web)).toEqual({
      "keyturn:target:web": "kubernetes/prod/web/pictify-credentials/api-key",
      "keyturn:restart:web": "deployment/webapp",
    });
  });

  test("of any kind are read back whole from tags that AWS takes", () => {
    fc.assert(
      fc.property(anyTarget, (target) => {
        const tags = targetTags(target);
        for (const [key, value] of Object.entries(tags)) {
          expect(`${key}${value}`).toMatch(/^[\w .:/=+@-]+$/);
          expect(key.length).toBeLessThanOrEqual(128);
          expect(value.length).toBeLessThanOrEqual(256);
        }
        expect(targetsOf(tags)).toEqual([{ id: target.id, target }]);
      }),
    );
  });

  test("stand beside a declaration, which is read as before", () => {
    const tags = { ...declarationTags(declarationOfTest), ...targetTags(web) };
    expect(declarationOf(tags, "keyturn/prod/web")).toEqual(declarationOfTest);
    expect(hasTargets(declarationTags(declarationOfTest))).toBe(false);
    expect(hasTargets(tags)).toBe(true);
  });

  test.each([
    ["a place of four parts", { "keyturn:target:web": "kubernetes/prod/web/x" }, "must have five parts"],
    ["an unknown kind", { "keyturn:target:web": "vault/prod/web/x/y" }, "kind"],
    ["a bad namespace", { "keyturn:target:web": "kubernetes/prod/Web/x/y" }, "namespace: must be a DNS label"],
    ["a bad data key", { "keyturn:target:web": "kubernetes/prod/web/x/a=2Fb" }, "dataKey: must be 1 to 249"],
    ["an unknown workload", { ...targetTags(web), "keyturn:restart:web": "job/x" }, "restart.0.kind"],
    ["no place", { "keyturn:restart:web": "deployment/x" }, "no keyturn:target:web"],
    ["a bad delay", { ...targetTags(web), "keyturn:delay:web": "soon" }, "delayMs: must be an ISO 8601 duration"],
  ])("with %s are named with what is wrong, and hold up no others", (_, tags, problem) => {
    const other = { ...web, id: "z", name: "other" };
    expect(targetsOf({ ...tags, ...targetTags(other) })).toEqual([
      { id: "web", problem: expect.stringContaining(problem) },
      { id: "z", target: other },
    ]);
  });

  test("that would take turns at one Secret are both refused", () => {
    const tags = { ...targetTags(web), ...targetTags({ ...web, id: "again", dataKey: "token" }) };
    expect(targetsOf(tags)).toEqual([
      { id: "again", problem: "the targets again and web both write prod/web/pictify-credentials; keep one of them" },
      { id: "web", problem: "the targets web and again both write prod/web/pictify-credentials; keep one of them" },
    ]);
  });
});

describe("a part of a tag", () => {
  test("keeps every text, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const part = encodePart(text);
        expect(part).toMatch(/^[\w.:@+=-]*$/);
        expect(decodePart(part)).toBe(text);
      }),
    );
  });

  test.each(["a=zz", "=2f", "a b", "=41"])("is refused when nobody encoded it so: %j", (part) => {
    expect(() => decodePart(part)).toThrow("is not encoded as it must be");
  });
});
