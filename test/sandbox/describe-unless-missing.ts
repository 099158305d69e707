import { describe, inject, test } from "vitest";
import { describeMissing, type MissingPrerequisite } from "../../sandbox/prerequisites.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Set for the project whose tests may need tools of the machine. */
    readonly mayNeedTools: true;
  }
}

/**
 * A `describe` for tests that need tools of the machine. Where one is missing they are skipped, with the reason in
 * their title; with `KEYTURN_REQUIRE_ALL=1` (CI) they fail instead.
 * @throws Error in a unit test
 */
export const describeUnlessMissing = (
  missing: readonly (MissingPrerequisite | undefined)[],
  title: string,
  body: () => void,
): void => {
  if (!inject("mayNeedTools"))
    throw new Error(`"${title}" needs tools of the machine: name its file as an integration test in vitest.config.ts`);
  const reasons = missing.filter((prerequisite) => prerequisite !== undefined);
  if (reasons.length === 0) describe(title, body);
  else if (process.env.KEYTURN_REQUIRE_ALL === "1") describe(title, () => failFor(reasons));
  else describe.skip(`${title} (skipped, as this is missing: ${reasons.map(({ name }) => name).join(", ")})`, body);
};

const failFor = (reasons: readonly MissingPrerequisite[]): void => {
  test("everything that these tests need is there, as KEYTURN_REQUIRE_ALL=1 demands", () => {
    throw new Error(describeMissing(reasons));
  });
};
