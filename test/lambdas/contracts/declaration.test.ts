import { describe, expect, test } from "vitest";
import { type Declaration, declarationOf, declarationTags } from "../../../lambdas/contracts/declaration.ts";
import { type GrantsFile, grantFor, grantsOf } from "../../../lambdas/contracts/grants.ts";
import { settingsOfTest } from "../settings-of-test.ts";

const declaration: Declaration = {
  service: "prod",
  connection: "pictograph",
  name: "web",
  access: { kind: "role", value: "member" },
  overlapMs: 86_400_000,
  quietMs: 3_600_000,
  deadlineMs: 14 * 86_400_000,
  onDeadline: "report",
};
const tags = declarationTags(declaration);
const SECRET = "keyturn/prod/web";

describe("a declaration", () => {
  test("is carried by tags and read back whole", () => {
    expect(declarationOf(tags, SECRET)).toEqual(declaration);
  });

  test("has AWS's character set in every tag", () => {
    for (const [key, value] of Object.entries(tags)) expect(`${key}${value}`).toMatch(/^[\w .:/=+@-]+$/);
  });

  test("takes AWS's and people's own tags in its stride", () => {
    expect(declarationOf({ ...tags, Team: "web", "aws:cloudformation:stack-id": "x" }, SECRET)).toEqual(declaration);
  });

  test.each([
    ["no keyturn:service", { Team: "web" }, "NOT_MANAGED", "has no tag keyturn:service"],
    ["a bad name", { ...tags, "keyturn:name": "Web App" }, "BAD_INPUT", "name: must be 1 to 40 of a-z"],
    ["a bad overlap", { ...tags, "keyturn:overlap": "24h" }, "BAD_INPUT", "overlap: must be an ISO 8601 duration"],
    ["an overlap of zero", { ...tags, "keyturn:overlap": "PT0S" }, "BAD_INPUT", "overlap: must be an ISO 8601"],
    ["role and type", { ...tags, "keyturn:type": "live" }, "BAD_INPUT", "exactly one of keyturn:role and keyturn:type"],
  ])("is refused with %s", (_, bad, code, message) => {
    expect(() => declarationOf(bad, SECRET)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

const connection = {
  vendor: "pictograph",
  adminSecret: "keyturn/pictograph",
  baseUrl: "https://api.pictograph.io",
  organizationId: "org",
  plan: "pro",
  propagation: "PT5S",
  reportingDelay: "PT5M",
  skew: "PT5M",
  serves: [{ secret: SECRET, name: "web", role: "member" }],
};
const file: GrantsFile = {
  ...settingsOfTest,
  connections: { pictograph: connection },
};
const serving = (...serves: GrantsFile["connections"][string]["serves"]) =>
  grantsOf({ ...file, connections: { pictograph: { ...connection, serves } } });

describe("what a service grants", () => {
  test("is exactly the declared key", () => {
    expect(grantFor(grantsOf(file), declaration, SECRET).connection.adminSecret).toBe("keyturn/pictograph");
  });

  test.each([
    ["another role", { ...declaration, access: { kind: "role", value: "owner" } } as const, SECRET],
    ["another vendor's access", { ...declaration, access: { kind: "type", value: "member" } } as const, SECRET],
    ["another name", { ...declaration, name: "other" }, SECRET],
    ["another secret", declaration, "keyturn/prod/other"],
    ["a connection that is not there", { ...declaration, connection: "pictify" }, SECRET],
  ])("is not %s", (_, asked, secret) => {
    expect(() => grantFor(grantsOf(file), asked, secret).connection).toThrow(
      expect.objectContaining({ code: "NOT_GRANTED" }),
    );
  });

  test("is nothing for another service's secret", () => {
    expect(() => grantFor(grantsOf(file), { ...declaration, service: "stage" }, SECRET).connection).toThrow(
      expect.objectContaining({ code: "NOT_MANAGED" }),
    );
  });

  test("can be widened by patterns", () => {
    const grants = serving({ secret: "keyturn/prod/*", name: "w*", role: "*" });
    expect(grantFor(grants, declaration, SECRET).connection).toBeDefined();
  });

  test.each(["owner", "admin"])("never has the role %s by a wildcard, only by its name", (role) => {
    const asked = { ...declaration, access: { kind: "role", value: role } } as const;
    expect(() => grantFor(serving({ secret: "*", name: "*", role: "*" }), asked, SECRET).connection).toThrow(
      "does not grant",
    );
    expect(grantFor(serving({ secret: "*", name: "*", role }), asked, SECRET).connection).toBeDefined();
  });

  test("names every property that is wrong", () => {
    expect(() => grantsOf({ ...file, strayAge: "a day", maxStrayRevocations: 0, extra: 1 })).toThrow(
      /strayAge: .*maxStrayRevocations: .*extra/s,
    );
  });
});
