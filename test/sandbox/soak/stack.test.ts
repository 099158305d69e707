import { describe, expect, test } from "vitest";
import { PICTIFY_LIMITS } from "../../../sandbox/vendors/pictify-options.ts";
import { SOAK_PLANS, soakConfiguration, soakKeyCounts } from "../../../stacks/soak-configuration.ts";

const ENVIRONMENT = {
  PICTOGRAPH_URL: "http://127.0.0.1:1",
  PICTOGRAPH_ORGANIZATION_ID: "00000000-0000-4000-8000-000000000000",
  PICTIFY_URL: "http://127.0.0.1:2",
};

describe("the soak's stack", () => {
  test.each([
    [50, { pictograph: 25, pictify: 25 }],
    [100, { pictograph: 75, pictify: 25 }],
    [3, { pictograph: 2, pictify: 1 }],
  ])("of %i keys has half of each vendor, and no more of Pictify than have a second slot", (keys, counts) => {
    expect(soakKeyCounts(keys)).toEqual(counts);
    expect(counts.pictify * 2).toBeLessThanOrEqual(PICTIFY_LIMITS[SOAK_PLANS.pictify].live);
  });

  test("has as many keys as it is told, 50 where it is not, each with a name of its own", () => {
    const names = (environment: Readonly<Record<string, string>>) => {
      const { pictographKeys, pictifyKeys } = soakConfiguration({ ...ENVIRONMENT, ...environment });
      return new Set([...Object.values(pictographKeys), ...Object.values(pictifyKeys)].map(({ name }) => name));
    };

    expect(names({}).size).toBe(50);
    expect(names({ KEYTURN_SOAK_KEYS: "7" }).size).toBe(7);
  });

  test("says which variable is missing", () => {
    expect(() => soakConfiguration({})).toThrow("PICTOGRAPH_URL is not set");
  });
});
