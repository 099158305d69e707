import { expect, test } from "vitest";
import { ACTS } from "../../conformance/beside/acts.ts";
import { CHAPTERS } from "../../conformance/chapters/chapters.ts";
import { MUTANTS } from "../../conformance/mutants/mutants.ts";
import { rowOf, source } from "./pages.ts";

const PAGE = "docs/conformance.md";

test("every chapter and every mutant of the conformance kit has its row", () => {
  const names = [...CHAPTERS, ...MUTANTS].map(({ name }) => name);
  expect(names.filter((name) => rowOf(PAGE, name) === "")).toEqual([]);
});

test("everything that may happen beside an effect is in its table", () => {
  expect(
    Object.keys(ACTS).filter((word) => !source(PAGE).includes(`\`${word.replace(/^tag-off(?!-service)/, "")}\``)),
  ).toEqual([]);
});

test("every promise that the kit can find broken is in its table", () => {
  const files = [
    "promises/witness",
    "promises/target-witness",
    "stage/stage",
    "stage/person",
    "stage/readers",
    "target/pod-callers",
    "effects/way-to-vendor",
    "play",
  ].map((name) => source(`conformance/${name}.ts`));
  const told = files.flatMap((text) => [...text.matchAll(/violation\(\s*"([^"]+)"/g)].map(([, promise]) => promise));
  const [, promises = ""] = /const PROMISES = \{([\s\S]*?)\}/.exec(files[0] ?? "") ?? [];
  const listed = [...promises.matchAll(/: "([^"]+)"/g)].map(([, promise]) => promise);
  const missing = [...told, ...listed].filter((one) => one !== "the kit" && !source(PAGE).includes(`| ${one} |`));
  expect(listed.length).toBeGreaterThan(5);
  expect(missing).toEqual([]);
});
