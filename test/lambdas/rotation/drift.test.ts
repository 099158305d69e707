import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Access } from "../../../lambdas/contracts/access.ts";
import { keyName } from "../../../lambdas/contracts/key-name.ts";
import { driftOf } from "../../../lambdas/rotation/drift.ts";

const member: Access = { kind: "role", value: "member" };
const viewer: Access = { kind: "role", value: "viewer" };
const name = (of: string) => keyName(of, "0a1b2c3d", "0123456789");

describe("a generation", () => {
  test("that is as declared has no drift", () => {
    expect(driftOf({ name: "web", access: member }, { name: name("web"), access: "member" }, member)).toBeUndefined();
  });

  test("with another name keeps service id and generation in the one that it should have", () => {
    const drift = driftOf({ name: "api", access: member }, { name: name("web"), access: "member" });
    expect(drift).toEqual({ name: name("api") });
  });

  test("that people named keeps its name", () => {
    expect(driftOf({ name: "api", access: member }, { name: "Production", access: "member" })).toBeUndefined();
  });

  test("is judged by the vendor's list, not by what its value was issued with", () => {
    expect(driftOf({ name: "web", access: viewer }, { name: name("web"), access: "viewer" }, member)).toBeUndefined();
    expect(driftOf({ name: "web", access: member }, { name: name("web"), access: "viewer" }, member)).toEqual({
      access: member,
    });
  });

  test("is judged by its value where the list does not tell", () => {
    expect(driftOf({ name: "web", access: viewer }, { name: name("web") }, member)).toEqual({ access: viewer });
    expect(driftOf({ name: "web", access: viewer }, { name: name("web") }, viewer)).toBeUndefined();
    expect(driftOf({ name: "web", access: viewer }, { name: name("web") })).toBeUndefined();
  });
});

test("what was changed as the drift says has none any more", () => {
  const text = fc.stringMatching(/^[a-z0-9]{1,10}$/);
  const access = fc.constantFrom("viewer", "member", "admin");
  fc.assert(
    fc.property(text, text, access, access, access, (declared, listed, asked, has, stored) => {
      const declaration = { name: declared, access: { kind: "role", value: asked } } as const;
      const before = { name: name(listed), access: has };
      const drift = driftOf(declaration, before, { kind: "role", value: stored });
      const after = { name: drift?.name ?? before.name, access: drift?.access?.value ?? before.access };
      expect(driftOf(declaration, after, { kind: "role", value: stored })).toBeUndefined();
    }),
  );
});
