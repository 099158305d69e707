import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Declaration } from "../../../lambdas/contracts/declaration.ts";
import { servedDeclaration, servedKey, servedTarget } from "../../../lambdas/contracts/floors.ts";
import { type GrantFile, type GrantsFile, grantsOf, type PlaceGrantFile } from "../../../lambdas/contracts/grants.ts";
import { placeGrantOf } from "../../../lambdas/contracts/place-grant.ts";
import type { TargetDeclaration } from "../../../lambdas/contracts/targets.ts";
import { settingsOfTest } from "../settings-of-test.ts";
import { DAY_MS, declarationOfTest, HOUR_MS, MINUTE_MS } from "../stand.ts";

const SECRET = "keyturn/prod/web";

const serving = (...serves: GrantFile[]) =>
  grantsOf({
    ...settingsOfTest,
    connections: {
      pictify: {
        vendor: "pictify",
        adminSecret: "keyturn/pictify",
        baseUrl: "https://pictify.test",
        plan: "pro",
        propagation: "PT1S",
        reportingDelay: "PT1S",
        skew: "PT1S",
        serves,
      },
    },
  } satisfies GrantsFile);

const own: GrantFile = { secret: SECRET, name: "web", type: "live" };
const impatient: Declaration = {
  ...declarationOfTest,
  overlapMs: 1_000,
  quietMs: 1_000,
  deadlineMs: 1_000,
  onDeadline: "revoke",
};

describe("a key whose tags ask for less than is granted", () => {
  test("waits as long as a key does by default, where its grant says nothing, and the log can say what was asked", () => {
    const { declaration, below } = servedKey(serving(own), impatient, SECRET);

    expect(declaration).toEqual({
      ...impatient,
      overlapMs: DAY_MS,
      quietMs: HOUR_MS,
      deadlineMs: 14 * DAY_MS,
      onDeadline: "report",
    });
    expect(below).toEqual([
      "overlap PT1S (at least PT24H)",
      "quiet PT1S (at least PT1H)",
      "deadline PT1S (at least PT336H)",
      "on-deadline revoke (report)",
    ]);
  });

  test("waits as long as its grant says", () => {
    const minimum = { overlap: "PT10M", quiet: "PT5S", deadline: "PT2H" };
    const { declaration } = servedKey(serving({ ...own, minimum, onDeadline: "revoke" }), impatient, SECRET);

    expect(declaration).toMatchObject({
      overlapMs: 10 * MINUTE_MS,
      quietMs: 5_000,
      deadlineMs: 2 * HOUR_MS,
      onDeadline: "revoke",
    });
  });

  test("waits by its own declaration, also where a pattern grants it less", () => {
    const many: GrantFile = {
      secret: "keyturn/prod/*",
      name: "*",
      type: "*",
      minimum: { overlap: "PT1S", quiet: "PT1S", deadline: "PT1S" },
      onDeadline: "revoke",
    };

    expect(servedKey(serving(many, own), impatient, SECRET).declaration.overlapMs).toBe(DAY_MS);
    expect(servedKey(serving(many), impatient, SECRET).below).toEqual([]);
  });

  test("waits by the longer of two patterns, and is not revoked at its deadline unless both say so", () => {
    const pattern = (overlap: string, more: object = {}): GrantFile => ({
      secret: "keyturn/prod/*",
      name: "*",
      type: "*",
      minimum: { overlap },
      ...more,
    });
    const grants = serving(pattern("PT1H"), pattern("PT2H", { onDeadline: "revoke" }));

    expect(servedKey(grants, impatient, SECRET).declaration).toMatchObject({
      overlapMs: 2 * HOUR_MS,
      onDeadline: "report",
    });
  });

  test("is never served with less than is granted, and never with less than it asks for", () => {
    const ms = fc.integer({ min: 1_000, max: 40 * DAY_MS }).map((value) => Math.ceil(value / 1_000) * 1_000);
    const times = fc.record({ overlapMs: ms, quietMs: ms, deadlineMs: ms });
    fc.assert(
      fc.property(times, times, fc.constantFrom("report" as const, "revoke" as const), (asked, least, onDeadline) => {
        const seconds = (value: number) => `PT${value / 1_000}S`;
        const minimum = {
          overlap: seconds(least.overlapMs),
          quiet: seconds(least.quietMs),
          deadline: seconds(least.deadlineMs),
        };
        const grants = serving({ ...own, minimum, onDeadline });

        const { declaration, below } = servedKey(grants, { ...impatient, ...asked }, SECRET);

        for (const field of ["overlapMs", "quietMs", "deadlineMs"] as const)
          expect(declaration[field]).toBe(Math.max(asked[field], least[field]));
        expect(declaration.onDeadline).toBe(onDeadline);
        const shorter = (["overlapMs", "quietMs", "deadlineMs"] as const).filter(
          (field) => asked[field] < least[field],
        );
        expect(below).toHaveLength(shorter.length + (onDeadline === "report" ? 1 : 0));
      }),
    );
  });

  test("is as it asks to be where nothing grants it any more, so that it can still be ended", () => {
    expect(servedDeclaration(serving(), impatient, SECRET)).toEqual(impatient);
    expect(servedDeclaration(serving(own), impatient, SECRET).quietMs).toBe(HOUR_MS);
  });
});

describe("a target", () => {
  const web: TargetDeclaration = {
    kind: "kubernetes",
    id: "web",
    cluster: "eu",
    namespace: "web",
    name: "pictify",
    dataKey: "api-key",
    restart: [{ kind: "deployment", name: "web" }],
    delayMs: 5 * MINUTE_MS,
  };
  const external: TargetDeclaration = {
    ...web,
    kind: "external-secret",
    store: { kind: "ClusterSecretStore", name: "aws" },
    refreshMs: HOUR_MS,
  };
  const granting = (...serves: PlaceGrantFile[]) =>
    grantsOf({
      ...settingsOfTest,
      connections: {},
      clusters: { eu: { access: { kubeconfigSecret: "clusters/eu" }, serves } },
    });

  test("as it is declared is served as it is", () => {
    for (const target of [web, external]) {
      const served = servedTarget(granting(placeGrantOf(SECRET, target)), target, SECRET);

      expect(served.target).toEqual(target);
      expect(served.below).toEqual([]);
    }
  });

  test("whose tags lost their workloads and ask for a millisecond rolls them out, and waits as declared", () => {
    const tagged = { ...web, restart: [], delayMs: 1 };

    const { target, below } = servedTarget(granting(placeGrantOf(SECRET, web)), tagged, SECRET);

    expect(target).toEqual(web);
    expect(below).toEqual(["delay PT0.001S (at least PT5M)", "no restart of deployment/web"]);
  });

  test("of another app may leave workloads out, and waits at the least as long as mounted files need", () => {
    const allowed = { ...placeGrantOf(SECRET, web), minimum: {} };

    const { target } = servedTarget(granting(allowed), { ...web, restart: [], delayMs: 1 }, SECRET);

    expect(target).toMatchObject({ restart: [], delayMs: 2 * MINUTE_MS });
  });

  test.each<[string, TargetDeclaration]>([
    ["another data key", { ...web, dataKey: "other" }],
    ["another store", { ...external, store: { kind: "ClusterSecretStore", name: "somebodys" } }],
    ["a store of another kind", { ...external, store: { kind: "SecretStore", name: "aws" } }],
  ])("with %s is refused", (_, target) => {
    const grants = granting(placeGrantOf(SECRET, web), placeGrantOf(SECRET, external));

    expect(() => servedTarget(grants, target, SECRET)).toThrow(expect.objectContaining({ code: "NOT_GRANTED" }));
  });

  test("that the operator writes needs a store that is granted", () => {
    const { store: _, ...without } = placeGrantOf(SECRET, external);

    expect(() => servedTarget(granting(without), external, SECRET)).toThrow(/from the store ClusterSecretStore\/aws/);
  });
});
