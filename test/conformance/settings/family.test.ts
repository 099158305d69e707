import { describe, expect, test } from "vitest";
import { carryOut } from "../../../conformance/assignment.ts";
import { COMBINED_SETTINGS, NAMED_SETTINGS, settings, settingTwist } from "../../../conformance/settings/family.ts";
import { OTHERWISE } from "../../../conformance/settings/model-settings.ts";
import { defaultModelParameters, type ModelParameters } from "../../../sandbox/secrets-manager/index.ts";
import { seededRandom } from "../../../sandbox/vendors/random-source.ts";

const CALM = { chapter: "rotation", vendor: "pictify", twists: [], effects: [] };

const valuesOf = (name: keyof ModelParameters): readonly string[] =>
  [defaultModelParameters[name], ...(OTHERWISE[name] ?? []).map(({ value }) => value)].map((value) =>
    JSON.stringify(value),
  );

test("in the combined settings each value of each parameter, the default included, meets each value of each other one", () => {
  const names = Object.keys(OTHERWISE) as (keyof ModelParameters)[];
  const missing = names.flatMap((a, n) =>
    names.slice(n + 1).flatMap((b) =>
      valuesOf(a).flatMap((x) =>
        valuesOf(b).flatMap((y) => {
          const isThere = COMBINED_SETTINGS.some(
            ({ parameters }) => JSON.stringify(parameters[a]) === x && JSON.stringify(parameters[b]) === y,
          );
          return isThere ? [] : [`${a} ${x}, ${b} ${y}`];
        }),
      ),
    ),
  );
  expect(missing).toEqual([]);
});

test("a life is played under each named setting and each combined one", () => {
  const lives = settings.inFull(CALM);
  expect(lives).toHaveLength(NAMED_SETTINGS.length + COMBINED_SETTINGS.length);
  expect(lives.map(({ twists }) => twists)).toContainEqual(["setting=new-retry-token"]);
});

test("the same random numbers draw the same setting", () => {
  const draw = () => settings.draw(CALM, seededRandom(5))?.twist;
  expect(draw()).toBe(draw());
  expect(draw()).toMatch(/^setting=[\w-]+$/);
});

test("a setting that there is not is refused with those that there are", () => {
  expect(() => settingTwist("new-token")).toThrow(/no setting "new-token"; there are .*new-retry-token/);
});

describe("a life keeps every promise", () => {
  test.each([
    ["rotation/pictograph", "steps-side-by-side"],
    ["first-key/pictify", "labels-late"],
    ["rotation/pictify", "in-the-last-second-of-the-window"],
    ["destroy/pictograph", "row-7"],
  ])("%s with %s", async (place, setting) => {
    const [chapter = "", vendor = ""] = place.split("/");
    const { violations } = await carryOut({ chapter, vendor, seed: 3, twists: [`setting=${setting}`] });
    expect(violations).toEqual([]);
  });
});
