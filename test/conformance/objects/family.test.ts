import { describe, expect, test } from "vitest";
import { carryOut } from "../../../conformance/assignment.ts";
import { parseLifeName } from "../../../conformance/life-name.ts";
import { OBJECT_ACTS } from "../../../conformance/objects/act.ts";
import { objects, objectTwist } from "../../../conformance/objects/family.ts";

const played = (life: string) => carryOut({ ...parseLifeName(life), seed: 1 }, true);

describe("a life in which an object takes the key, and then", () => {
  test.each(Object.keys(OBJECT_ACTS))("%s: keeps every promise", async (act) => {
    const { violations } = await played(`rotation/pictograph+object=${act}@5`);
    expect(violations).toEqual([]);
  });

  test("is replaced gets another generation through the provider's own code", async () => {
    const { trace = [] } = await played("rename/pictify+object=replace@1");
    expect(trace.join("\n")).toMatch(/Terraform ends the object claim-1[\s\S]*-keyturn\/claim\/claim-1/);
    expect(trace.join("\n")).toMatch(/\+keyturn\/claim\/claim-2/);
  });

  test("never comes so far is told", async () => {
    const { violations } = await played("rotation/pictify+object=replace@9000");
    expect(violations.map(({ what }) => what)).toContain("replace@9000 is to come when the life ends");
  });
});

test("what is no act of an object is refused with those that there are", () => {
  expect(() => objectTwist("vanish@3")).toThrow(/replace, replace-twice, rename, second-state/);
});

test("a chapter in which a person ends the key has no lives with objects", () => {
  expect(objects.inFull({ chapter: "destroy", vendor: "pictify", twists: [], effects: [] })).toEqual([]);
});
