import { expect, test } from "vitest";
import { LEFT_OUT, OTHERWISE } from "../../../conformance/settings/model-settings.ts";
import { defaultModelParameters, type ModelParameters } from "../../../sandbox/secrets-manager/index.ts";

const all = Object.keys(defaultModelParameters) as (keyof ModelParameters)[];

test("each parameter of the model is in a setting, or left out for a reason", () => {
  const missing = all.filter((name) => (OTHERWISE[name] ?? []).length === 0 && !LEFT_OUT[name]);
  expect(missing).toEqual([]);
});

test("none is both, and none is there that the model does not have", () => {
  const named = [...Object.keys(OTHERWISE), ...Object.keys(LEFT_OUT)];
  expect(named.toSorted()).toEqual(all.toSorted());
});

test("each setting has a name of its own, and a value that is not the default", () => {
  const settings = Object.values(OTHERWISE).flat();
  expect(new Set(settings.map(({ setting }) => setting)).size).toBe(settings.length);
  for (const name of all)
    for (const { value } of OTHERWISE[name] ?? []) expect(value).not.toEqual(defaultModelParameters[name]);
});
