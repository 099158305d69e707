import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  generationOf,
  isCutOff,
  keyName,
  NAME_FORM,
  ownedName,
  serviceId,
} from "../../../lambdas/contracts/key-name.ts";

const FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:keyturn-prod-rotate";
const SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keyturn/prod/web-AbCdEf";

const name = fc.stringMatching(NAME_FORM);

describe("a minted key's name", () => {
  test("tells name, service and generation, whatever the declared name", () => {
    fc.assert(
      fc.property(name, fc.string({ minLength: 1 }), fc.string(), (declared, service, versionId) => {
        const id = serviceId(service, SECRET_ARN);
        const generation = generationOf(versionId);
        const owned = { name: declared, serviceId: id, generation, addition: "" };
        expect(ownedName(keyName(declared, id, generation))).toEqual(owned);
      }),
    );
  });

  test.each([" (2)", "-copy", "…"])("still says whose the key is with %s behind it", (addition) => {
    const minted = keyName("web", "0".repeat(8), "1".repeat(10));
    expect(ownedName(minted + addition)).toEqual({ ...ownedName(minted), addition });
  });

  test("that a vendor cut off behind the service's id tells the service alone", () => {
    for (const cut of ["web-kt-12345678", "web-kt-12345678-", "web-kt-12345678-123456789"])
      expect([isCutOff(cut, "12345678"), isCutOff(cut, "87654321")]).toEqual([true, false]);
    for (const other of ["web-kt-1234567", "web-kt-12345678-1234567890", "web-kt-12345678 of ours"])
      expect(isCutOff(other, "12345678")).toBe(false);
  });

  test("fits in 64 characters", () => {
    const longest = keyName("a".repeat(40), "0".repeat(8), "0".repeat(10));
    expect(longest.length).toBeLessThanOrEqual(64);
  });

  test("is told apart from names that people give", () => {
    expect(ownedName("Production API Server")).toBeUndefined();
    expect(ownedName("web-kt-12345678-123456789")).toBeUndefined();
    expect(ownedName("web-kt-12345678-12345678901")).toBeUndefined();
  });

  test("differs for tokens that share their first 20 characters", () => {
    expect(generationOf("terraform-20261121220000000000000001")).not.toBe(
      generationOf("terraform-20261121220000000000000002"),
    );
  });
});

describe("a service's id", () => {
  test("is the same from the ARN of a function and of a secret", () => {
    expect(serviceId("prod", FUNCTION_ARN)).toBe(serviceId("prod", SECRET_ARN));
  });

  test.each([
    ["another name", "stage", FUNCTION_ARN],
    ["another account", "prod", FUNCTION_ARN.replace("123456789012", "123456789013")],
    ["another region", "prod", FUNCTION_ARN.replace("eu-central-1", "eu-west-1")],
  ])("differs for %s", (_, service, arn) => {
    expect(serviceId(service, arn)).not.toBe(serviceId("prod", FUNCTION_ARN));
  });

  test("is refused for what is not an ARN, with the value received", () => {
    expect(() => serviceId("prod", "web")).toThrow("not an ARN with region and account: web");
  });
});
