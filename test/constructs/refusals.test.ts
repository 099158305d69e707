import { TerraformStack, TerraformVariable } from "cdktf";
import { describe, expect, test } from "vitest";
import { KeyRotationService, PictifyApiKey, PictographApiKey } from "../../constructs/index.ts";
import { grantFor, grantsOf } from "../../lambdas/contracts/grants.ts";
import { KeyturnError } from "../../lambdas/errors.ts";
import { VENDORS } from "../../lambdas/vendors/registry.ts";
import { addPictify, addPictograph, grantsFile, newApp, newService, newStack, sharedBundles } from "./declare.ts";

/** Props as somebody may write them who is not held back by types. */
// biome-ignore lint/suspicious/noExplicitAny: that is what these tests are about
type Anything = any;

const codeOf = (action: () => unknown): string | undefined => {
  try {
    action();
  } catch (error) {
    if (error instanceof KeyturnError) return error.code;
    throw error;
  }
  return undefined;
};

const refusesService = (props: Anything) => () => newService(newStack(), props);
const refusesPictify = (props: Anything) => () => addPictify(newService(newStack()), props);
const refusesPictograph = (props: Anything) => () => addPictograph(newService(newStack()), props);
const pictifyKey =
  (props: Anything, { service = {}, vendor = {} }: Anything = {}) =>
  () => {
    const stack = newStack();
    const connection = addPictify(newService(stack, service), vendor);
    return new PictifyApiKey(stack, "WebApp", { vendor: connection, name: "prod-webapp", type: "live", ...props });
  };
const pictographKey = (props: Anything) => () => {
  const stack = newStack();
  const connection = addPictograph(newService(stack));
  return new PictographApiKey(stack, "Training", { vendor: connection, name: "training", role: "member", ...props });
};

const DURATION = "must be an ISO 8601 duration above zero with its unit, such as PT24H, PT30S or P14D; received";

describe("a service is refused", () => {
  test.each<[string, Anything, string]>([
    ["without a name", { name: "" }, 'stack/Keyturn: name must be a text that is not empty, not ""'],
    ["with a name that no vendor takes", { name: "Platform_Prod" }, 'received "Platform_Prod"'],
    ["with a name too long for its roles", { name: "a".repeat(31) }, "name must have at most 30 characters"],
    [
      "with an interval under a minute",
      { reconcileInterval: "PT30S" },
      "reconcileInterval must be whole minutes from PT1M to PT24H",
    ],
    [
      "with an interval that is no whole minutes",
      { reconcileInterval: "PT90S" },
      'whole minutes from PT1M to PT24H; received "PT90S"',
    ],
    ["with an interval over a day", { reconcileInterval: "P2D" }, 'received "P2D"'],
    ["with a malformed interval", { reconcileInterval: "5 minutes" }, `reconcileInterval ${DURATION} "5 minutes"`],
    ["with a stray age without unit", { strayAge: "24" }, `strayAge ${DURATION} "24"`],
    ["with a stuck age of zero", { stuckAge: "PT0S" }, `stuckAge ${DURATION} "PT0S"`],
    [
      "with an unknown way with strays",
      { strays: "delete" },
      'strays must be one of report, revoke; received "delete"',
    ],
    [
      "with a brake that lets nothing through",
      { maxStrayRevocations: 0 },
      "maxStrayRevocations must be a whole number from 1 to 1000; received 0",
    ],
    [
      "with a brake that replaces nothing",
      { maxReplacements: 0 },
      "maxReplacements must be a whole number from 1 to 1000; received 0",
    ],
    [
      "with a retention that CloudWatch does not have",
      { logRetentionDays: 45 },
      "logRetentionDays must be one of 1, 3, 5",
    ],
    [
      "with an unknown architecture",
      { architecture: "riscv" },
      'architecture must be one of x86_64, arm64; received "riscv"',
    ],
    ["with no concurrency at all", { reservedConcurrency: 0 }, "reservedConcurrency must be a whole number from 1"],
    ["before its functions are built", { bundles: "/nowhere" }, 'run "npm run build"'],
  ])("%s", (_, props, message) => {
    expect(refusesService(props)).toThrow(message);
    expect(codeOf(refusesService(props))).toBe("BAD_INPUT");
  });
});

describe("a vendor connection is refused", () => {
  test.each<[string, Anything, string]>([
    [
      "to an unknown vendor",
      { vendor: "pictionary" },
      'stack/Keyturn/Pictify: vendor must be one of pictify, pictograph; received "pictionary"',
    ],
    [
      "on an unknown plan",
      { plan: "platinum" },
      'plan must be one of free, pro, business, enterprise; received "platinum"',
    ],
    ["without an admin secret", { adminSecretName: "" }, "adminSecretName must be a text that is not empty"],
    ["with the admin secret's ARN", { adminSecretName: "arn:aws:secretsmanager:x:1:secret:y" }, "not its ARN"],
    ["with an admin secret by wildcard", { adminSecretName: "keyturn/*" }, "adminSecretName must be a secret's name"],
    [
      "with an admin secret among the managed ones",
      { adminSecretName: "keyturn/platform-prod/admin" },
      "must not begin with keyturn/platform-prod/",
    ],
    ["with a malformed connection name", { connection: "My Pictify" }, "connection must be 1 to 40 of a-z, 0-9 and -"],
    [
      "with a URL that is none",
      { baseUrl: "api.pictify.io" },
      'baseUrl must be an https URL (http only on this machine\'s loopback); received "api.pictify.io"',
    ],
    ["over plain http to another machine", { baseUrl: "http://api.pictify.io" }, "baseUrl must be an https URL"],
    ["with a propagation of zero", { propagation: "PT0S" }, `propagation ${DURATION} "PT0S"`],
    ["with a malformed reporting delay", { reportingDelay: "5m" }, `reportingDelay ${DURATION} "5m"`],
    ["with a malformed resolution of last use", { lastUseResolution: "1h" }, `lastUseResolution ${DURATION} "1h"`],
    [
      "with a budget of no requests",
      { reconcileRequestsPerDay: 0 },
      "reconcileRequestsPerDay must be a whole number from 1 to 10000000; received 0",
    ],
    ["with a malformed skew", { skew: "P1M" }, `skew ${DURATION} "P1M"`],
    ["with a limit of no keys", { maxKeys: 0 }, "maxKeys must be a whole number from 1"],
    [
      "allowing a malformed name",
      { allow: [{ name: "*-ci", type: "test" }] },
      'allow.name must be a key\'s name, or the beginning of one followed by *; received "*-ci"',
    ],
    [
      "allowing times that are none",
      { allow: [{ name: "ci", type: "test", minimum: { overlap: "1h" } }] },
      'allow.minimum.overlap must be an ISO 8601 duration above zero with its unit, such as PT24H, PT30S or P14D; received "1h"',
    ],
    ["allowing without a type", { allow: [{ name: "ci-*" }] }, "allow must give the type of each entry"],
    [
      "allowing a role where the vendor has types",
      { allow: [{ name: "ci", role: "member" }] },
      "allow must give the type of each entry",
    ],
    [
      "allowing an unknown type",
      { allow: [{ name: "ci", type: "admin" }] },
      'allow.type must be one of test, live, or *; received "admin"',
    ],
    [
      "allowing a pattern of names with one secret",
      { allow: [{ name: "ci-*", type: "test", secretName: "keyturn/platform-prod/ci" }] },
      "allow must not give a secretName to a pattern of names",
    ],
    [
      "allowing a secret of another service",
      { allow: [{ name: "ci", type: "test", secretName: "keyturn/other/ci" }] },
      'allow.secretName must be keyturn/platform-prod/ and 1 to 40 of a-z, 0-9 and -, because the functions reach no other secret; received "keyturn/other/ci"',
    ],
  ])("%s", (_, props, message) => {
    expect(refusesPictify(props)).toThrow(message);
    expect(codeOf(refusesPictify(props))).toBe("BAD_INPUT");
  });

  test.each([undefined, "", "  "])("without the organization that its vendor needs (%j)", (organizationId) => {
    expect(refusesPictograph({ organizationId })).toThrow("organizationId");
  });

  test("with a password in its URL, which is not shown", () => {
    expect(refusesPictify({ baseUrl: "https://user:hunter2@api.pictify.io" })).toThrow("no user, password");
    expect(refusesPictify({ baseUrl: "https://user:hunter2@api.pictify.io" })).not.toThrow("hunter2");
  });

  test("with a key in place of a name, which is not shown", () => {
    const adminSecretName = `pk_live_${"a".repeat(32)}:`;

    expect(refusesPictify({ adminSecretName })).toThrow("[redacted]");
  });

  test("with a name that another connection of the service has", () => {
    const service = newService(newStack());
    addPictify(service);

    const again = () => service.addVendor("Second", { vendor: "pictify", adminSecretName: "keyturn/two", plan: "pro" });

    expect(again).toThrow('has a connection pictify already; give this one a name of its own (connection: "…")');
  });

  test.each(["owner", "admin"])("allowing %s by a pattern, which the handlers would not honour either", (role) => {
    expect(refusesPictograph({ allow: [{ name: "ops-*", role }] })).toThrow("name each key that may have it");
    expect(refusesPictograph({ allow: [{ name: "ops-root", role }] })).not.toThrow();
  });

  test("the roles that a pattern never grants are those that the handlers hold back", () => {
    const stack = newStack();
    addPictograph(newService(stack), { allow: [{ name: "*", role: "*" }] });
    const grants = grantsOf(grantsFile(stack));
    const declaration = { service: "platform-prod", connection: "pictograph", name: "x" };
    const times = { overlapMs: 1, quietMs: 1, deadlineMs: 2, onDeadline: "report" } as const;
    const held = (value: string) =>
      codeOf(
        () =>
          grantFor(grants, { ...declaration, ...times, access: { kind: "role", value } }, "keyturn/platform-prod/x")
            .connection,
      ) === "NOT_GRANTED";
    const refused = (role: string) => codeOf(refusesPictograph({ allow: [{ name: "*", role }] })) === "BAD_INPUT";

    const roles = VENDORS.pictograph?.accessValues ?? [];

    expect(roles.filter(refused)).toEqual(roles.filter(held));
    expect(roles.filter(held).length).toBeGreaterThan(0);
  });
});

describe("a key is refused", () => {
  test.each<[string, Anything, string]>([
    ["without a name", { name: undefined }, "stack/WebApp: name must be a text that is not empty"],
    ["with a name that the vendor refuses", { name: "Prod Webapp" }, 'received "Prod Webapp"'],
    ["with a name too long", { name: "a".repeat(41) }, "name must be 1 to 40 of a-z, 0-9 and -"],
    ["with an unknown type", { type: "prod" }, 'pictify\'s type must be one of test, live; received "prod"'],
    ["without a vendor", { vendor: undefined }, "vendor must be what the service's addVendor returned"],
    [
      "with a vendor's name for its connection",
      { vendor: "pictify" },
      "vendor must be what the service's addVendor returned",
    ],
    [
      "with a secret's name outside of the service's",
      { secretName: "prod/pictify" },
      'secretName must be keyturn/platform-prod/ and 1 to 40 of a-z, 0-9 and -, because the functions reach no other secret; received "prod/pictify"',
    ],
    ["with an empty id of a key to take over", { adoptKeyId: " " }, "adoptKeyId must be a text that is not empty"],
    [
      "with a timeout in another form than all other durations",
      { timeouts: { create: "30m" } },
      `timeouts.create ${DURATION} "30m"`,
    ],
    ["with an overlap of zero", { overlap: "PT0H" }, `overlap ${DURATION} "PT0H"`],
    ["with an overlap without unit", { overlap: "24" }, `overlap ${DURATION} "24"`],
    [
      "with an overlap as long as the rotation period",
      { overlap: "P90D" },
      "overlap must be shorter than the rotation period (rotateAfterDays 90); received PT2160H",
    ],
    [
      "with an overlap longer than a short period",
      { overlap: "P2D", rotateAfterDays: 1 },
      "overlap must be shorter than the rotation period",
    ],
    [
      "with an overlap that a spread period may be shorter than",
      { overlap: "P85D" },
      "up to 9 days shorter (rotateAfterDays 90, spreadDays 9); received PT2040H; give spreadDays: 0",
    ],
    [
      "with a spread as long as the period",
      { spreadDays: 90 },
      "spreadDays (0 for none) must be a whole number from 1 to 89; received 90",
    ],
    ["with a malformed quiet period", { quiet: "1h" }, `quiet ${DURATION} "1h"`],
    ["with a malformed deadline", { deadline: "P1Y" }, `deadline ${DURATION} "P1Y"`],
    ["with a deadline within the overlap", { deadline: "PT12H" }, "deadline must be longer than the overlap (PT24H)"],
    ["with an unknown end", { onDeadline: "destroy" }, 'onDeadline must be one of report, revoke; received "destroy"'],
    ["with no rotation", { rotateAfterDays: 0 }, "rotateAfterDays must be a whole number from 1 to 1000; received 0"],
    ["with half a day", { rotateAfterDays: 1.5 }, "received 1.5"],
    [
      "with a recovery window that AWS does not have",
      { recoveryWindowInDays: 3 },
      "recoveryWindowInDays (0 for none) must be a whole number from 7 to 30",
    ],
    ["with a tag of ours", { tags: { "keyturn:role": "owner" } }, 'tags must not have "keyturn:role"'],
    ["with a tag of AWS's", { tags: { "AWS:x": "y" } }, 'tags must not have "AWS:x"'],
  ])("%s", (_, props, message) => {
    expect(pictifyKey(props)).toThrow(message);
    expect(codeOf(pictifyKey(props))).toBe("BAD_INPUT");
  });

  test("with a role that its vendor does not have", () => {
    expect(pictographKey({ role: "superuser" })).toThrow(
      'pictograph\'s role must be one of viewer, member, admin, owner; received "superuser"',
    );
  });

  test("at a connection to another vendor", () => {
    const stack = newStack();
    const vendor = addPictograph(newService(stack));

    expect(() => new PictifyApiKey(stack, "WebApp", { vendor, name: "a", type: "live" })).toThrow(
      'vendor must be a connection to pictify; "pictograph" is one to pictograph',
    );
  });

  test("with a name that another key of the service has, whoever its vendor", () => {
    const stack = newStack();
    const service = newService(stack);
    new PictifyApiKey(stack, "One", { vendor: addPictify(service), name: "same", type: "test" });

    expect(
      () => new PictographApiKey(stack, "Two", { vendor: addPictograph(service), name: "same", role: "viewer" }),
    ).toThrow('stack/Two: the service platform-prod has a key named "same" already (stack/One)');
  });

  test("with a secret that another key of the service has", () => {
    const stack = newStack();
    const vendor = addPictify(newService(stack));
    new PictifyApiKey(stack, "One", { vendor, name: "one", type: "test" });
    const secretName = "keyturn/platform-prod/one";

    expect(() => new PictifyApiKey(stack, "Two", { vendor, name: "two", type: "test", secretName })).toThrow(
      "stack/Two: the secret keyturn/platform-prod/one holds another key already (stack/One)",
    );
  });

  test("live, in a service that says it is not production", () => {
    const service = { production: false };

    expect(pictifyKey({}, { service })).toThrow("the service platform-prod says production: false");
    expect(pictifyKey({ type: "test" }, { service })).not.toThrow();
  });

  test.each(["live", "*"])("by an allow list with %s in a service that is not production", (type) => {
    const service = newService(newStack(), { production: false });

    expect(() => addPictify(service, { allow: [{ name: "ci", type }] })).toThrow("production: false");
  });

  test("in another stack than its service's", () => {
    const app = newApp();
    const [own, other] = [new TerraformStack(app, "own"), new TerraformStack(app, "other")];
    const service = new KeyRotationService(own, "Keyturn", { name: "platform-prod", bundles: sharedBundles() });

    expect(() => new PictifyApiKey(other, "WebApp", { vendor: addPictify(service), name: "a", type: "live" })).toThrow(
      "must be declared in the stack of its service (own); elsewhere use fromSecretName",
    );
  });
});

describe("a plan without a spare slot is refused", () => {
  const declareKeys = (count: number, vendorProps: Anything) => {
    const stack = newStack();
    const vendor = addPictify(newService(stack), vendorProps);
    for (let index = 0; index < count; index++)
      new PictifyApiKey(stack, `Key${index}`, { vendor, name: `key-${index}`, type: "live" });
    return { stack, vendor };
  };

  test("when a type's keys fill its limit", () => {
    expect(() => declareKeys(1, { plan: "free" })).not.toThrow();
    expect(() => declareKeys(2, { plan: "free" })).toThrow(
      "stack/Key1: pictify's plan free allows 2 keys with type live at once, and with this one 2 are declared",
    );
    expect(codeOf(() => declareKeys(2, { plan: "free" }))).toBe("KEY_LIMIT");
  });

  test("but keys of another type take no slot of this one", () => {
    const { stack, vendor } = declareKeys(1, { plan: "free" });

    expect(() => new PictifyApiKey(stack, "Ci", { vendor, name: "ci", type: "test" })).not.toThrow();
  });

  test("when all keys fill maxKeys", () => {
    expect(() => declareKeys(2, { plan: "enterprise", maxKeys: 3 })).not.toThrow();
    expect(() => declareKeys(3, { plan: "enterprise", maxKeys: 3 })).toThrow(
      "stack/Key2: maxKeys allows 3 keys at once",
    );
  });

  test("but a plan without a known limit takes any number", () => {
    expect(() => declareKeys(60, { plan: "enterprise" })).not.toThrow();
  });
});

describe("a value that only a deploy knows is refused, and its property named", () => {
  const token = (): Anything => {
    const stack = newStack();
    return new TerraformVariable(stack, "late", { type: "string" }).stringValue;
  };

  test.each(["name", "reconcileInterval", "strayAge", "strays"])("service %s", (property) => {
    expect(refusesService({ [property]: token() })).toThrow(`${property} must be a literal`);
  });

  test.each([
    "vendor",
    "adminSecretName",
    "plan",
    "connection",
    "baseUrl",
    "propagation",
    "reportingDelay",
    "skew",
    "lastUseResolution",
  ])("vendor %s", (property) => {
    expect(refusesPictify({ [property]: token() })).toThrow(`${property} must be a literal`);
  });

  test("vendor organizationId", () => {
    expect(refusesPictograph({ organizationId: token() })).toThrow("organizationId must be a literal");
  });

  test.each(["name", "type", "overlap", "quiet", "deadline", "onDeadline"])("key %s", (property) => {
    expect(pictifyKey({ [property]: token() })).toThrow(`${property} must be a literal`);
  });

  test.each(["name", "type"])("allow.%s", (property) => {
    expect(refusesPictify({ allow: [{ name: "ci", type: "test", [property]: token() }] })).toThrow(
      `allow.${property} must be a literal`,
    );
  });
});
