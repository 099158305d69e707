import { describe, expect, test } from "vitest";
import { secretObject } from "../../../../lambdas/targets/kubernetes/objects.ts";
import { checkOwner, hasOwnerLabels, ownerLabels } from "../../../../lambdas/targets/kubernetes/ownership.ts";
import { secretPath } from "../../../../lambdas/targets/kubernetes/rules.ts";

const OWNER = { service: "prod", key: "webshop", versionIds: ["version-1", "version-2"] };
const PATH = secretPath("web", "pictify-credentials");

const written = (service: string, key: string, version: string) => {
  const labels = ownerLabels({ service, key });
  const annotations = { "keyturn.dev/version": version };
  return secretObject.parse({ metadata: { name: "pictify-credentials", labels, annotations } }).metadata;
};

describe("an object in a cluster", () => {
  test("that was written for a key under its former name is the key's, and is labelled anew", () => {
    const metadata = written("prod", "web", "version-1");
    expect(() => checkOwner(metadata, PATH, OWNER)).not.toThrow();
    expect(hasOwnerLabels(metadata, OWNER)).toBe(false);
  });

  test("that has the key's name is the key's, whatever version it has", () => {
    const metadata = written("prod", "webshop", "version-0");
    expect(() => checkOwner(metadata, PATH, OWNER)).not.toThrow();
    expect(hasOwnerLabels(metadata, OWNER)).toBe(true);
  });

  test.each([
    ["of another key", written("prod", "web", "version-of-another-secret")],
    ["of another service", written("staging", "webshop", "version-1")],
  ])("%s is not touched", (_, metadata) => {
    expect(() => checkOwner(metadata, PATH, OWNER)).toThrow("is written for the key");
  });
});
