import { beforeAll, describe, expect, test } from "vitest";
import { CORE_FUNCTION_NAMES, FUNCTION_NAMES } from "../../constructs/functions.ts";
import { PictifyApiKey, PictographApiKey } from "../../constructs/index.ts";
import { servedKey } from "../../lambdas/contracts/floors.ts";
import { grantsOf } from "../../lambdas/contracts/grants.ts";
import {
  addCluster,
  addPictify,
  addPictograph,
  addWebKey,
  fullSynth,
  grantsFile,
  newService,
  newStack,
  webTarget,
  zipFiles,
} from "./declare.ts";

/** A key of another app whose tags ask for as little as they can. */
const EAGER = {
  service: "platform-prod",
  connection: "pictify",
  overlapMs: 1,
  quietMs: 1,
  deadlineMs: 1,
  onDeadline: "revoke",
} as const;

describe("grants.json", () => {
  test("lies beside the handler in every function's zip, the same in each", () => {
    const stack = newStack();
    addPictify(newService(stack));
    const folder = fullSynth(stack);

    const zips = CORE_FUNCTION_NAMES.map((name) => zipFiles(folder, "platform-prod", name));

    for (const zip of zips) expect(Object.keys(zip)).toEqual(["grants.json", "index.js"]);
    expect(new Set(zips.map((zip) => zip["grants.json"])).size).toBe(1);
    expect(zips[0]?.["index.js"]).toContain("rotate");
  });

  test("lies beside distribute as well, where there is a target", () => {
    const stack = newStack();
    const service = newService(stack);
    addWebKey(service, [webTarget(addCluster(service))]);
    const folder = fullSynth(stack);

    const zips = FUNCTION_NAMES.map((name) => zipFiles(folder, "platform-prod", name));

    expect(new Set(zips.map((zip) => zip["grants.json"])).size).toBe(1);
  });

  test("says by default what the service is, and grants nothing", () => {
    const stack = newStack();
    newService(stack);

    expect(grantsFile(stack)).toEqual({
      service: "platform-prod",
      mintTimeout: "PT5M",
      reconcileInterval: "PT5M",
      strayAge: "PT24H",
      stuckAge: "PT6H",
      strays: "report",
      maxStrayRevocations: 5,
      maxReplacements: 5,
      connections: {},
    });
  });

  test("grants exactly the declared keys, at the vendors' documented places and delays", () => {
    const stack = newStack();
    const service = newService(stack);
    new PictifyApiKey(stack, "WebApp", { vendor: addPictify(service), name: "webapp", type: "live" });
    new PictographApiKey(stack, "Ml", { vendor: addPictograph(service), name: "ml", role: "owner" });

    expect(grantsFile(stack).connections).toEqual({
      pictify: {
        vendor: "pictify",
        adminSecret: "keyturn/pictify",
        baseUrl: "https://api.pictify.io",
        plan: "pro",
        propagation: "PT30S",
        reportingDelay: "PT5M",
        skew: "PT5M",
        serves: [{ secret: "keyturn/platform-prod/webapp", name: "webapp", type: "live" }],
      },
      pictograph: {
        vendor: "pictograph",
        adminSecret: "keyturn/pictograph",
        baseUrl: "https://api.pictograph.io",
        organizationId: "org-1",
        plan: "pro",
        propagation: "PT5S",
        reportingDelay: "PT5M",
        skew: "PT5M",
        serves: [{ secret: "keyturn/platform-prod/ml", name: "ml", role: "owner" }],
      },
    });
  });

  test("has what the service and the connection were given", () => {
    const stack = newStack();
    const service = newService(stack, {
      reconcileInterval: "PT1M",
      strayAge: "PT1H",
      stuckAge: "PT2H",
      strays: "revoke",
      maxStrayRevocations: 9,
      maxReplacements: 3,
    });
    addPictify(service, {
      connection: "renders",
      baseUrl: "http://127.0.0.1:4010/",
      maxKeys: 7,
      propagation: "PT3S",
      reportingDelay: "PT5S",
      skew: "PT1S",
      lastUseResolution: "PT1H",
      reconcileRequestsPerDay: 500,
      allow: [{ name: "ci-*", type: "test" }],
    });

    expect(grantsOf(grantsFile(stack))).toMatchObject({
      reconcileInterval: 60_000,
      strayAge: 3_600_000,
      stuckAge: 7_200_000,
      strays: "revoke",
      maxStrayRevocations: 9,
      maxReplacements: 3,
      connections: {
        renders: {
          baseUrl: "http://127.0.0.1:4010",
          maxKeys: 7,
          propagation: 3_000,
          reportingDelay: 5_000,
          skew: 1_000,
          lastUseResolution: 3_600_000,
          reconcileRequestsPerDay: 500,
          serves: [{ secret: "keyturn/platform-prod/ci-*", name: "ci-*", type: "test" }],
        },
      },
    });
  });
});

describe("the least that is waited for", () => {
  test("is what a key declares, where that is not a key's default", () => {
    const stack = newStack();
    const vendor = addPictify(newService(stack));
    const more = { deadline: "P30D", onDeadline: "revoke" } as const;
    new PictifyApiKey(stack, "A", { vendor, name: "a", type: "live", overlap: "PT2H", quiet: "PT10M", ...more });
    new PictifyApiKey(stack, "B", { vendor, name: "b", type: "live", overlap: "PT24H", quiet: "PT1H" });

    expect(grantsFile(stack).connections.pictify?.serves).toEqual([
      {
        secret: "keyturn/platform-prod/a",
        name: "a",
        type: "live",
        minimum: { overlap: "PT2H", quiet: "PT10M", deadline: "PT720H" },
        onDeadline: "revoke",
      },
      { secret: "keyturn/platform-prod/b", name: "b", type: "live" },
    ]);
  });

  test("of keys of other apps is a key's default, or what allow says", () => {
    const stack = newStack();
    addPictify(newService(stack), {
      allow: [
        { name: "ci-*", type: "test", minimum: { overlap: "PT30M" }, onDeadline: "revoke" },
        { name: "web-*", type: "live" },
      ],
    });

    const grants = grantsOf(grantsFile(stack));
    const served = (name: string, type: string) =>
      servedKey(grants, { ...EAGER, name, access: { kind: "type", value: type } }, `keyturn/platform-prod/${name}`)
        .declaration;

    expect(served("ci-e2e", "test")).toMatchObject({
      overlapMs: 30 * 60_000,
      quietMs: 3_600_000,
      deadlineMs: 14 * 24 * 3_600_000,
      onDeadline: "revoke",
    });
    expect(served("web-shop", "live")).toMatchObject({ overlapMs: 24 * 3_600_000, onDeadline: "report" });
  });
});

test("a key of another app that was renamed is served with the secret that it kept", () => {
  const stack = newStack();
  addPictify(newService(stack), {
    allow: [{ name: "web-shop", type: "live", secretName: "keyturn/platform-prod/shop" }],
  });

  expect(grantsFile(stack).connections.pictify?.serves).toEqual([
    { secret: "keyturn/platform-prod/shop", name: "web-shop", type: "live" },
  ]);
});

describe("the order of declarations", () => {
  const names = ["zebra", "apple", "mango"];
  const declare = (order: readonly string[], pictographFirst: boolean): string => {
    const stack = newStack();
    const service = newService(stack);
    const pictograph = pictographFirst ? addPictograph(service) : undefined;
    const pictify = addPictify(service);
    if (!pictograph) addPictograph(service);
    for (const name of order) new PictifyApiKey(stack, name, { vendor: pictify, name, type: "test" });
    return zipFiles(fullSynth(stack), "platform-prod", "rotate")["grants.json"] ?? "";
  };
  let text: string;
  beforeAll(() => {
    text = declare(names, true);
  });

  test("does not change grants.json", () => {
    expect(declare(names.toReversed(), false)).toBe(text);
  });

  test("does not keep a key out that is declared last", () => {
    expect(text).toContain("keyturn/platform-prod/mango");
  });
});
