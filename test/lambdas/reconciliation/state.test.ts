import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isPendingLeftOver, STATES, stateOf } from "../../../lambdas/reconciliation/decide/state.ts";
import { sectionOf } from "../../docs/pages.ts";

/** A secret with that one version. */
const alone = (labels: readonly string[]) => ({ stages: { v: labels }, deletedAtMs: undefined });

const AT = "2026-11-22T12:00:00.000Z";

describe("a version with", () => {
  test.each([
    [["AWSCURRENT"], "current"],
    [["AWSCURRENT", `keyturn/compromised/${AT}`], "current"],
    [["AWSCURRENT", `keyturn/compromised-first/${AT}`], "compromised first"],
    [["AWSPENDING"], "pending"],
    [["AWSPENDING", `keyturn/abandoned/${AT}`], "pending"],
    [["AWSPENDING", "AWSPREVIOUS"], "superseded"],
    [["AWSPENDING", `keyturn/retiring/${AT}`], "retiring"],
    [["AWSPREVIOUS"], "superseded"],
    [["AWSPREVIOUS", `keyturn/retiring/${AT}`], "retiring"],
    [[`keyturn/retiring/${AT}`, `keyturn/revoking/${AT}`], "revoking"],
    [[`keyturn/retiring/${AT}`, `keyturn/compromised/${AT}`], "compromised"],
    [[`keyturn/abandoned/${AT}`], "abandoned"],
    [["AWSPREVIOUS", `keyturn/abandoned/${AT}`], "superseded"],
    [[`keyturn/adopting/${AT}`], "adopting"],
    [[`keyturn/denied/${AT}`], "denied"],
    [["somebody's own"], "superseded"],
  ])("%j is %s", (labels, state) => {
    expect(stateOf(alone(labels), labels)).toBe(state);
  });

  test.each([
    [["AWSCURRENT"], "awaiting deletion"],
    [["AWSPENDING"], "awaiting deletion"],
    [[`keyturn/retiring/${AT}`], "retiring"],
  ])("%j of a secret that is marked for deletion is %s", (labels, state) => {
    expect(stateOf({ stages: { v: labels }, deletedAtMs: 1 }, labels)).toBe(state);
  });

  test("any labels, of a secret that was destroyed, is destroyed", () => {
    const stages = { v: ["AWSCURRENT"], w: [`keyturn/destroyed/${AT}`] };
    expect(stateOf({ stages, deletedAtMs: undefined }, ["AWSCURRENT"])).toBe("destroyed");
  });

  test("an AWSPENDING that is left over is what it is without it", () => {
    const label = fc.constantFrom(
      "AWSPENDING",
      "AWSPREVIOUS",
      ...["retiring", "revoking", "abandoned", "compromised", "compromised-first"].map(
        (mark) => `keyturn/${mark}/${AT}`,
      ),
    );
    fc.assert(
      fc.property(fc.uniqueArray(label, { minLength: 1 }), (labels) => {
        fc.pre(isPendingLeftOver(labels));
        const without = labels.filter((one) => one !== "AWSPENDING");
        expect(stateOf(alone(labels), labels)).toBe(stateOf(alone(without), without));
      }),
    );
  });
});

test("the page on retirement has every state, with its labels and what reconcile does", () => {
  const rows = Object.entries(STATES).map(([state, { labels, does }]) => `| ${state} | ${labels} | ${does} |`);
  const told = sectionOf("docs/retirement.md", "The states of a version")
    .split("\n")
    .filter((line) => line.startsWith("|"));
  expect(told.slice(2)).toEqual(rows);
});
